// SPDX-License-Identifier: MIT
package org.memwell.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every case of the list of behaviours, in Java. */
class BehavioursTest {
  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> cases() throws Exception {
    return Behaviours.cases().stream().map(each -> DynamicTest.dynamicTest(each.name(), () -> run(each)));
  }

  private void run(Behaviours.Case which) throws Exception {
    Assumptions.assumeTrue(which.leftOut() == null, which.leftOut());
    Behaviours.run(which, Files.createTempDirectory(folder, "case"));
    String own = "mw-behaviours-" + ProcessHandle.current().pid() + "-";
    for (String name : new File("/dev/shm").list()) assertTrue(!name.contains(own), name + " was left behind");
  }

  /** What says that everything was done must be able to say that it was not. */
  @Test
  void anotherResultIsNoticed() {
    for (String step : List.of(
        "{'call': 'Region.anonymous', 'args': [4096], 'raises': 'EINVAL'}",
        "{'call': 'Region.anonymous', 'args': [-1]}",
        "{'call': 'Region.anonymous', 'args': [-1], 'raises': 'ENOENT'}",
        "{'call': 'Region.anonymous', 'args': [-1], 'raises': 'EINVAL', 'reason': 'unreasonable'}",
        "{'call': 'Region.ftok', 'args': ['/', 1], 'gives': 1}")) {
      Object data = Json.read(("{'name': 'a', 'steps': [" + step + "]}").replace('\'', '"'));
      @SuppressWarnings("unchecked")
      Behaviours.Case wrong = new Behaviours.Case("none", (java.util.Map<String, Object>) data);
      boolean noticed = false;
      try {
        Behaviours.run(wrong, folder);
      } catch (Exception | Behaviours.Wrong problem) {
        noticed = true;
      }
      assertEquals(true, noticed, step);
    }
  }
}
