// SPDX-License-Identifier: MIT
package org.memwell;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Loads the native library, once: what {@code -Dmemwell.library.path=FILE} names, or the jar's, by way of a temporary file. */
final class NativeLibrary {
  private static final String PROPERTY = "memwell.library.path";

  private NativeLibrary() {}

  private static final class Loaded {
    static {
      String given = System.getProperty(PROPERTY);
      if (given == null) loadOwn();
      else System.load(Path.of(given).toAbsolutePath().toString());
    }

    static void here() {}
  }

  static void load() {
    Loaded.here();
  }

  private static String resource() {
    String processor = System.getProperty("os.arch");
    return "linux-" + (processor.equals("amd64") ? "x86_64" : processor) + "/libmemwell-java.so";
  }

  private static void loadOwn() {
    String name = resource();
    try (InputStream stream = NativeLibrary.class.getResourceAsStream(name)) {
      if (stream == null)
        throw new UnsatisfiedLinkError("memwell: no " + name + " in the jar; build one here, or name a library by -D" + PROPERTY);
      loadCopy(stream);
    } catch (IOException problem) {
      throw new UncheckedIOException("memwell: no copy of the native library could be made", problem);
    }
  }

  /** The file may go as soon as it is loaded. */
  private static void loadCopy(InputStream stream) throws IOException {
    Path copy = Files.createTempFile("memwell-", ".so");
    try {
      Files.copy(stream, copy, StandardCopyOption.REPLACE_EXISTING);
      System.load(copy.toString());
    } finally {
      Files.deleteIfExists(copy);
    }
  }
}
