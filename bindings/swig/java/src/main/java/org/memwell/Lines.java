// SPDX-License-Identifier: MIT
package org.memwell;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** One line of a region after the other. */
final class Lines implements Iterator<Span> {
  private final Region region;
  private Span next;

  Lines(Region region, long start) {
    this.region = region;
    this.next = region.line(start);
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Span next() {
    if (next == null) throw new NoSuchElementException();
    Span line = next;
    next = region.line(line.resume());
    return line;
  }
}
