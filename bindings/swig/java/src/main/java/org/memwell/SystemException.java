// SPDX-License-Identifier: MIT
package org.memwell;

/** Whatever else the operating system says; errno() tells. */
public final class SystemException extends MemwellException {
  private static final long serialVersionUID = 1L;

  SystemException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
