// SPDX-License-Identifier: MIT
package org.memwell;

/** Broken (EBROKEN). */
public final class BrokenException extends MemwellException {
  private static final long serialVersionUID = 1L;

  BrokenException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
