// SPDX-License-Identifier: MIT
package org.memwell.test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.memwell.ExistsException;
import org.memwell.InvalidArgumentException;
import org.memwell.KindException;
import org.memwell.MemwellException;
import org.memwell.NotFoundException;
import org.memwell.Options;
import org.memwell.OverflowException;
import org.memwell.RangeException;
import org.memwell.Region;
import org.memwell.Span;
import org.memwell.View;
import org.memwell.Well;

/** Numbers, text, options and lists, from Java and to Java; what is of a wrong kind. */
class ValueTest {
  private static final BigInteger LARGE = new BigInteger("18446744073709551615");

  @Test
  void everyKindOfNumber() {
    try (Region region = Region.anonymous(4096)) {
      View view = region.view("int64", 4);
      for (Object each : List.of((byte) 5, (short) 5, 5, 5L, BigInteger.valueOf(5), 5.0, 5.0f)) {
        view.set(0, 0);
        view.set(0, each);
        assertEquals(5L, view.get(0));
      }
      assertThrows(ClassCastException.class, () -> view.set(0, "5"));
      assertThrows(ClassCastException.class, () -> view.set(0, '5'));
      assertThrows(NullPointerException.class, () -> view.set(0, (Object) null));
      assertThrows(OverflowException.class, () -> view.set(0, LARGE));
      assertThrows(OverflowException.class, () -> view.set(0, LARGE.shiftLeft(1)));
      assertThrows(OverflowException.class, () -> view.set(0, LARGE.negate()));
      assertThrows(InvalidArgumentException.class, () -> view.set(0, 5.5));
      assertEquals(5L, view.get(0));
    }
  }

  @Test
  void unsignedIntegersAreBigOnlyAboveALong() {
    try (Region region = Region.anonymous(4096)) {
      View view = region.view("uint64", 4);
      view.set(0, LARGE);
      view.set(1, Long.MAX_VALUE);
      assertEquals(LARGE, view.get(0));
      assertEquals(Long.MAX_VALUE, view.get(1));
      assertEquals(List.of(LARGE, Long.MAX_VALUE, 0L, 0L), view.toList());
      assertEquals(LARGE, view.max());
      assertEquals(LARGE, view.atomicLoad(0));
      assertEquals(LARGE, view.atomicExchange(0, LARGE.subtract(BigInteger.ONE)));
      assertEquals(Long.MAX_VALUE, view.getLong(1));
      assertEquals(0x1p64, view.getDouble(0));
      assertThrows(OverflowException.class, () -> view.getLong(0));
      assertThrows(OverflowException.class, () -> view.atomicLoadLong(0));
      assertThrows(OverflowException.class, view::toLongArray);
      assertArrayEquals(new double[] {0x1p64, 0x1p63, 0, 0}, view.toDoubleArray());
    }
  }

  @Test
  void primitives() {
    try (Region region = Region.anonymous(4096)) {
      View ints = region.view("int16", 4);
      ints.setLong(1, -7);
      ints.setDouble(2, 9);
      assertEquals(-7, ints.getLong(1));
      assertEquals(9.0, ints.getDouble(2));
      assertThrows(OverflowException.class, () -> ints.setLong(1, 40000));
      assertThrows(InvalidArgumentException.class, () -> ints.setDouble(1, 0.5));
      assertThrows(RangeException.class, () -> ints.getLong(4));
      assertThrows(RangeException.class, () -> ints.getLong(-1));
      assertThrows(RangeException.class, () -> ints.setDouble(-1, 1));
      assertArrayEquals(new long[] {0, -7, 9, 0}, ints.toLongArray());
      View floats = region.view("float32", new long[] {2, 2}, 64);
      floats.set(1, 0, 0.5);
      assertThrows(InvalidArgumentException.class, () -> floats.getDouble(2));
      assertThrows(InvalidArgumentException.class, () -> region.view("float32", 4).getLong(0));
      assertThrows(InvalidArgumentException.class, floats::toLongArray);
      assertArrayEquals(new double[] {0, 0, 0.5, 0}, floats.toDoubleArray());
      View counters = region.view("int64", new long[] {2}, 256);
      assertEquals(0, counters.atomicAddLong(0, 5));
      assertEquals(5, counters.atomicLoadLong(0));
      assertThrows(RangeException.class, () -> counters.atomicAddLong(-1, 5));
      assertThrows(RangeException.class, () -> counters.atomicAdd(-1, 5));
    }
  }

  @Test
  void listsAndArrays() {
    try (Region region = Region.anonymous(4096)) {
      View view = region.view("float64", new long[] {2, 3});
      view.assign(List.of(List.of(1, 2.5, 3), new int[] {4, 5, 6}));
      assertEquals(List.of(List.of(1.0, 2.5, 3.0), List.of(4.0, 5.0, 6.0)), view.toList());
      view.assign(new double[][] {{6, 5, 4}, {3, 2, 1}});
      assertArrayEquals(new double[] {6, 5, 4, 3, 2, 1}, view.toDoubleArray());
      view.assign(new long[] {1, 2, 3, 4, 5, 6});
      assertEquals(21.0, view.sum());
      assertEquals(List.of(6.0, 1.0), view.reshape(6).take(new long[] {5, 0}));
      assertThrows(InvalidArgumentException.class, () -> view.assign(List.of(1, 2)));
      assertThrows(ClassCastException.class, () -> view.assign(List.of(1, 2, 3, 4, 5, "six")));
      assertThrows(InvalidArgumentException.class, () -> view.reshape(6).take(new double[] {1.5}));
      assertThrows(RangeException.class, () -> view.reshape(6).take(new long[] {6}));
      assertEquals(21.0, view.sum());
      List<Object> sums = new ArrayList<>();
      for (Object row : view) sums.add(((View) row).sum());
      assertEquals(List.of(6.0, 15.0), sums);
      var elements = view.select(0, 1).iterator();
      assertEquals(4.0, elements.next());
      elements.next();
      elements.next();
      assertThrows(NoSuchElementException.class, elements::next);
      assertThrows(InvalidArgumentException.class, () -> view.reshape(1, 1, 1, 1, 1, 1, 1, 1, 6));
      assertThrows(NullPointerException.class, () -> view.copyFrom(null));
    }
  }

