// SPDX-License-Identifier: MIT
package org.memwell;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Text as UTF-8. */
final class Text {
  private Text() {}

  /** {@code name} is the argument's, for who is to mend it. */
  static byte[] encode(String text, String name) {
    if (Objects.requireNonNull(text, name).indexOf('\0') >= 0)
      throw new InvalidArgumentException(name + " has a NUL in it: \"" + text.replace("\0", "\\0") + '"');
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException problem) {
      throw new InvalidArgumentException(name + " has half a character in it");
    }
  }

  static byte[] encodeOptional(String text, String name) {
    return text == null ? null : encode(text, name);
  }

  static String decode(byte[] text) {
    return text == null ? null : new String(text, StandardCharsets.UTF_8);
  }
}
