// SPDX-License-Identifier: MIT
package org.memwell;

/** A turn that was acquired; closing it gives it back, once. */
public final class Hold implements AutoCloseable {
  private Runnable release;

  Hold(Runnable release) {
    this.release = release;
  }

  @Override
  public void close() {
    Runnable owed;
    synchronized (this) {
      owed = release;
      release = null;
    }
    if (owed != null) owed.run();
  }
}
