// One well between two: arrays, turns, permits, events; and what the one that is killed leaves to the other.
//
// Main entries: first, second, holder, heir.
//
// SPDX-License-Identifier: MIT

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.memwell.Event;
import org.memwell.Mutex;
import org.memwell.ObjectInfo;
import org.memwell.Options;
import org.memwell.OwnerDiedException;
import org.memwell.ParticipantInfo;
import org.memwell.RobustSemaphore;
import org.memwell.View;
import org.memwell.Well;

final class Wells implements AutoCloseable {
  private static final int SIZE = 65536, ROWS = 3, COLUMNS = 4, PERMITS = 3;

  /** Only a peer that died is waited for so long. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  // Its objects, found or created

  private final Well well;
  private final View grid;
  private final View counts;
  private final Mutex turn;
  private final RobustSemaphore permits;
  private final Event ping;
  private final Event pong;

  private Wells(Well well) {
    this.well = well;
    grid = well.array("grid", "float64", ROWS, COLUMNS);
    counts = well.array("counts", "int64", 2);
    turn = well.mutex("turn");
    permits = well.semaphore("permits", PERMITS);
    ping = well.event("ping");
    pong = well.event("pong");
  }

  @Override
  public void close() {
    well.check();
    well.close();
  }

  private static void must(boolean right, String what) {
    if (!right) throw new IllegalStateException(what);
  }

  /** Each cell has the other side's number; leave one of our own. */
  private void answerGrid(double wantedSign, double sign) {
    for (int row = 0; row < ROWS; row++)
      for (int column = 0; column < COLUMNS; column++) {
        double number = row * COLUMNS + column + 0.5;
        double found = (Double) grid.get(row, column);
        must(found == wantedSign * number, "grid " + row + " " + column + ": " + found);
        grid.set(row, column, sign * number);
      }
  }

  private void takeTurns(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      try (var hold = turn.hold()) {
        must(counts.getLong(0) == counts.getLong(1), "two have the turn: " + counts.toList());
        counts.setLong(0, counts.getLong(0) + 1);
        counts.setLong(1, counts.getLong(1) + 1);
      }
    }
  }

  /** Waits until it is set, and clears it. */
  private static void expect(Event event) throws InterruptedException {
    must(event.await(PATIENCE), event.name() + " was not set in time");
    event.clear();
  }

  private void expectValue(long wanted) {
    must(permits.value() == wanted, "permits: " + permits.value() + " free instead of " + wanted);
  }

  private boolean takesPermit() throws InterruptedException {
    return permits.acquire(Duration.ZERO);
  }

  private static String wordsOf(ObjectInfo info) {
    String what = info.name() + " " + info.kind() + " " + info.offset() + " " + info.size();
    if (info.dtype() == null) return info.capacity() == 0 ? what : what + " " + info.capacity();
    return what + " " + info.dtype() + info.shape().stream().map(extent -> " " + extent).collect(Collectors.joining());
  }

  /** What the well says that it has, but for what may change at any moment. */
  private void printObjects() {
    well.objects().stream().sorted(Comparator.comparing(ObjectInfo::name)).map(Wells::wordsOf).forEach(System.out::println);
  }

  private void printOthers() {
    for (ParticipantInfo each : well.participants()) {
      if (each.own()) continue;
      List<String> held = well.held(each.slot()).stream().map(ObjectInfo::name).sorted().toList();
      System.out.println("slot " + each.slot() + " " + each.condition() + ": " + String.join(" ", held));
    }
  }

  private void printTurn(Duration timeout) throws InterruptedException {
    try {
      System.out.println(turn.acquire(timeout) ? "turn: acquired" : "turn: it did not come");
    } catch (OwnerDiedException died) {
      System.out.println("turn: its owner died");
    }
  }

  // Two that live

  static void first(String name, int count) throws InterruptedException {
    try (Wells own = new Wells(Well.create(name, SIZE))) {
      own.answerGrid(0, 1);
      System.out.println("ready");
      expect(own.pong);
      own.answerGrid(-1, 1);
      own.takeTurns(count);
      for (int i = 0; i < count; i++) {
        own.ping.set();
        expect(own.pong);
      }
      must(own.counts.getLong(0) == 2L * count, own.counts.getLong(0) + " turns");
      must(own.takesPermit() && own.takesPermit(), "no permits");
      own.ping.set();
      expect(own.pong);
      own.expectValue(1);
      own.permits.release(2);
      own.printObjects();
    }
    Well.unlink(name);
  }

  static void second(String name, int count) throws InterruptedException {
    try (Wells own = new Wells(Well.attach(name, new Options().timeout(PATIENCE)))) {
      own.answerGrid(1, -1);
      own.pong.set();
      own.takeTurns(count);
      for (int i = 0; i < count; i++) {
        expect(own.ping);
        own.pong.set();
      }
      expect(own.ping);
      own.expectValue(1);
      must(own.takesPermit() && !own.takesPermit(), "not one permit was left");
      own.permits.release();
      System.out.println("ready");
      own.printObjects();
      own.pong.set();
    }
  }

  // One that is killed, and one that comes after it

  static void holder(String name) throws InterruptedException {
    Wells own = new Wells(Well.create(name, SIZE));
    must(own.turn.acquire(Duration.ZERO) && own.takesPermit() && own.takesPermit(), "no turn, or no permits");
    own.counts.setLong(0, 1);
    System.out.println("holding");
    expect(own.ping);
  }

  static void heir(String name) throws InterruptedException {
    try (Wells own = new Wells(Well.attach(name, new Options().timeout(PATIENCE)))) {
      own.expectValue(1);
      own.printOthers();
      own.printTurn(PATIENCE);
      int taken = 0;
      while (own.takesPermit()) taken++;
      System.out.println("permits: " + taken);
      own.permits.release(taken);
      own.turn.recover().close();
      own.printTurn(Duration.ZERO);
      try (var recovery = own.turn.recover()) {
        own.counts.setLong(1, own.counts.getLong(0));
        recovery.mended();
      }
      own.printTurn(Duration.ZERO);
      System.out.println("counts: " + own.counts.getLong(0) + " " + own.counts.getLong(1));
      own.turn.release();
    }
    Well.unlink(name);
  }
}
