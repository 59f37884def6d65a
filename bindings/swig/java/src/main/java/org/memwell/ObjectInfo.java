// SPDX-License-Identifier: MIT
package org.memwell;

import java.util.ArrayList;
import java.util.List;

/**
 * An object in a well: owner (a slot, or -1) and waiters of a lock, capacity and held permits of a semaphore, dtype and shape of an
 * array, else null and none.
 */
public record ObjectInfo(
    String name,
    String kind,
    long offset,
    long size,
    int owner,
    boolean inconsistent,
    long waiters,
    long capacity,
    long held,
    String dtype,
    List<Long> shape) {

  static List<ObjectInfo> list(Object[] rows) {
    if (rows == null) return null;
    List<ObjectInfo> list = new ArrayList<>(rows.length);
    for (Object row : rows) list.add(of((Object[]) row));
    return list;
  }

  private static ObjectInfo of(Object[] row) {
    long[] n = (long[]) row[2];
    List<Long> shape = new ArrayList<>();
    for (long extent : (long[]) row[4]) shape.add(extent);
    return new ObjectInfo(
        text(row[0]), text(row[1]), n[0], n[1], (int) n[2], n[3] != 0, n[4], n[5], n[6], text(row[3]), List.copyOf(shape));
  }

  private static String text(Object bytes) {
    return Text.decode((byte[]) bytes);
  }
}
