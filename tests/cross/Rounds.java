// Taking turns on one region: the first writes, the second checks and answers, the first checks the answer.
// Main entries: first, second.
//
// SPDX-License-Identifier: MIT

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.memwell.NotFoundException;
import org.memwell.Options;
import org.memwell.Region;
import org.memwell.Semaphore;
import org.memwell.View;

final class Rounds {
  private Rounds() {}

  private static final int ELEMENTS = 8, ROWS = 2, COLUMNS = 4;
  private static final int BLOCKS_AT = 13, BLOCK_STEP = 67, TEXT_AT = 817, TEXT_SIZE = 96, REGION_SIZE = 913;
  private static final int ONE_BY_ONE = 0, AT_ONCE = 1, IN_ROWS = 2, BACKWARDS = 3, WAYS = 4;
  private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

  /** Only a peer that died is waited for so long. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  // One block

  private static int offsetOf(int d) {
    return BLOCKS_AT + BLOCK_STEP * d;
  }

  private static View block(Region region, int d, int way) {
    long[] shape = way == IN_ROWS ? new long[] {ROWS, COLUMNS} : new long[] {ELEMENTS};
    View view = region.view(Pattern.DTYPES.get(d), shape, offsetOf(d));
    return way == BACKWARDS ? view.slice(0, ELEMENTS - 1, -1, ELEMENTS) : view;
  }

  private static List<Object> backwards(List<Object> values) {
    List<Object> reversed = new ArrayList<>(values);
    Collections.reverse(reversed);
    return reversed;
  }

  private static void writeBlock(Region region, int d, int way, List<Object> values) {
    View view = block(region, d, way);
    switch (way) {
      case AT_ONCE -> view.assign(values);
      case BACKWARDS -> view.assign(backwards(values));
      case ONE_BY_ONE -> {
        for (int k = 0; k < ELEMENTS; k++) view.set(k, values.get(k));
      }
      default -> {
        for (int k = 0; k < ELEMENTS; k++) view.set(k / COLUMNS, k % COLUMNS, values.get(k));
      }
    }
  }

  private static List<Object> readBlock(Region region, int d, int way) {
    View view = block(region, d, way);
    if (way == AT_ONCE) return view.toList();
    if (way == BACKWARDS) return backwards(view.toList());
    List<Object> values = new ArrayList<>();
    for (int k = 0; k < ELEMENTS; k++) values.add(way == ONE_BY_ONE ? view.get(k) : view.get(k / COLUMNS, k % COLUMNS));
    return values;
  }

  /** The block has these bits in memory, and reads as what they mean. */
  private static void expectBlock(Region region, int round, int d, int way, long[] wanted) {
    int size = Pattern.sizeOf(d);
    byte[] raw = region.read(offsetOf(d), ELEMENTS * size);
    List<Object> values = readBlock(region, d, way);
    for (int k = 0; k < ELEMENTS; k++) {
      byte[] found = Arrays.copyOfRange(raw, k * size, (k + 1) * size);
      if (!Arrays.equals(found, Pattern.pack(d, wanted[k])) || !Pattern.isSame(values.get(k), Pattern.value(d, wanted[k])))
        throw wrong(round, Pattern.DTYPES.get(d), k, values.get(k) + ", not 0x" + Long.toHexString(wanted[k]));
    }
  }

  private static IllegalStateException wrong(int round, String what) {
    return new IllegalStateException("round " + round + ", " + what);
  }

  private static IllegalStateException wrong(int round, String dtype, int k, String what) {
    return wrong(round, dtype + " element " + k + ": " + what);
  }

  private static Object turn(int d, Object x) {
    if (x instanceof Boolean flag) return !flag;
    if (x instanceof Double number) return number.isNaN() ? number : (Object) (-number);
    if (Pattern.DTYPES.get(d).startsWith("int")) return ~(Long) x;
    if (Pattern.sizeOf(d) < 8) return Pattern.allBits(d) - (Long) x;
    return TWO_TO_64.subtract(BigInteger.ONE).subtract(x instanceof BigInteger large ? large : BigInteger.valueOf((Long) x));
  }

  // One round

  private static void ask(Region region, Pattern pattern, int round) {
    region.view("uint64", 1).setLong(0, round);
    for (int d = 0; d < Pattern.DTYPES.size(); d++) {
      List<Object> values = new ArrayList<>();
      for (int k = 0; k < ELEMENTS; k++) values.add(Pattern.value(d, pattern.bits(round, d, k)));
      writeBlock(region, d, round % WAYS, values);
    }
    region.write(Pattern.text(round), TEXT_AT);
  }

