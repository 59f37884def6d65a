// SPDX-License-Identifier: MIT
package org.memwell.test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON, as much of it as the list of behaviours has: integers are Long, and there are no floats. */
final class Json {
  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  static Object read(String text) {
    Json reader = new Json(text);
    Object value = reader.value();
    if (reader.next() != '\0') throw reader.wrong();
    return value;
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException("no JSON at " + text.substring(at, Math.min(at + 40, text.length())));
  }

  /** The next character that is no blank, or NUL at the end. */
  private char next() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) at++;
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private boolean take(char wanted) {
    if (next() != wanted) return false;
    at++;
    return true;
  }

  private Object value() {
    return switch (next()) {
      case '{' -> object();
      case '[' -> list();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Object word(String word, Object value) {
    if (!text.startsWith(word, at)) throw wrong();
    at += word.length();
    return value;
  }

  private Map<String, Object> object() {
    Map<String, Object> object = new LinkedHashMap<>();
    take('{');
    while (!take('}')) {
      String key = string();
      if (!take(':')) throw wrong();
      object.put(key, value());
      if (!take(',') && next() != '}') throw wrong();
    }
    return object;
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    take('[');
    while (!take(']')) {
      list.add(value());
      if (!take(',') && next() != ']') throw wrong();
    }
    return list;
  }

  private String string() {
    StringBuilder string = new StringBuilder();
    if (!take('"')) throw wrong();
    while (text.charAt(at) != '"') string.append(text.charAt(at) == '\\' ? escaped() : text.charAt(at++));
    at++;
    return string.toString();
  }

  private char escaped() {
    char letter = text.charAt(at + 1);
    at += 2;
    return switch (letter) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> (char) Integer.parseInt(text.substring(at, at += 4), 16);
      default -> letter;
    };
  }

  private Long number() {
    int start = at;
    while (at < text.length() && "-0123456789".indexOf(text.charAt(at)) >= 0) at++;
    if (start == at) throw wrong();
    return Long.valueOf(text.substring(start, at));
  }
}
