// SPDX-License-Identifier: MIT
package org.memwell.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.memwell.ClosedException;
import org.memwell.Mutex;
import org.memwell.Options;
import org.memwell.Region;
import org.memwell.Semaphore;
import org.memwell.View;
import org.memwell.Well;

/** Objects and buffers that are made, closed and forgotten in every order. */
class LifetimeTest {
  private static final Options TEMPORARY = new Options().temporary(true);

  /** One life: what is made is a region, views and buffers; what happens to them happens in a random order. */
  private static void live(Random random, String name) {
    Region region = Region.create(name, 8192, TEMPORARY);
    View view = region.view("int64", new long[] {4, 8}, 64);
    View row = view.select(0, 1);
    ByteBuffer buffer = random.nextBoolean() ? region.buffer() : view.buffer();
    ByteBuffer slice = buffer.slice();
    List<Runnable> acts = new ArrayList<>(List.of(
        region::close,
        region::close,
        () -> read(view, 1, 1),
        () -> read(row, 1),
        () -> buffer.put(8, (byte) 7),
        () -> assertEquals(buffer.get(8), slice.get(8))));
    Collections.shuffle(acts, random);
    acts.forEach(Runnable::run);
    if (!region.isClosed()) throw new AssertionError();
  }

  private static void read(View view, long... indices) {
    try {
      view.set(indices, 5);
      assertEquals(5L, view.get(indices));
    } catch (ClosedException closed) {
      // it may have been
    }
  }

  @Test
  void tenThousandLives() throws Exception {
    String name = Machine.name("lives");
    Random random = new Random(6);
    long mappings = Machine.settledMappings();
    int descriptors = Machine.descriptors();
    for (int i = 0; i < 10_000; i++) {
      live(random, name);
      if (i % 1000 == 0) Machine.collect();
    }
    Machine.collectUntil(() -> Machine.mappings() <= mappings && Machine.descriptors() <= descriptors);
    assertFalse(Machine.isThere(name));
  }

  private static void forget(String name) {
    Region region = Region.create(name, 4096, TEMPORARY);
    region.view("int8").set(0, 1);
    Semaphore.create(name, 1, TEMPORARY);
    Well well = Well.create(name + "-well", 65536, TEMPORARY);
    well.mutex("m");
    well.semaphore("s", 2);
    well.event("e");
    well.array("a", "int8", 4);
  }

  @Test
  void whatIsForgottenIsClosed() throws Exception {
    String name = Machine.name("forgotten");
    long mappings = Machine.settledMappings();
    int descriptors = Machine.descriptors();
    for (int i = 0; i < 20; i++) {
      forget(name);
      Machine.collectUntil(() -> Machine.mappings() <= mappings);
      assertFalse(Machine.isThere(name), name);
      assertFalse(Machine.isThere("sem." + name), name);
      assertFalse(Machine.isThere(name + "-well"), name);
    }
    Machine.collectUntil(() -> Machine.descriptors() <= descriptors);
  }

  private static ByteBuffer onlyBuffer(String name, boolean slice) {
    Region region = Region.create(name, 4096, TEMPORARY);
    region.fill(7);
    return slice ? region.view("uint8").slice(0, 100, 1, 10).buffer().slice().asReadOnlyBuffer() : region.buffer();
  }

  @Test
  void aBufferKeepsTheMemoryButNotTheRegion() throws Exception {
    String name = Machine.name("buffer");
    long mappings = Machine.settledMappings();
    for (boolean slice : new boolean[] {false, true}) {
      ByteBuffer buffer = onlyBuffer(name, slice);
      for (int i = 0; i < 3; i++) Machine.collect();
      assertEquals(mappings + 1, Machine.mappings());
      assertEquals(7, buffer.get(buffer.capacity() - 1));
      Machine.keep(buffer);
      buffer = null;
      Machine.collectUntil(() -> Machine.mappings() == mappings);
    }
  }

  @Test
  void aBufferOutlivesClose() throws Exception {
    Region region = Region.anonymous(4096);
    View view = region.view("int32");
    ByteBuffer buffer = region.buffer();
    view.set(3, 77);
    region.close();
    assertThrows(ClosedException.class, () -> view.get(3));
    assertThrows(ClosedException.class, region::size);
    assertThrows(ClosedException.class, region::buffer);
    assertEquals(77, buffer.getInt(12));
    buffer.putInt(12, 78);
    assertEquals(78, buffer.slice().order(buffer.order()).getInt(12));
    assertTrue(region.isClosed());
    region.close();
  }

  private static Mutex mutexAlone(String name) throws InterruptedException {
    Well well = Well.create(name, 65536, TEMPORARY);
    Mutex mutex = well.mutex("m");
    mutex.acquire();
    return mutex;
  }

  @Test
  void whatIsInAWellKeepsTheWell() throws Exception {
    String name = Machine.name("kept");
    long mappings = Machine.settledMappings();
    Mutex mutex = mutexAlone(name);
    for (int i = 0; i < 3; i++) Machine.collect();
    assertTrue(Machine.isThere(name));
    assertTrue(mutex.isHeld());
    mutex.release();
    Machine.keep(mutex);
    mutex = null;
    Machine.collectUntil(() -> Machine.mappings() == mappings);
    assertFalse(Machine.isThere(name));
  }

  private static ByteBuffer arrayAlone(String name) {
    Well well = Well.create(name, 65536, TEMPORARY);
    View view = well.array("a", "int64", 8);
    view.set(1, 9);
    return view.buffer();
  }

  @Test
  void aBufferOfAWellKeepsTheWell() throws Exception {
    String name = Machine.name("kept");
    ByteBuffer buffer = arrayAlone(name);
    for (int i = 0; i < 3; i++) Machine.collect();
    try (Well well = Well.attach(name)) {
      well.array("a").set(2, 10);
    }
    assertEquals(9, buffer.getLong(8));
    assertEquals(10, buffer.getLong(16));
  }

  @Test
  void aSemaphoreInARegionKeepsTheMemory() throws Exception {
    Region region = Region.anonymous(4096);
    Semaphore semaphore = Semaphore.at(region, 0, 2);
    region.close();
    Machine.collect();
    try {
      semaphore.acquire();
    } catch (ClosedException closed) {
      // the region says so, or the semaphore goes on; what it must not do is crash
    }
    semaphore.close();
    assertThrows(ClosedException.class, semaphore::value);
  }
}
