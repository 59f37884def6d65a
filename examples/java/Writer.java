// Write into named memory, tell the reader by a semaphore, and wait until it has read.
//
//   java -cp MEMWELL Writer.java NAME TEXT [SECONDS]      then, in any of the languages: reader NAME
//
// The memory and both semaphores are temporary: their names are gone when this program ends. examples/README.md draws the parcel.
//
// SPDX-License-Identifier: MIT

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.memwell.MemwellException;
import org.memwell.Options;
import org.memwell.Region;
import org.memwell.Semaphore;

final class Writer {
  private static void write(String name, byte[] text, double seconds) throws Exception {
    Options temporary = new Options().temporary(true);
    try (Region parcel = Region.create(name, 128, temporary);
        Semaphore written = Semaphore.create(name + ".written", 0, temporary);
        Semaphore read = Semaphore.create(name + ".read", 0, temporary)) {
      parcel.view("float64", new long[] {4}, 16).assign(new double[] {0.5, 1.5, 2.5, 3.5});
      parcel.view("int64", new long[] {1}, 8).setLong(0, text.length);
      parcel.write(text, 48); // more than 80 bytes is an InvalidArgumentException: they would end outside
      parcel.view().set(0, 1); // the flag: all the rest is there
      written.release(); // orders all of the above before what the reader does
      if (!read.acquire(Duration.ofNanos((long) (seconds * 1e9))))
        throw new TimeoutException("nobody read " + name + " within " + seconds + " seconds");
    }
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2 || arguments.length > 3) {
      System.err.println("usage: writer NAME TEXT [SECONDS]");
      System.exit(2);
    }
    double seconds = arguments.length > 2 ? Double.parseDouble(arguments[2]) : 10;
    try {
      write(arguments[0], arguments[1].getBytes(StandardCharsets.UTF_8), seconds);
      System.out.println("written and read");
    } catch (MemwellException | TimeoutException problem) {
      System.err.println("writer: " + problem.getMessage());
      System.exit(1);
    }
  }
}
