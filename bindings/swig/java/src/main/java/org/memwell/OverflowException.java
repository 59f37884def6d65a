// SPDX-License-Identifier: MIT
package org.memwell;

/** A value that does not fit (EOVERFLOW). */
public final class OverflowException extends MemwellException {
  private static final long serialVersionUID = 1L;

  OverflowException(String code, int errno, String message) {
    super(code, errno, message);
  }

  OverflowException(String message) {
    this("EOVERFLOW", 75, message);
  }
}
