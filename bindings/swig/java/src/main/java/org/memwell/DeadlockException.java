// SPDX-License-Identifier: MIT
package org.memwell;

/** This thread holds it already (EDEADLK). */
public final class DeadlockException extends MemwellException {
  private static final long serialVersionUID = 1L;

  DeadlockException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
