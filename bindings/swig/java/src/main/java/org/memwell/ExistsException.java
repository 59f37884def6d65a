// SPDX-License-Identifier: MIT
package org.memwell;

/** The name is taken (EEXIST). */
public final class ExistsException extends MemwellException {
  private static final long serialVersionUID = 1L;

  ExistsException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
