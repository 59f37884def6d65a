// SPDX-License-Identifier: MIT
package org.memwell;

/** The time was up (ETIMEDOUT). */
public final class TimeoutException extends MemwellException {
  private static final long serialVersionUID = 1L;

  TimeoutException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
