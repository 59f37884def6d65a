// SPDX-License-Identifier: MIT
package org.memwell;

/** The memory went away: its file was cut (EFAULT). */
public final class FaultException extends MemwellException {
  private static final long serialVersionUID = 1L;

  FaultException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
