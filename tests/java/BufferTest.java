// SPDX-License-Identifier: MIT
package org.memwell.test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.memwell.FaultException;
import org.memwell.InvalidArgumentException;
import org.memwell.NotSupportedException;
import org.memwell.Options;
import org.memwell.ReadOnlyException;
import org.memwell.Region;
import org.memwell.View;

/** Memory as direct buffers. */
class BufferTest {
  @Test
  void aBufferIsTheMemoryItself() {
    try (Region region = Region.anonymous(4096)) {
      ByteBuffer buffer = region.buffer();
      assertTrue(buffer.isDirect());
      assertFalse(buffer.isReadOnly());
      assertEquals(4096, buffer.capacity());
      assertEquals(ByteOrder.nativeOrder(), buffer.order());
      buffer.putInt(8, 0x01020304);
      assertEquals(0x01020304L, region.view("int32").get(2));
      region.view("float64").set(4, 2.5);
      assertEquals(2.5, buffer.asDoubleBuffer().get(4));
    }
  }

  @Test
  void aPartOfARegionOrOfAView() {
    try (Region region = Region.anonymous(4096)) {
      region.write(new byte[] {1, 2, 3, 4}, 100);
      ByteBuffer part = region.buffer(100, 4);
      assertEquals(4, part.capacity());
      assertEquals(3, part.get(2));
      assertEquals(0, region.buffer(4096, 0).capacity());
      assertThrows(InvalidArgumentException.class, () -> region.buffer(4000, 97));
      assertThrows(InvalidArgumentException.class, () -> region.buffer(4097, 0));
      assertThrows(InvalidArgumentException.class, () -> region.buffer(-1, 1));
      assertThrows(InvalidArgumentException.class, () -> region.buffer(0, -1));
      View view = region.view("uint8", new long[] {2, 2}, 100);
      assertEquals(4, view.buffer().get(3));
      assertEquals(3, view.select(0, 1).buffer().get(0));
      assertThrows(InvalidArgumentException.class, () -> view.select(1, 0).buffer());
    }
  }

  @Test
  void readOnlyMemoryIsAReadOnlyBuffer() {
    String name = Machine.name("read");
    try (Region region = Region.create(name, 4096, new Options().temporary(true));
        Region reader = Region.attach(name, new Options().readOnly(true))) {
      ByteBuffer buffer = reader.buffer();
      region.fill(3);
      assertEquals(3, buffer.get(9));
      assertEquals(ByteOrder.nativeOrder(), buffer.order());
      assertThrows(ReadOnlyBufferException.class, () -> buffer.put(0, (byte) 1));
      assertTrue(reader.view().buffer().isReadOnly());
      assertThrows(ReadOnlyException.class, () -> reader.write(new byte[1]));
      assertThrows(ReadOnlyException.class, () -> reader.view().set(0, 1));
    } catch (InterruptedException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @Test
  void moreThanAByteBufferHasIsTakenInParts() {
    long size = Integer.MAX_VALUE + 4097L;
    try (Region region = Region.anonymous(size)) {
      String reason = assertThrows(NotSupportedException.class, region::buffer).getMessage();
      assertTrue(reason.contains("buffer(offset, size)"), reason);
      assertThrows(NotSupportedException.class, () -> region.view().buffer());
      assertThrows(NotSupportedException.class, region::read);
      assertThrows(NotSupportedException.class, () -> region.view().toList());
      region.view().set(size - 1, 5);
      assertEquals(5, region.buffer(size - 4096, 4096).get(4095));
      assertEquals(Integer.MAX_VALUE, region.buffer(0, Integer.MAX_VALUE).capacity());
    }
  }

  @Test
  void aDirectBufferIsWrittenFromItsPositionToItsLimit() {
    try (Region region = Region.anonymous(4096)) {
      ByteBuffer data = ByteBuffer.allocateDirect(10);
      for (int i = 0; i < 10; i++) data.put(i, (byte) i);
      data.position(2).limit(5);
      region.write(data, 50);
      assertArrayEquals(new byte[] {0, 2, 3, 4, 0}, region.read(49, 5));
      assertEquals(2, data.position());
      assertThrows(InvalidArgumentException.class, () -> region.write(ByteBuffer.allocate(4)));
      assertThrows(InvalidArgumentException.class, () -> region.write(data, 4094));
      assertThrows(NullPointerException.class, () -> region.write((byte[]) null));
    }
  }

  @Test
  void aFileThatIsCutUnderABufferCrashesNothing(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("file");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(65536);
      Region region = Region.file(path.toString(), "r+");
      ByteBuffer buffer = region.buffer();
      View view = region.view("int64");
      buffer.put(40000, (byte) 1);
      file.setLength(4096);
      try {
        buffer.get(40000);
        buffer.put(50000, (byte) 1);
      } catch (InternalError lost) {
        // what Java says of its own mappings
      }
      assertThrows(FaultException.class, () -> view.get(6000));
      assertThrows(FaultException.class, region::check);
      assertTrue(region.isFaulted());
      region.close();
    }
  }
}
