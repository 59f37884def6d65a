// SPDX-License-Identifier: MIT
package org.memwell;

/** In a well: another kind of object (EKIND). */
public final class KindException extends MemwellException {
  private static final long serialVersionUID = 1L;

  KindException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
