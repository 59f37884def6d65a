// The worker in Java: elements one at a time and in bulk, and a semaphore that nobody else wants. memwell beside a file that is
// mapped by FileChannel.map, beside a file lock, and beside what serves one process only. serve.h says how a worker is asked.
//
// SPDX-License-Identifier: MIT

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.memwell.Options;
import org.memwell.Region;
import org.memwell.Semaphore;
import org.memwell.View;

final class WorkJava {
  private static final int FEW = 1000; // read and written one by one
  private static final int MANY = 1_000_000; // in bulk: 8 MB

  private interface Work {
    /** Does it about n times, and says how often. */
    long run(long n) throws Exception;
  }

  /** What is read lands here, so that no loop is left out. */
  static double kept;

  private static final Map<String, Work> WORKS = new LinkedHashMap<>();

  private interface Pass {
    void run() throws Exception;
  }

  private static void passes(String name, int count, Pass pass) {
    WORKS.put(name, n -> {
      long times = Math.max(n / count, 1);
      for (long i = 0; i < times; i++) pass.run();
      return times * count;
    });
  }

  private static double sumOf(ByteBuffer buffer) {
    double sum = 0;
    for (int i = 0; i < FEW; i++) sum += buffer.getDouble(8 * i);
    return sum;
  }

  private static void elements(Region region, ByteBuffer mapped) {
    View view = region.view("float64", FEW);
    View many = region.view("float64", MANY);
    ByteBuffer buffer = region.buffer();
    double[] array = new double[MANY];
    many.fill(1.5);
    for (int i = 0; i < MANY; i++) mapped.putDouble(8 * i, 1.5);
    passes("read_view", FEW, () -> {
      double sum = 0;
      for (int i = 0; i < FEW; i++) sum += view.getDouble(i);
      kept = sum;
    });
    passes("read_object", FEW, () -> {
      double sum = 0;
      for (int i = 0; i < FEW; i++) sum += (Double) view.get(i);
      kept = sum;
    });
    passes("read_buffer", FEW, () -> kept = sumOf(buffer));
    passes("read_mapped", FEW, () -> kept = sumOf(mapped));
    passes("write_view", FEW, () -> {
      for (int i = 0; i < FEW; i++) view.setDouble(i, 1.5);
    });
    passes("write_buffer", FEW, () -> {
      for (int i = 0; i < FEW; i++) buffer.putDouble(8 * i, 1.5);
    });
    passes("write_mapped", FEW, () -> {
      for (int i = 0; i < FEW; i++) mapped.putDouble(8 * i, 1.5);
    });
    passes("bulk_view", MANY, () -> kept = many.toDoubleArray()[9]);
    passes("bulk_buffer", MANY, () -> {
      buffer.asDoubleBuffer().get(array);
      kept = array[9];
    });
    passes("bulk_mapped", MANY, () -> {
      mapped.asDoubleBuffer().get(array);
      kept = array[9];
    });
    passes("sum_view", MANY, () -> kept = (Double) many.sum());
    passes("sum_mapped", MANY, () -> {
      double sum = 0;
      for (int i = 0; i < MANY; i++) sum += mapped.getDouble(8 * i);
      kept = sum;
    });
  }

  private static void turns(Semaphore semaphore, FileChannel file) {
    java.util.concurrent.Semaphore own = new java.util.concurrent.Semaphore(1);
    passes("pair_memwell", 1, () -> {
      semaphore.acquire();
      semaphore.release();
    });
    passes("pair_hold", 1, () -> {
      try (var hold = semaphore.hold()) {
        kept++;
      }
    });
    passes("pair_file_lock", 1, () -> {
      try (FileLock lock = file.lock()) {
        kept++;
      }
    });
    passes("pair_concurrent", 1, () -> {
      own.acquire();
      own.release();
    });
  }

  private static String answer(String line) throws Exception {
    String[] words = line.split(" ");
    Work work = WORKS.get(words[0]);
    if (work == null) return "! no work is called " + words[0];
    long n = Long.parseLong(words[1]);
    long begin = System.nanoTime();
    long done = work.run(n);
    long time = System.nanoTime() - begin;
    return Long.toString(Math.round((double) time * n / done));
  }

  private static void serve() throws Exception {
    for (String name : WORKS.keySet()) System.out.println("has " + name);
    System.out.println("ready");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) System.out.println(answer(line));
  }

  private static FileChannel fileOf(Path path) throws IOException {
    return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
  }

  public static void main(String[] arguments) throws Exception {
    String name = "memwell-bench-" + ProcessHandle.current().pid() + "-java";
    Path path = Path.of("/dev/shm", name + "-file");
    try (Region region = Region.create(name, 8L * MANY, new Options().temporary(true));
        Semaphore semaphore = Semaphore.create(name, 1, new Options().temporary(true));
        FileChannel file = fileOf(path)) {
      elements(region, file.map(FileChannel.MapMode.READ_WRITE, 0, 8L * MANY).order(ByteOrder.nativeOrder()));
      turns(semaphore, file);
      serve();
    } finally {
      Files.deleteIfExists(path);
    }
  }
}
