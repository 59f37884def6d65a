// Read what a writer, in any of the languages, put into named memory, and tell it so by a semaphore.
//
//   java -cp MEMWELL Reader.java NAME [SECONDS]      may be started before the writer
//
// SPDX-License-Identifier: MIT

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.memwell.MemwellException;
import org.memwell.Options;
import org.memwell.Region;
import org.memwell.Semaphore;
import org.memwell.View;

final class Reader {
  /** A number as C's %g has it, where it is a short one. */
  private static String plain(double number) {
    return number == (long) number ? Long.toString((long) number) : Double.toString(number);
  }

  private static String readParcel(String name, Duration patience) throws Exception {
    Options waiting = new Options().timeout(patience);
    try (Region parcel = Region.attach(name, new Options().timeout(patience).readOnly(true));
        Semaphore written = Semaphore.attach(name + ".written", waiting);
        Semaphore read = Semaphore.attach(name + ".read", waiting)) {
      if (!written.acquire(patience)) throw new TimeoutException("nothing was written to " + name + " in time");

      long length = parcel.view("int64", new long[] {1}, 8).getLong(0); // copied, checked, then used: the writer may be wrong
      if (parcel.view().getLong(0) != 1 || length < 0 || length > 80) throw new IllegalStateException(name + " holds no parcel");
      View numbers = parcel.view("float64", new long[] {4}, 16); // a window, not a copy
      StringBuilder line = new StringBuilder("\"" + new String(parcel.read(48, length), StandardCharsets.UTF_8) + "\" and");
      for (double number : numbers.toDoubleArray()) line.append(' ').append(plain(number));
      line.append(", sum ").append(plain((Double) numbers.sum()));
      read.release();
      return line.toString();
    }
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 1 || arguments.length > 2) {
      System.err.println("usage: reader NAME [SECONDS]");
      System.exit(2);
    }
    double seconds = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 10;
    try {
      System.out.println(readParcel(arguments[0], Duration.ofNanos((long) (seconds * 1e9))));
    } catch (MemwellException | IllegalStateException | TimeoutException problem) {
      System.err.println("reader: " + problem.getMessage());
      System.exit(1);
    }
  }
}
