// A worker in Java: counts the ranges that the coordinator puts into its mailbox.
//
//   java -cp MEMWELL Worker.java JOB NUMBER COORDINATOR      started by the coordinator; `run` is the main entry
//
// worker.py is the same in Python. The words are found where they lie in the mapped file, in a buffer on the range; only they
// become strings, each of their bytes a character.
//
// SPDX-License-Identifier: MIT

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.memwell.Event;
import org.memwell.FaultException;
import org.memwell.MemwellException;
import org.memwell.Options;
import org.memwell.Region;
import org.memwell.Semaphore;
import org.memwell.View;
import org.memwell.Well;

final class Worker {
  // The layout, as in layout.py
  private interface Mail {
    int ORDER = 0, FIRST = 1, COUNT = 2, RESULT_SIZE = 3, CURRENT = 4, ANSWER = 5, FIELDS = 8;
  }

  private interface Range {
    int BEGIN = 1, END = 2, PATH = 3, PATH_SIZE = 4, ERROR = 5, WORDS = 6, FIELDS = 8;
  }

  private static final int RESULT_HEAD = 32;
  private static final String WELL = ".well"; // how the name of a job in a well ends
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final int SHORTER = -1; // the file ends before the range does
  private static final int EIO = 5, EILSEQ = 84;

  // The job's memory is regions and semaphores, each with a name of its own, or one well

  private interface Memory {
    /** The array of int64 with so many fields in each row. */
    View rows(String name, int fields);

    ByteBuffer bytes(String name);

    Bell bell(String name);

    boolean has(long coordinator);
  }

  private interface Bell {
    boolean sleep() throws InterruptedException;

    void ring();
  }

  private record Apart(String job) implements Memory {
    private Region region(String name) {
      return Region.attach(job + "." + name);
    }

    @Override
    public View rows(String name, int fields) {
      Region region = region(name);
      return region.view("int64", new long[] {region.size() / (8L * fields), fields});
    }

    @Override
    public ByteBuffer bytes(String name) {
      return region(name).buffer();
    }

    @Override
    public Bell bell(String name) {
      Semaphore semaphore = Semaphore.attach(job + "." + name);
      return new Bell() {
        @Override
        public boolean sleep() throws InterruptedException {
          return semaphore.acquire(TICK);
        }

        @Override
        public void ring() {
          semaphore.release();
        }
      };
    }

