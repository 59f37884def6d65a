// SPDX-License-Identifier: MIT
package org.memwell;

/** This kind of memory, this system or Java cannot (ENOTSUP). */
public final class NotSupportedException extends MemwellException {
  private static final long serialVersionUID = 1L;

  NotSupportedException(String code, int errno, String message) {
    super(code, errno, message);
  }

  NotSupportedException(String message) {
    this("ENOTSUP", 95, message);
  }
}
