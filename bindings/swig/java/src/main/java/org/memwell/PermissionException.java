// SPDX-License-Identifier: MIT
package org.memwell;

/** Not allowed, another user's, or sealed (EACCES, EPERM). */
public final class PermissionException extends MemwellException {
  private static final long serialVersionUID = 1L;

  PermissionException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
