// SPDX-License-Identifier: MIT
package org.memwell;

/** Its creator is not done yet (EAGAIN). */
public final class NotReadyException extends MemwellException {
  private static final long serialVersionUID = 1L;

  NotReadyException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
