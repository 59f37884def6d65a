// SPDX-License-Identifier: MIT
package org.memwell;

/** An index outside (ERANGE). */
public final class RangeException extends MemwellException {
  private static final long serialVersionUID = 1L;

  RangeException(String code, int errno, String message) {
    super(code, errno, message);
  }

  RangeException(String message) {
    this("ERANGE", 34, message);
  }
}
