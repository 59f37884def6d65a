// SPDX-License-Identifier: MIT
package org.memwell;

import java.util.LinkedHashSet;
import java.util.Set;

/** Names of seals, and the bits that stand for them. */
final class Seals {
  static {
    NativeLibrary.load();
  }

  private Seals() {}

  private static native long parse(byte[] name);

  private static native byte[] name(int bit);

  static long encode(String... names) {
    long bits = 0;
    for (String name : names) bits |= parse(Text.encode(name, "seal"));
    return bits;
  }

  static Set<String> decode(long bits) {
    Set<String> names = new LinkedHashSet<>();
    byte[] name;
    for (int bit = 0; (name = name(bit)) != null; bit++) if ((bits >> bit & 1) != 0) names.add(Text.decode(name));
    return names;
  }
}
