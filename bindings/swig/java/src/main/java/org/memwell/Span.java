// SPDX-License-Identifier: MIT
package org.memwell;

/** A part of a region: from {@code start} to before {@code stop}; {@code resume} is where to go on looking. */
public record Span(long start, long stop, long resume) {
  /** How many bytes it has. */
  public long size() {
    return stop - start;
  }

  static Span of(long[] parts) {
    return parts == null || parts[0] < 0 ? null : new Span(parts[0], parts[1], parts[2]);
  }
}
