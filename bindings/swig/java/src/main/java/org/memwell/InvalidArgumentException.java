// SPDX-License-Identifier: MIT
package org.memwell;

/** An argument that cannot be (EINVAL). */
public final class InvalidArgumentException extends MemwellException {
  private static final long serialVersionUID = 1L;

  InvalidArgumentException(String code, int errno, String message) {
    super(code, errno, message);
  }

  InvalidArgumentException(String message) {
    this("EINVAL", 22, message);
  }
}
