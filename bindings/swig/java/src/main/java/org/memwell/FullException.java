// SPDX-License-Identifier: MIT
package org.memwell;

/** In a well: no room (EFULL). */
public final class FullException extends MemwellException {
  private static final long serialVersionUID = 1L;

  FullException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
