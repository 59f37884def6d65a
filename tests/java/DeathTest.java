// SPDX-License-Identifier: MIT
package org.memwell.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.memwell.Mutex;
import org.memwell.Options;
import org.memwell.OwnerDiedException;
import org.memwell.Region;
import org.memwell.RobustSemaphore;
import org.memwell.View;
import org.memwell.Well;

/** Java processes that are killed, or end, while they hold something. */
class DeathTest {
  private static final Options TEMPORARY = new Options().temporary(true);

  /** Takes the mutex and a permit of the well, writes half of what it should, and waits. */
  static final class Holder {
    public static void main(String[] arguments) throws Exception {
      Well well = Well.attach(arguments[0]);
      well.mutex("m").acquire();
      well.semaphore("s").acquire();
      well.array("a").set(0, 1);
      System.out.println("holding");
      well.event("never").await();
    }
  }

  @Test
  void whatTheKilledHeldComesBack() throws Exception {
    String name = Machine.name("death");
    try (Well well = Well.create(name, 65536, TEMPORARY);
        Child child = new Child(Holder.class, name)) {
      View array = well.array("a", "int64", 2);
      RobustSemaphore permits = well.semaphore("s", 1);
      Mutex mutex = well.mutex("m");
      assertEquals("holding", child.line());
      assertFalse(mutex.acquire(Duration.ZERO));
      assertFalse(permits.acquire(Duration.ZERO));
      child.kill();
      assertTrue(permits.acquire());
      assertThrows(OwnerDiedException.class, mutex::acquire);
      assertTrue(mutex.isInconsistent());
      try (var recovery = mutex.recover()) {
        assertTrue(recovery.isNeeded());
      }
      assertThrows(OwnerDiedException.class, mutex::acquire);
      try (var recovery = mutex.recover()) {
        array.set(1, array.get(0));
        recovery.mended();
      }
      try (var recovery = mutex.recover()) {
        assertFalse(recovery.isNeeded());
      }
      try (var hold = mutex.hold()) {
        assertEquals(1L, array.get(1));
      }
      permits.release();
    }
  }

  /** Makes a temporary region, and ends as it is told. */
  static final class Maker {
    public static void main(String[] arguments) throws Exception {
      Region region = Region.create(arguments[0], 4096, TEMPORARY);
      System.out.println("made");
      System.out.flush();
      switch (arguments[1]) {
        case "exit" -> System.exit(3);
        case "wait" -> region.view("int32").await(0, 0);
        default -> throw new IllegalStateException("thrown");
      }
    }
  }

  private static void end(String how, String signal) throws Exception {
    String name = Machine.name("temporary");
    try (Child child = new Child(Maker.class, name, how)) {
      assertEquals("made", child.line());
      if (signal != null) child.signal(signal);
      child.status();
      assertFalse(Machine.isThere(name), how);
    }
  }

  @Test
  void theTemporaryGoesWithTheProcess() throws Exception {
    end("exit", null);
    end("throw", null);
    end("wait", "TERM");
  }
}
