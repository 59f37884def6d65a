// SPDX-License-Identifier: MIT
package org.memwell;

/** Out of memory (ENOMEM). */
public final class MemoryException extends MemwellException {
  private static final long serialVersionUID = 1L;

  MemoryException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
