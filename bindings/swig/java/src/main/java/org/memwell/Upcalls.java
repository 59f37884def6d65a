// SPDX-License-Identifier: MIT
package org.memwell;

/** What the native library calls. */
final class Upcalls {
  private Upcalls() {}

  static Throwable exception(byte[] kind, byte[] code, int errno, byte[] message) {
    String name = Text.decode(code);
    return MemwellException.of(Text.decode(kind), name.startsWith("MW_") ? name.substring(3) : name, errno, Text.decode(message));
  }

  static boolean isInterrupted() {
    return Thread.currentThread().isInterrupted();
  }

  /** As Java's own waits do, this takes the interruption away. */
  static Throwable interruption() {
    Thread.interrupted();
    return new InterruptedException("interrupted while waiting for shared memory");
  }
}
