// The numbers that both sides know without telling each other. Main entry: Pattern.bits.
//
// SPDX-License-Identifier: MIT

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The pattern, with the edges that a file gives. Bits are a long; an element's value is what memwell makes of it. */
final class Pattern {
  static final List<String> DTYPES = List.of(
      "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64", "bool");
  private static final int[] SIZES = {1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8, 1};
  private static final int TEXT = 12;

  private final List<long[]> edges = new ArrayList<>();

  Pattern(String path) throws IOException {
    for (String line : Files.readAllLines(Path.of(path))) {
      if (line.startsWith("#")) continue;
      String[] words = line.split("\\s+");
      if (!words[0].equals(DTYPES.get(edges.size()))) throw new IllegalStateException(path + ": not a line for each dtype");
      long[] bits = new long[words.length - 1];
      for (int i = 0; i < bits.length; i++) bits[i] = Long.parseUnsignedLong(words[i + 1], 16);
      edges.add(bits);
    }
  }

  static long mix(long x) {
    x += 0x9e3779b97f4a7c15L;
    x = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
    x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
    return x ^ x >>> 31;
  }

  static long draw(long round, int d, int k) {
    return mix(round << 16 | (long) d << 8 | k);
  }

  static int sizeOf(int d) {
    return SIZES[d];
  }

  static boolean isFloat(int d) {
    return DTYPES.get(d).startsWith("float");
  }

  static long allBits(int d) {
    return -1L >>> 64 - 8 * SIZES[d];
  }

  long bits(long round, int d, int k) {
    long x = draw(round, d, k);
    if ((x & 3) == 0) {
      long[] edge = edges.get(d);
      return edge[(int) Long.remainderUnsigned(x >>> 2, edge.length)];
    }
    long bits = mix(x) & (DTYPES.get(d).equals("bool") ? 1 : allBits(d));
    return isFloat(d) && Double.isNaN((Double) value(d, bits)) ? notANumber(d) : bits;
  }

  private static long notANumber(int d) {
    return switch (SIZES[d]) {
      case 2 -> 0x7e00L;
      case 4 -> 0x7fc00000L;
      default -> 0x7ff8000000000000L;
    };
  }

  /** The element in memory. */
  static byte[] pack(int d, long bits) {
    byte[] element = new byte[SIZES[d]];
    ByteBuffer whole = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(0, bits);
    whole.get(whole.order() == ByteOrder.LITTLE_ENDIAN ? 0 : 8 - element.length, element);
    return element;
  }

  /** What the bits mean, found without memwell's help. */
  static Object value(int d, long bits) {
    String dtype = DTYPES.get(d);
    if (dtype.equals("bool")) return bits != 0;
    if (isFloat(d)) return number(d, bits);
    int unused = 64 - 8 * SIZES[d];
    if (dtype.startsWith("int")) return bits << unused >> unused;
    return bits < 0 ? (Object) new BigInteger(Long.toUnsignedString(bits)) : (Object) bits;
  }

  private static Double number(int d, long bits) {
    return switch (SIZES[d]) {
      case 2 -> half((int) bits);
      case 4 -> (double) Float.intBitsToFloat((int) bits);
      default -> Double.longBitsToDouble(bits);
    };
  }

  private static double half(int bits) {
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    double size = switch (exponent) {
      case 0 -> fraction * 0x1p-24;
      case 31 -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
      default -> (1024 + fraction) * Math.scalb(1.0, exponent - 25);
    };
    return bits >> 15 == 0 ? size : -size;
  }

  /** Of the same kind and with the same bits; one not-a-number is as good as another. */
  static boolean isSame(Object one, Object other) {
    return one.equals(other);
  }

  static long answer(int d, long bits) {
    if (DTYPES.get(d).equals("bool")) return bits ^ 1;
    if (!isFloat(d)) return bits ^ allBits(d);
    return Double.isNaN((Double) value(d, bits)) ? bits : bits ^ 1L << 8 * SIZES[d] - 1;
  }

  static byte[] text(long round) {
    ByteBuffer text = ByteBuffer.allocate(96).order(ByteOrder.nativeOrder());
    for (int k = 0; k < 12; k++) text.putLong(draw(round, TEXT, k));
    return text.array();
  }
}
