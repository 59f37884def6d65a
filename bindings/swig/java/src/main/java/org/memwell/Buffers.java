// SPDX-License-Identifier: MIT
package org.memwell;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory as direct buffers, each of which holds it. */
final class Buffers {
  private Buffers() {}

  private static native ByteBuffer show(long address, long size);

  private static native void drop(long held);

  private record Dropping(long held, Object keeps) implements Runnable {
    @Override
    public void run() {
      drop(held);
    }
  }

  /** From {address, size, whether it is read-only, what is held}. Slices and duplicates keep the buffer that they come from. */
  static ByteBuffer make(long[] parts, Handle of) {
    if (parts[1] > Integer.MAX_VALUE) {
      drop(parts[3]);
      throw new NotSupportedException(
          parts[1] + " bytes: a ByteBuffer has no more than " + Integer.MAX_VALUE + "; take parts by Region.buffer(offset, size)");
    }
    ByteBuffer memory = show(parts[0], parts[1]);
    Handle.CLEANER.register(memory, new Dropping(parts[3], of.keeps()));
    ByteBuffer shown = parts[2] == 0 ? memory : memory.asReadOnlyBuffer();
    return shown.order(ByteOrder.nativeOrder());
  }

  /** What is between the position and the limit of a direct buffer. */
  static ByteBuffer direct(ByteBuffer data) {
    if (!data.isDirect()) throw new InvalidArgumentException("a direct buffer is wanted; of another one pass the array");
    return data.slice();
  }
}
