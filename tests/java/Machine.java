// SPDX-License-Identifier: MIT
package org.memwell.test;

import java.io.File;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What the tests ask of the machine and of Java's own: descriptors, mappings, names, the collector. */
final class Machine {
  private Machine() {}

  private static final Cleaner CLEANER = Cleaner.create();

  static String name(String brief) {
    return "mw-java-" + ProcessHandle.current().pid() + "-" + brief;
  }

  static int descriptors() {
    return new File("/proc/self/fd").list().length;
  }

  /** How many mappings of shared memory this process has. */
  static long mappings() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream().filter(line -> line.contains("/dev/shm/")).count();
  }

  /** The same, when what other tests have forgotten is gone. */
  static long settledMappings() throws IOException, InterruptedException {
    for (int i = 0; i < 3; i++) collect();
    return mappings();
  }

  static boolean isThere(String name) {
    return Files.exists(Path.of("/dev/shm", name));
  }

  /** Collects until the condition holds; fails where it never does. */
  static void collectUntil(java.util.concurrent.Callable<Boolean> condition) throws Exception {
    for (int i = 0; i < 200; i++) {
      collect();
      if (condition.call()) return;
    }
    throw new AssertionError("what was forgotten is not freed");
  }

  /** Collects garbage, and waits until a cleaner has heard of it. */
  static void collect() throws InterruptedException {
    CountDownLatch cleaned = new CountDownLatch(1);
    CLEANER.register(new Object(), cleaned::countDown);
    for (int i = 0; i < 100; i++) {
      System.gc();
      if (cleaned.await(50, TimeUnit.MILLISECONDS)) return;
    }
    throw new AssertionError("the collector does not run");
  }

  static void keep(Object object) {
    Reference.reachabilityFence(object);
  }
}