  @Test
  void linesAndRuns() {
    try (Region region = Region.anonymous(4096)) {
      region.write("one\ntwo\n\nthree".getBytes(), 0);
      List<Long> sizes = new ArrayList<>();
      for (Span line : region.lines()) sizes.add(line.size());
      assertEquals(List.of(3L, 3L, 0L, 4096L - 9), sizes);
      assertEquals(new Span(4, 7, 7), region.run("wto".getBytes(), 3));
      assertNull(region.run("x".getBytes()));
      assertNull(region.line(4096));
      assertEquals(-1, region.find("four".getBytes()));
      assertEquals(9, region.rfind("t".getBytes()));
    }
  }

  @Test
  void textIsUnicode() {
    String name = Machine.name("grün-𝄞");
    try (Region region = Region.create(name, 4096, new Options().temporary(true))) {
      assertEquals(name, region.name());
      assertThrows(ExistsException.class, () -> Region.create(name, 4096));
      String message = assertThrows(ExistsException.class, () -> Region.create(name, 4096)).getMessage();
      assertTrue(message.contains(name), message);
      assertThrows(InvalidArgumentException.class, () -> Region.attach("a\0b"));
      assertThrows(InvalidArgumentException.class, () -> Region.attach("\ud834"));
      assertEquals("name", assertThrows(NullPointerException.class, () -> Region.attach(null)).getMessage());
      String negative = assertThrows(InvalidArgumentException.class, () -> region.read(-1, 4)).getMessage();
      assertEquals("offset -1 is negative", negative);
    }
  }

  @Test
  void options() {
    Options options = new Options().temporary(true).permissions(0600);
    String name = Machine.name("options");
    for (int i = 0; i < 2; i++) Region.create(name, 4096, options).close();
    assertThrows(InvalidArgumentException.class, () -> new Options().set("colour", 1));
    assertThrows(InvalidArgumentException.class, () -> new Options().set("size", true));
    assertThrows(InvalidArgumentException.class, () -> new Options().set("size", "large"));
    assertThrows(InvalidArgumentException.class, () -> new Options().size(-1));
    assertThrows(InvalidArgumentException.class, () -> new Options().requireSeals("wax"));
    assertThrows(InvalidArgumentException.class, () -> new Options().onFault("x".repeat(1000)));
    assertThrows(InvalidArgumentException.class, () -> Region.create(name, 4096, new Options().slots(3)));
    assertThrows(InvalidArgumentException.class, () -> Region.create(name, 4096, new Options().permissions(077777)));
    assertThrows(NotFoundException.class, () -> Region.attach(name, new Options().timeout(Duration.ofMillis(20))));
  }

  @Test
  void seals() {
    try (Region region = Region.memfd(4096, new Options().name("sealed"))) {
      assertEquals(Set.of(), region.seals());
      region.seal("shrink", "grow");
      assertEquals(Set.of("shrink", "grow"), region.seals());
      assertThrows(MemwellException.class, () -> region.resize(8192));
      try (Region other = Region.fromFd(region.fileno(), new Options().requireSeals("shrink"))) {
        assertTrue(region.same(other));
      }
      assertThrows(InvalidArgumentException.class, () -> region.seal("wax"));
      assertThrows(NullPointerException.class, () -> region.same(null));
    }
  }

  @Test
  void whatAWellSaysOfItself() throws Exception {
    try (Well well = Well.create(Machine.name("well"), 65536, new Options().temporary(true))) {
      well.array("table", "float32", 3, 4);
      well.semaphore("permits", 5).acquire();
      var table = well.objects().stream().filter(each -> each.name().equals("table")).findFirst().orElseThrow();
      assertEquals("array", table.kind());
      assertEquals("float32", table.dtype());
      assertEquals(List.of(3L, 4L), table.shape());
      var permits = well.objects().stream().filter(each -> each.name().equals("permits")).findFirst().orElseThrow();
      assertEquals(5, permits.capacity());
      assertEquals(1, permits.held());
      assertNull(permits.dtype());
      assertEquals(List.of("permits"), well.held(well.slot()).stream().map(each -> each.name()).toList());
      var own = well.participants().get(0);
      assertTrue(own.own());
      assertEquals("running", own.condition());
      assertEquals(ProcessHandle.current().pid(), own.pid());
      assertThrows(KindException.class, () -> well.mutex("table"));
      assertThrows(InvalidArgumentException.class, () -> well.held(-1));
      well.semaphore("permits").release();
      well.delete("table");
      assertEquals(1, well.objects().size());
    }
  }

  @Test
  void everyErrorHasACodeAndAnErrno() {
    MemwellException problem = assertThrows(NotFoundException.class, () -> Region.attach(Machine.name("none")));
    assertEquals("ENOENT", problem.code());
    assertEquals(2, problem.errno());
    assertTrue(Arrays.asList(problem.getMessage().split("[(:]")).contains("Region.attach"), problem.getMessage());
  }
}
