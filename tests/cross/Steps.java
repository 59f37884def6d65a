// Atomic operations by turns: who waits for his turn sleeps on a word, and both sides know what every step makes of the elements.
//
// Main entries: first, second, countUp.
//
// SPDX-License-Identifier: MIT

import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.memwell.Region;
import org.memwell.Semaphore;
import org.memwell.View;

final class Steps {
  private static final List<String> DTYPES = List.of("int32", "uint32", "int64", "uint64");
  private static final List<String> OPERATIONS = List.of("store", "add", "sub", "and", "or", "xor", "exchange", "compare_exchange");
  private static final int ELEMENTS_AT = 64, ELEMENT_STEP = 64;

  /** Only a peer that died is waited for so long. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Pattern pattern;
  private final View words;
  private final View[] views = new View[DTYPES.size()];

  private Steps(Pattern pattern, Region region) {
    this.pattern = pattern;
    this.words = region.view("uint32", 2);
    for (int i = 0; i < views.length; i++) views[i] = region.view(DTYPES.get(i), new long[] {1}, ELEMENTS_AT + ELEMENT_STEP * i);
  }

  // What a step makes of an element, in bits. A dtype's number is that of the pattern.

  private static int numberOf(int i) {
    return Pattern.DTYPES.indexOf(DTYPES.get(i));
  }

  private static String operationOf(int step) {
    return OPERATIONS.get(step / 2 % OPERATIONS.size());
  }

  private long expectedBy(int step, int d, long old) {
    return step / 16 % 2 == 0 ? old : pattern.bits(step, d, 1);
  }

  private long resultOf(int step, int d, long old) {
    long n = pattern.bits(step, d, 0);
    long result = switch (operationOf(step)) {
      case "store", "exchange" -> n;
      case "add" -> old + n;
      case "sub" -> old - n;
      case "and" -> old & n;
      case "or" -> old | n;
      case "xor" -> old ^ n;
      default -> old == expectedBy(step, d, old) ? n : old;
    };
    return result & Pattern.allBits(d);
  }

  // One step

  /** Returns what the operation says was there. */
  private Object operate(View view, int step, int d, long old) {
    Object n = Pattern.value(d, pattern.bits(step, d, 0));
    return switch (operationOf(step)) {
      case "store" -> {
        Object before = view.atomicLoad(0);
        view.atomicStore(0, n);
        yield before;
      }
      case "add" -> view.atomicAdd(0, n);
      case "sub" -> view.atomicSub(0, n);
      case "and" -> view.atomicAnd(0, n);
      case "or" -> view.atomicOr(0, n);
      case "xor" -> view.atomicXor(0, n);
      case "exchange" -> view.atomicExchange(0, n);
      default -> view.atomicCompareExchange(0, Pattern.value(d, expectedBy(step, d, old)), n);
    };
  }

  private static void expect(Object found, Object wanted, int step, int d, String what) {
    String where = "step " + step + ", " + Pattern.DTYPES.get(d) + " " + operationOf(step);
    if (!found.equals(wanted)) throw new IllegalStateException(where + ": it " + what + " " + found + ", not " + wanted);
  }

  /** The element has these bits in memory, and loads as what they mean. */
  private static void check(View view, int step, int d, long now) {
    expect(view.atomicLoad(0), Pattern.value(d, now), step, d, "is");
    byte[] raw = view.toBytes();
    if (!Arrays.equals(raw, Pattern.pack(d, now))) expect(Arrays.toString(raw), Pattern.value(d, now), step, d, "lies there as");
  }

  /** Sleeps until the word has this value. */
  private static void awaitWord(View words, int i, long wanted) throws InterruptedException {
    for (Object word = words.atomicLoad(i); !word.equals(wanted); word = words.atomicLoad(i))
      if (!words.await(i, word, PATIENCE)) throw new IllegalStateException(wanted + " did not come: nothing changed in time");
  }

  /** Steps of one parity are ours, those of the other the other side's. */
  private void take(int count, int parity) throws InterruptedException {
    long[] bits = new long[views.length];
    for (int step = 0; step < count; step++) {
      boolean ours = step % 2 == parity;
      if (!ours) awaitWord(words, 0, step + 1);
      for (int i = 0; i < views.length; i++) {
        int d = numberOf(i);
        if (ours) expect(operate(views[i], step, d, bits[i]), Pattern.value(d, bits[i]), step, d, "was");
        bits[i] = resultOf(step, d, bits[i]);
        check(views[i], step, d, bits[i]);
      }
      if (!ours) continue;
      words.atomicStore(0, BigInteger.valueOf(step + 1));
      words.wake(0);
    }
  }

  // Both sides

  private static void waitFor(Semaphore semaphore) throws InterruptedException {
    if (!semaphore.acquire(PATIENCE)) throw new IllegalStateException(semaphore.kind() + ": nothing came in time");
  }

  private static void expectValue(Semaphore semaphore, long wanted) {
    if (semaphore.value() != wanted)
      throw new IllegalStateException(semaphore.kind() + ": value " + semaphore.value() + " instead of " + wanted);
  }

  static void first(Pattern pattern, String word, int count) throws InterruptedException {
    try (Places.Place place = Places.create(word)) {
      System.out.println("ready");
      new Steps(pattern, place.region()).take(count, 0);
      for (int i = 0; i < count; i++) {
        place.ping().release();
        waitFor(place.pong());
      }
      waitFor(place.ping());
      expectValue(place.ping(), 0);
      expectValue(place.pong(), 3);
    }
    Places.remove(word);
    System.out.println(count + " steps");
  }

  static void second(Pattern pattern, String word, int count) throws InterruptedException {
    try (Places.Place place = Places.attach(word)) {
      new Steps(pattern, place.region()).take(count, 1);
      for (int i = 0; i < count; i++) {
        waitFor(place.ping());
        place.pong().release();
      }
      place.pong().release(3);
      place.ping().release();
    }
    System.out.println(count + " steps");
  }

  /** One of several who count at the same time, from the moment on when the second word says so. */
  static void countUp(String name, int count) throws InterruptedException {
    try (Region region = Region.attach(name)) {
      View words = region.view("uint32", 2);
      View wide = region.view("int64", new long[] {1}, ELEMENTS_AT);
      View narrow = region.view("uint32", new long[] {1}, ELEMENTS_AT + ELEMENT_STEP);
      words.atomicAdd(0, 1);
      words.wake(0);
      awaitWord(words, 1, 1);
      for (int i = 0; i < count; i++) {
        wide.atomicAddLong(0, 1);
        narrow.atomicAddLong(0, 1);
      }
    }
    System.out.println(count + " counted");
  }
}
