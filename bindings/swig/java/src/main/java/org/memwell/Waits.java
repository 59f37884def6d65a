// SPDX-License-Identifier: MIT
package org.memwell;

/** Calls that could wait, but do not, as no time was given to them. */
final class Waits {
  private Waits() {}

  interface Call<T> {
    T make() throws InterruptedException;
  }

  static <T> T none(Call<T> call) {
    try {
      return call.make();
    } catch (InterruptedException impossible) {
      throw new AssertionError("without a timeout nothing waits", impossible);
    }
  }
}
