// SPDX-License-Identifier: MIT
package org.memwell;

/** This process does not hold it (ENOTOWNER). */
public final class NotOwnerException extends MemwellException {
  private static final long serialVersionUID = 1L;

  NotOwnerException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
