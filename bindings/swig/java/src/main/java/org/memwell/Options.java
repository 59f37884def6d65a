// SPDX-License-Identifier: MIT
package org.memwell;

import java.time.Duration;

/**
 * What may be given by name to what makes or attaches something: {@code new Options().temporary(true).permissions(0600)}. A call
 * refuses the options that it does not take. One object may be used for many calls.
 */
public final class Options {
  static {
    NativeLibrary.load();
  }

  /** As the native library keeps them. */
  private final byte[] image = begin();

  private static native byte[] begin();

  private static native void setFlag(byte[] image, byte[] name, boolean value);

  private static native void setNumber(byte[] image, byte[] name, long value);

  private static native void setSeconds(byte[] image, byte[] name, double value);

  private static native void setText(byte[] image, byte[] name, byte[] value);

  private static native void setSeals(byte[] image, byte[] name, long value);

  static byte[] image(Options options) {
    return options == null ? null : options.image.clone();
  }

  /** Sets the option of that name, as Python has it: "any_owner". */
  public Options set(String name, boolean value) {
    setFlag(image, Text.encode(name, "name"), value);
    return this;
  }

  /** Sets the option of that name. */
  public Options set(String name, long value) {
    setNumber(image, Text.encode(name, "name"), value);
    return this;
  }

  /** Sets the option of that name; null is for ever. */
  public Options set(String name, Duration value) {
    setSeconds(image, Text.encode(name, "name"), Values.seconds(value));
    return this;
  }

  /** Sets the option of that name. */
  public Options set(String name, String value) {
    setText(image, Text.encode(name, "name"), Text.encode(value, name));
    return this;
  }

  /** Sets the option of that name. */
  public Options set(String name, String[] seals) {
    setSeals(image, Text.encode(name, "name"), Seals.encode(seals));
    return this;
  }

  public Options permissions(int bits) {
    return set("permissions", bits);
  }

  public Options temporary(boolean value) {
    return set("temporary", value);
  }

  public Options readOnly(boolean value) {
    return set("readonly", value);
  }

  public Options privateCopy(boolean value) {
    return set("private", value);
  }

  public Options anyOwner(boolean value) {
    return set("any_owner", value);
  }

  /** How long to wait for the name; null is for ever. */
  public Options timeout(Duration value) {
    return set("timeout", value);
  }

  public Options offset(long value) {
    return set("offset", value);
  }

  public Options size(long value) {
    return set("size", value);
  }

  public Options name(String value) {
    return set("name", value);
  }

  public Options guard(boolean value) {
    return set("guard", value);
  }

  public Options onFault(String value) {
    return set("on_fault", value);
  }

  public Options keepFd(boolean value) {
    return set("keep_fd", value);
  }

  public Options hugePages(boolean value) {
    return set("huge_pages", value);
  }

  public Options requireSeals(String... seals) {
    return set("require_seals", seals);
  }

  public Options how(String value) {
    return set("how", value);
  }

  public Options count(long value) {
    return set("count", value);
  }

  public Options value(long value) {
    return set("value", value);
  }

  public Options undo(boolean value) {
    return set("undo", value);
  }

  public Options unusedOk(boolean value) {
    return set("unused_ok", value);
  }

  public Options slots(long value) {
    return set("slots", value);
  }

  public Options objects(long value) {
    return set("objects", value);
  }

  public Options create(boolean value) {
    return set("create", value);
  }
}
