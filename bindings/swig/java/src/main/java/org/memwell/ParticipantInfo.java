// SPDX-License-Identifier: MIT
package org.memwell;

import java.util.ArrayList;
import java.util.List;

/** A process that is attached to a well: "running", "stopped" or "dead"; {@code own} says that it is this one. */
public record ParticipantInfo(int slot, long pid, boolean own, String condition) {
  static List<ParticipantInfo> list(Object[] rows) {
    if (rows == null) return null;
    List<ParticipantInfo> list = new ArrayList<>(rows.length);
    for (Object row : rows) list.add(of((Object[]) row));
    return list;
  }

  private static ParticipantInfo of(Object[] row) {
    long[] numbers = (long[]) row[1];
    return new ParticipantInfo((int) numbers[0], numbers[1], numbers[2] != 0, Text.decode((byte[]) row[0]));
  }
}
