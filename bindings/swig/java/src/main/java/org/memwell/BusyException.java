// SPDX-License-Identifier: MIT
package org.memwell;

/** Somebody holds or uses it (EBUSY). */
public final class BusyException extends MemwellException {
  private static final long serialVersionUID = 1L;

  BusyException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
