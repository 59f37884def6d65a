// SPDX-License-Identifier: MIT
package org.memwell;

import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;

/**
 * An object of the native library's. It is freed when Java has forgotten it, so that no call can meet one that is gone; closing it
 * is a call like others, which any thread may make at any time.
 */
abstract class Handle {
  static final Cleaner CLEANER = Cleaner.create();

  final long swigCPtr;
  private final Object keeps;

  /** {@code keeps} is what must not be forgotten before this object: the well of a mutex, the region of a view. Or null. */
  Handle(long pointer, Object keeps, LongConsumer free) {
    this.swigCPtr = pointer;
    this.keeps = keeps;
    CLEANER.register(this, new Freeing(pointer, keeps, free));
  }

  private record Freeing(long pointer, Object keeps, LongConsumer free) implements Runnable {
    @Override
    public void run() {
      free.accept(pointer);
    }
  }

  /** What an object that is made from this one has to keep. */
  final Object keeps() {
    return keeps == null ? this : keeps;
  }
}
