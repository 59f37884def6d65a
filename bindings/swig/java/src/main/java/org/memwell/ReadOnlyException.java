// SPDX-License-Identifier: MIT
package org.memwell;

/** A write to what is read-only (EREADONLY). */
public final class ReadOnlyException extends MemwellException {
  private static final long serialVersionUID = 1L;

  ReadOnlyException(String code, int errno, String message) {
    super(code, errno, message);
  }
}
