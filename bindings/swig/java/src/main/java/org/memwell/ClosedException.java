// SPDX-License-Identifier: MIT
package org.memwell;

/** The object, or the region behind a view, was closed (ECLOSED). */
public final class ClosedException extends MemwellException {
  private static final long serialVersionUID = 1L;

  ClosedException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
