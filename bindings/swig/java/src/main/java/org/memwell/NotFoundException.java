// SPDX-License-Identifier: MIT
package org.memwell;

/** There is no such name (ENOENT). */
public final class NotFoundException extends MemwellException {
  private static final long serialVersionUID = 1L;

  NotFoundException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
