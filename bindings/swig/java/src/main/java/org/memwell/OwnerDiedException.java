// SPDX-License-Identifier: MIT
package org.memwell;

/** A process died while it held the mutex: mend first, with recover() (EOWNERDEAD). */
public final class OwnerDiedException extends MemwellException {
  private static final long serialVersionUID = 1L;

  OwnerDiedException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
