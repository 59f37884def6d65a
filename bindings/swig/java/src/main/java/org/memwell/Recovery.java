// SPDX-License-Identifier: MIT
package org.memwell;

/**
 * A mutex that was acquired to be mended, if need be: {@code try (var recovery = mutex.recover()) { if (recovery.isNeeded()) {
 * ...; recovery.mended(); } }}. Closed before {@code mended()} was called, what is inconsistent stays so for the next one.
 */
public final class Recovery implements AutoCloseable {
  private final Mutex mutex;
  private final boolean needed;
  private boolean mended;
  private boolean closed;

  Recovery(Mutex mutex, boolean needed) {
    this.mutex = mutex;
    this.needed = needed;
  }

  /** Whether a process died while it held the mutex. */
  public boolean isNeeded() {
    return needed;
  }

  /** What the mutex protects is consistent again. */
  public void mended() {
    mended = true;
  }

  @Override
  public void close() {
    if (closed) return;
    closed = true;
    if (needed) mutex.recoverEnd(mended);
    if (!needed || mended) mutex.release();
  }
}
