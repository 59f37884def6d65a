// SPDX-License-Identifier: MIT
package org.memwell.test;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of docs/swig/java.md, pasted and run. */
class DocsTest {
  @Test
  void theTenLines(@TempDir Path folder) throws Exception {
    String guide = Files.readString(Behaviours.ROOT.resolve("docs/swig/java.md"));
    Matcher program = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(guide);
    Matcher wanted = Pattern.compile("It prints `(.*?)`").matcher(guide);
    assertEquals(true, program.find() && wanted.find());
    String own = program.group(1).replace("\"frames\"", '"' + Machine.name("frames") + '"');
    Path source = Files.writeString(folder.resolve("Hello.java"), own);
    String java = System.getProperty("java.home") + "/bin/java";
    List<String> command = List.of(java, "-cp", System.getProperty("java.class.path"), source.toString());
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String printed = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor());
    assertEquals(wanted.group(1) + "\n", printed);
  }
}
