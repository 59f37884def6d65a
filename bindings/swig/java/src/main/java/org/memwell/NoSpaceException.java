// SPDX-License-Identifier: MIT
package org.memwell;

/** No room in the file system (ENOSPC). */
public final class NoSpaceException extends MemwellException {
  private static final long serialVersionUID = 1L;

  NoSpaceException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
