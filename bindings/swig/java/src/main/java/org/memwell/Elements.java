// SPDX-License-Identifier: MIT
package org.memwell;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** The elements of a view, or its rows. */
final class Elements implements Iterator<Object> {
  private final View view;
  private final boolean rows;
  private long next;

  Elements(View view) {
    this.view = view;
    this.rows = view.ndim() > 1;
  }

  @Override
  public boolean hasNext() {
    return next < view.length();
  }

  @Override
  public Object next() {
    if (!hasNext()) throw new NoSuchElementException();
    long i = next++;
    return rows ? view.select(0, i) : view.get(i);
  }
}
