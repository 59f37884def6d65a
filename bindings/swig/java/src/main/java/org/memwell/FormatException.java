// SPDX-License-Identifier: MIT
package org.memwell;

/** Not memwell's, another version, or damaged (EFORMAT). */
public final class FormatException extends MemwellException {
  private static final long serialVersionUID = 1L;

  FormatException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
