// SPDX-License-Identifier: MIT
package org.memwell.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.memwell.BusyException;
import org.memwell.ClosedException;
import org.memwell.DeadlockException;
import org.memwell.Event;
import org.memwell.Mutex;
import org.memwell.Options;
import org.memwell.Region;
import org.memwell.RobustSemaphore;
import org.memwell.Semaphore;
import org.memwell.View;
import org.memwell.Well;

/** Many threads on one object, closes among them, and waits that are interrupted. */
class ThreadTest {
  private static final Options TEMPORARY = new Options().temporary(true);
  private static final int THREADS = 4;

  private final ExecutorService pool = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    pool.shutdownNow();
  }

  private interface Act {
    void run() throws Exception;
  }

  /** Repeats it until it says that something is closed. */
  private Future<?> untilClosed(CountDownLatch begun, Act act) {
    return pool.submit((Callable<Void>) () -> {
      begun.countDown();
      try {
        while (true) act.run();
      } catch (ClosedException closed) {
        return null;
      }
    });
  }

  private void closeUnder(AutoCloseable object, Act... acts) throws Exception {
    CountDownLatch begun = new CountDownLatch(acts.length);
    List<Future<?>> running = new ArrayList<>();
    for (Act act : acts) running.add(untilClosed(begun, act));
    begun.await();
    object.close();
    for (Future<?> each : running) each.get();
  }

  @Test
  void aRegionIsClosedUnderItsUsers() throws Exception {
    byte[] data = new byte[1000];
    for (int i = 0; i < 150; i++) {
      Region region = Region.anonymous(65536);
      View view = region.view("int64", new long[] {16, 512});
      View flat = view.reshape(8192);
      closeUnder(
          region,
          () -> view.set(3, 3, view.get(2, 2)),
          () -> region.read(100, 5000),
          () -> region.write(data, 64),
          () -> flat.atomicAdd(5, 1L),
          () -> region.view("int8").slice(0, 1, 2, 100).toList(),
          () -> region.buffer().put(9, (byte) 1),
          () -> flat.setLong(1, flat.getLong(2)),
          () -> flat.sum());
    }
  }

  @Test
  void aRegionIsResizedUnderItsUsers() throws Exception {
    try (Region region = Region.memfd(65536)) {
      View view = region.view("int64", 100);
      CountDownLatch begun = new CountDownLatch(1);
      Future<?> user = untilClosed(begun, () -> {
        try {
          view.set(50, 1);
        } catch (BusyException busy) {
          // it is being resized
        }
      });
      begun.await();
      int resized = 0;
      for (int i = 0; i < 2000; i++) {
        try {
          region.resize(65536L * (1 + i % 3));
          resized++;
        } catch (BusyException busy) {
          // somebody uses it
        }
      }
      assertTrue(resized > 0);
      region.close();
      user.get();
    }
  }

  @Test
  void aSemaphoreAndAWellAreClosedUnderTheirUsers() throws Exception {
    String name = Machine.name("closed");
    for (int i = 0; i < 30; i++) {
      Semaphore semaphore = Semaphore.create(name, 1, TEMPORARY);
      closeUnder(semaphore, () -> semaphore.acquire(Duration.ofMillis(1)), semaphore::release, semaphore::value);
      Well well = Well.create(name, 65536, TEMPORARY);
      RobustSemaphore permits = well.semaphore("s", 2);
      Event event = well.event("e");
      View array = well.array("a", "int64", 8);
      closeUnder(well, () -> event.await(Duration.ofMillis(1)), () -> array.atomicAdd(0, 1L), () -> well.objects(),
          () -> permits.value(), () -> well.array("b", "int8", 1), () -> well.participants());
    }
  }

  @Test
  void whoWaitsIsToldThatItIsClosed() throws Exception {
    Semaphore semaphore = Semaphore.create(Machine.name("wait"), 0, TEMPORARY);
    CountDownLatch begun = new CountDownLatch(1);
    Future<?> waiter = untilClosed(begun, semaphore::acquire);
    begun.await();
    semaphore.close();
    waiter.get();
  }

  @Test
  void turnsAddUp() throws Exception {
    try (Well well = Well.create(Machine.name("turns"), 65536, TEMPORARY)) {
      Mutex mutex = well.mutex("m");
      View count = well.array("n", "int64", 2);
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++)
        running.add(pool.submit((Callable<Void>) () -> {
          for (int turn = 0; turn < 2000; turn++) {
            try (var hold = mutex.hold()) {
              count.setLong(0, count.getLong(0) + 1);
            }
            count.atomicAdd(1, 1L);
          }
          return null;
        }));
      for (Future<?> each : running) each.get();
      assertEquals(List.of(2000L * THREADS, 2000L * THREADS), count.toList());
      mutex.acquire();
      assertThrows(DeadlockException.class, mutex::acquire);
      mutex.release();
    }
  }

  private void interrupt(Act wait) throws Exception {
    AtomicReference<Thread> thread = new AtomicReference<>();
    CountDownLatch begun = new CountDownLatch(1);
    Future<?> waiter = pool.submit((Callable<Void>) () -> {
      thread.set(Thread.currentThread());
      begun.countDown();
      wait.run();
      return null;
    });
    begun.await();
    thread.get().interrupt();
    Throwable problem = assertThrows(ExecutionException.class, waiter::get).getCause();
    assertTrue(problem instanceof InterruptedException, problem.toString());
  }

  @Test
  void everyWaitCanBeInterrupted() throws Exception {
    String name = Machine.name("interrupted");
    try (Semaphore semaphore = Semaphore.create(name, 0, TEMPORARY);
        Region region = Region.anonymous(4096);
        Well well = Well.create(name, 65536, TEMPORARY)) {
      View view = region.view("int32");
      Mutex mutex = well.mutex("m");
      RobustSemaphore permits = well.semaphore("s", 1);
      mutex.acquire();
      permits.acquire();
      Options waiting = new Options().timeout(null);
      interrupt(semaphore::acquire);
      interrupt(() -> semaphore.acquire(Duration.ofHours(1)));
      interrupt(() -> view.await(0, 0));
      interrupt(mutex::acquire);
      interrupt(mutex::recoverBegin);
      interrupt(mutex::hold);
      interrupt(permits::acquire);
      interrupt(well.event("e")::await);
      interrupt(() -> Region.attach(name + "-none", waiting));
      interrupt(() -> Semaphore.attach(name + "-none", waiting));
      interrupt(() -> Well.attach(name + "-none", waiting));
      mutex.release();
      permits.release();
    }
  }

  @Test
  void anInterruptionEndsNoCallThatNeedNotWait() throws Exception {
    try (Semaphore semaphore = Semaphore.create(Machine.name("free"), 1, TEMPORARY)) {
      Thread.currentThread().interrupt();
      assertTrue(semaphore.acquire());
      assertFalse(semaphore.acquire(Duration.ZERO));
      assertTrue(Thread.interrupted());
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, semaphore::acquire);
      assertFalse(Thread.currentThread().isInterrupted());
    }
  }

  @Test
  void otherThreadsRunDuringAWait() throws Exception {
    try (Region region = Region.anonymous(4096)) {
      View view = region.view("int32");
      CountDownLatch begun = new CountDownLatch(1);
      Future<Boolean> waiter = pool.submit(() -> {
        begun.countDown();
        while (view.getLong(0) == 0) view.await(0, 0);
        return true;
      });
      begun.await();
      view.set(0, 1);
      while (!waiter.isDone()) view.wake(0);
      assertTrue(waiter.get());
    }
  }
}