    /** Its children have another parent when it is gone. */
    @Override
    public boolean has(long coordinator) {
      return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L) == coordinator;
    }
  }

  private record Together(Well well) implements Memory {
    @Override
    public View rows(String name, int fields) {
      return well.array(name);
    }

    @Override
    public ByteBuffer bytes(String name) {
      return well.array(name).buffer();
    }

    /** It is cleared before anybody looks, so that no ring is lost. */
    @Override
    public Bell bell(String name) {
      Event event = well.event(name);
      return new Bell() {
        @Override
        public boolean sleep() throws InterruptedException {
          boolean rung = event.await(TICK);
          if (rung) event.clear();
          return rung;
        }

        @Override
        public void ring() {
          event.set();
        }
      };
    }

    @Override
    public boolean has(long coordinator) {
      return well.participants().stream().anyMatch(one -> one.pid() == coordinator && !one.condition().equals("dead"));
    }
  }

  private final Memory memory;
  private final int number;
  private final long coordinator;
  private final Bell go;
  private final Bell bell;
  private final View mail;
  private final View ranges;
  private final ByteBuffer paths;
  private ByteBuffer result;

  private Worker(String job, int number, long coordinator) {
    this.memory = job.endsWith(WELL) ? new Together(Well.attach(job)) : new Apart(job);
    this.number = number;
    this.coordinator = coordinator;
    go = memory.bell("go." + number);
    bell = memory.bell("bell");
    mail = memory.rows("mail", Mail.FIELDS).select(0, number);
    ranges = memory.rows("ranges", Range.FIELDS);
    paths = memory.bytes("paths");
    result = memory.bytes("result." + number);
  }

  /** Sleeps until the coordinator has put something in. False if it is gone. */
  private boolean await() throws InterruptedException {
    while (!go.sleep()) if (!memory.has(coordinator)) return false;
    return true;
  }

  /** Counts what the mailbox says, until it says that there is no more or the coordinator is gone. */
  private void run() throws InterruptedException {
    while (await()) {
      long order = mail.getLong(Mail.ORDER), first = mail.getLong(Mail.FIRST), count = mail.getLong(Mail.COUNT);
      if (count == 0) return;
      Map<String, Long> counts = new HashMap<>();
      for (long i = first; i < first + count; i++) {
        mail.setLong(Mail.CURRENT, i);
        countRange(ranges.select(0, i), counts);
      }
      answer(order, counts);
    }
  }

  /** Adds the words of a range. A file that cannot be mapped, or has become shorter, is an error in the range's row. */
  private void countRange(View row, Map<String, Long> counts) {
    long error = 0, words = 0;
    try (Region region = Region.file(path(row), "r", new Options().keepFd(false))) {
      long begin = row.getLong(Range.BEGIN), end = row.getLong(Range.END);
      if (region.size() < end) {
        error = SHORTER;
      } else {
        Map<String, Long> found = wordsOf(region.buffer(begin, end - begin));
        region.check(); // that no page was lost meanwhile
        for (long n : found.values()) words += n;
        found.forEach((word, n) -> counts.merge(word, n, Long::sum));
      }
    } catch (FaultException cut) {
      error = SHORTER;
    } catch (MemwellException failure) {
      error = failure.errno() == 0 ? EIO : failure.errno();
    } catch (CharacterCodingException unspeakable) {
      error = EILSEQ;
    }
    row.setLong(Range.ERROR, error);
    row.setLong(Range.WORDS, words);
  }

  /** Java's names are text, so a path that is no UTF-8 has none. */
  private String path(View row) throws CharacterCodingException {
    ByteBuffer path = paths.slice((int) row.getLong(Range.PATH), (int) row.getLong(Range.PATH_SIZE));
    CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(path);
    return text.toString();
  }

  private static boolean isWord(byte b) {
    return b < 0 || b == '_' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z';
  }

  private static Map<String, Long> wordsOf(ByteBuffer text) {
    Map<String, Long> counts = new HashMap<>();
    byte[] word = new byte[64];
    int end = text.capacity();
    for (int at = 0; at < end; at++) {
      int start = at;
      while (at < end && isWord(text.get(at))) at++;
      int size = at - start;
      if (size == 0) continue;
      if (size > word.length) word = new byte[2 * size];
      text.get(start, word, 0, size);
      counts.merge(new String(word, 0, size, StandardCharsets.ISO_8859_1), 1L, Long::sum);
    }
    return counts;
  }

  /** Writes the counts out, then the order's number: with that last store, and not before, the answer is there. */
  private void answer(long order, Map<String, Long> counts) {
    if (result.capacity() < mail.getLong(Mail.RESULT_SIZE)) result = memory.bytes("result." + number); // it was made larger
    byte[] text = String.join("\n", counts.keySet()).getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer answer = result.duplicate().order(ByteOrder.nativeOrder());
    answer.position(RESULT_HEAD);
    long total = 0;
    for (long n : counts.values()) {
      answer.putLong(n);
      total += n;
    }
    answer.put(text);
    answer.putLong(0, order).putLong(8, counts.size()).putLong(16, text.length).putLong(24, total);
    mail.atomicStore(Mail.ANSWER, order);
    bell.ring();
  }

  public static void main(String[] arguments) throws InterruptedException {
    new Worker(arguments[0], Integer.parseInt(arguments[1]), Long.parseLong(arguments[2])).run();
  }
}