  private static void expectText(Region region, int round, byte[] wanted) {
    if (!Arrays.equals(region.read(TEXT_AT, TEXT_SIZE), wanted)) throw wrong(round, "another text");
  }

  private static void checkQuestion(Region region, Pattern pattern, int round) {
    Object found = region.view("uint64", 1).max();
    if (!found.equals((long) round)) throw wrong(round, "the number is " + found);
    for (int d = 0; d < Pattern.DTYPES.size(); d++) {
      long[] wanted = new long[ELEMENTS];
      for (int k = 0; k < ELEMENTS; k++) wanted[k] = pattern.bits(round, d, k);
      expectBlock(region, round, d, (round + 1) % WAYS, wanted);
    }
    expectText(region, round, Pattern.text(round));
  }

  private static byte[] inverted(byte[] text) {
    byte[] result = new byte[text.length];
    for (int i = 0; i < text.length; i++) result[i] = (byte) ~text[text.length - 1 - i];
    return result;
  }

  private static void giveAnswer(Region region, int round) {
    for (int d = 0; d < Pattern.DTYPES.size(); d++) {
      List<Object> answers = new ArrayList<>();
      for (Object question : backwards(readBlock(region, d, (round + 2) % WAYS))) answers.add(turn(d, question));
      writeBlock(region, d, (round + 1) % WAYS, answers);
    }
    region.write(inverted(region.read(TEXT_AT, TEXT_SIZE)), TEXT_AT);
  }

  private static void checkAnswer(Region region, Pattern pattern, int round) {
    for (int d = 0; d < Pattern.DTYPES.size(); d++) {
      long[] wanted = new long[ELEMENTS];
      for (int k = 0; k < ELEMENTS; k++) wanted[k] = Pattern.answer(d, pattern.bits(round, d, ELEMENTS - 1 - k));
      expectBlock(region, round, d, round % WAYS, wanted);
    }
    expectText(region, round, inverted(Pattern.text(round)));
  }

  // Both sides

  private static void waitFor(Semaphore semaphore) throws InterruptedException {
    if (!semaphore.acquire(PATIENCE)) throw new IllegalStateException(semaphore.name() + ": nothing came in time");
  }

  private static void expectValue(Semaphore semaphore, long wanted) {
    if (semaphore.value() != wanted)
      throw new IllegalStateException(semaphore.name() + ": value " + semaphore.value() + " instead of " + wanted);
  }

  /** Three units given at once are three to take. */
  private static void countUnits(Semaphore ping, Semaphore pong) throws InterruptedException {
    waitFor(ping);
    expectValue(ping, 0);
    for (int left = 3; left > 0; left--) {
      expectValue(pong, left);
      if (!pong.acquire(Duration.ZERO)) throw new IllegalStateException("only " + (3 - left) + " of three units came");
    }
    if (pong.acquire(Duration.ZERO)) throw new IllegalStateException("there were more than three units");
  }

  static void first(Pattern pattern, String name, int count) throws InterruptedException {
    try (Region region = Region.create(name, REGION_SIZE);
        Semaphore ping = Semaphore.create(name + ".ping");
        Semaphore pong = Semaphore.create(name + ".pong")) {
      for (int round = 0; round < count; round++) {
        ask(region, pattern, round);
        ping.release();
        waitFor(pong);
        checkAnswer(region, pattern, round);
      }
      countUnits(ping, pong);
      Region.unlink(name);
      Semaphore.unlink(name + ".ping");
      Semaphore.unlink(name + ".pong");
    }
    System.out.println(count + " rounds");
  }

  private static Region attachWhenItAppears(String name) throws InterruptedException {
    try {
      Region.attach(name).close();
    } catch (NotFoundException awaited) {
      System.out.println("waiting");
      return Region.attach(name, new Options().timeout(PATIENCE));
    }
    throw new IllegalStateException(name + " is there already");
  }

  static void second(Pattern pattern, String name, int count) throws InterruptedException {
    Options patient = new Options().timeout(PATIENCE);
    try (Region region = attachWhenItAppears(name);
        Semaphore ping = Semaphore.attach(name + ".ping", patient);
        Semaphore pong = Semaphore.attach(name + ".pong", patient)) {
      if (region.size() != REGION_SIZE) throw new IllegalStateException("the region has another size");
      for (int round = 0; round < count; round++) {
        waitFor(ping);
        checkQuestion(region, pattern, round);
        giveAnswer(region, round);
        pong.release();
      }
      pong.release(3);
      ping.release();
    }
    System.out.println(count + " rounds");
  }
}
