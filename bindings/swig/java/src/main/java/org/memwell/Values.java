// SPDX-License-Identifier: MIT
package org.memwell;

import java.lang.reflect.Array;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers as they cross: an element is two longs, its kind and its bits. Integers are Long, and BigInteger above Long.MAX_VALUE;
 * floats are Double, and bools Boolean.
 */
final class Values {
  private Values() {}

  /** An offset, size or count that was not given. */
  static final long NOTHING = Long.MIN_VALUE;

  private static final int INT = 0, UINT = 1, FLOAT = 2, BOOL = 3;
  private static final int MAX_DIMENSIONS = 8;
  private static final int MAX_BITS = 64;

  // Arguments that are plain numbers

  static long natural(long number, String name) {
    if (number < 0) throw new InvalidArgumentException(name + " " + number + " is negative");
    return number;
  }

  static long naturalOrNothing(long number, String name) {
    return number == NOTHING ? number : natural(number, name);
  }

  static long small(long number, String name) {
    return Math.min(natural(number, name), 0xffffffffL);
  }

  static long index(long number) {
    if (number < 0) throw new RangeException("index " + number + " is negative");
    return number;
  }

  static double seconds(Duration timeout) {
    return timeout == null ? Double.POSITIVE_INFINITY : timeout.getSeconds() + timeout.getNano() / 1e9;
  }

  static long[] extents(long[] extents) {
    if (extents != null && extents.length > MAX_DIMENSIONS)
      throw new InvalidArgumentException(extents.length + " dimensions: " + MAX_DIMENSIONS + " are the most");
    return extents;
  }

  // Single values

  static long[] encode(Object value) {
    return new long[] {kindOf(value), bitsOf(value)};
  }

  static Object decode(long[] pair) {
    return value((int) pair[0], pair[1]);
  }

  private static int kindOf(Object value) {
    if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) return INT;
    if (value instanceof Double || value instanceof Float) return FLOAT;
    if (value instanceof Boolean) return BOOL;
    if (value instanceof BigInteger number) return number.bitLength() < MAX_BITS ? INT : UINT;
    if (value == null) throw new NullPointerException("a number is wanted, or a Boolean, not null");
    throw new ClassCastException("a number is wanted, or a Boolean, not " + value.getClass().getName());
  }

  private static long bitsOf(Object value) {
    if (value instanceof Double || value instanceof Float) return Double.doubleToRawLongBits(((Number) value).doubleValue());
    if (value instanceof Boolean flag) return flag ? 1 : 0;
    if (value instanceof BigInteger number && number.bitLength() >= (number.signum() < 0 ? MAX_BITS : MAX_BITS + 1))
      throw new OverflowException(number + " is more than 64 bits can hold");
    return ((Number) value).longValue();
  }

  private static Object value(int kind, long bits) {
    return switch (kind) {
      case FLOAT -> (Object) Double.longBitsToDouble(bits);
      case BOOL -> bits != 0;
      case UINT -> bits < 0 ? new BigInteger(Long.toUnsignedString(bits)) : (Object) bits;
      default -> bits;
    };
  }

  // Many values, from Java

  /** {kinds, bits} of a number, an array or a list of them, or of such lists. */
  static Object[] flatten(Object values) {
    if (values instanceof long[] numbers) return new Object[] {new byte[] {INT}, numbers};
    if (values instanceof double[] numbers) {
      return new Object[] {new byte[] {FLOAT}, Arrays.stream(numbers).mapToLong(Double::doubleToRawLongBits).toArray()};
    }
    List<Object> flat = new ArrayList<>();
    collect(values, flat);
    byte[] kinds = new byte[flat.size()];
    long[] bits = new long[flat.size()];
    for (int i = 0; i < bits.length; i++) {
      kinds[i] = (byte) kindOf(flat.get(i));
      bits[i] = bitsOf(flat.get(i));
    }
    return new Object[] {kinds, bits};
  }

  private static void collect(Object values, List<Object> flat) {
    if (values instanceof Iterable<?> list) {
      for (Object each : list) collect(each, flat);
    } else if (values != null && values.getClass().isArray()) {
      int length = Array.getLength(values);
      for (int i = 0; i < length; i++) collect(Array.get(values, i), flat);
    } else {
      flat.add(values);
    }
  }

  /** Said before anything is copied. */
  static void checkCount(long count) {
    if (count > Integer.MAX_VALUE)
      throw new NotSupportedException(count + " elements: a Java array has at most " + Integer.MAX_VALUE + "; take slices");
  }

  // Many values, to Java: {{kind, extents...}, long[] or double[]}

  static List<Object> nested(Object[] elements) {
    return elements == null ? null : new Nesting((long[]) elements[0], elements[1]).list(1);
  }

  private static final class Nesting {
    private final long[] form;
    private final Object numbers;
    private int next;

    Nesting(long[] form, Object numbers) {
      this.form = form;
      this.numbers = numbers;
    }

    List<Object> list(int dimension) {
      List<Object> list = new ArrayList<>((int) form[dimension]);
      for (long i = 0; i < form[dimension]; i++) list.add(dimension + 1 < form.length ? list(dimension + 1) : take());
      return list;
    }

    private Object take() {
      return numbers instanceof double[] floats ? (Object) floats[next++] : value((int) form[0], ((long[]) numbers)[next++]);
    }
  }

  static long[] longs(Object[] elements) {
    if (!(elements[1] instanceof long[] numbers)) throw new InvalidArgumentException("the elements are floats, not integers");
    if (((long[]) elements[0])[0] == UINT) Arrays.stream(numbers).forEach(Values::checkSigned);
    return numbers;
  }

  private static void checkSigned(long bits) {
    if (bits < 0) throw new OverflowException("a long cannot hold " + Long.toUnsignedString(bits));
  }

  static double[] doubles(Object[] elements) {
    if (elements[1] instanceof double[] floats) return floats;
    int kind = (int) ((long[]) elements[0])[0];
    return Arrays.stream((long[]) elements[1]).mapToDouble(bits -> kind == UINT ? unsigned(bits) : bits).toArray();
  }

  private static double unsigned(long bits) {
    return bits < 0 ? new BigInteger(Long.toUnsignedString(bits)).doubleValue() : bits;
  }
}
