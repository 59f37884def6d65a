// The Java side of the cross tests; README.md says what each part does, peer.c, peer.py and peer.lua are the same program.
//
// SPDX-License-Identifier: MIT

final class Peer {
  private Peer() {}

  private static void run(String[] words) throws Exception {
    switch (words.length == 0 ? "" : words[0]) {
      case "first" -> Rounds.first(new Pattern(words[1]), words[2], Integer.parseInt(words[3]));
      case "second" -> Rounds.second(new Pattern(words[1]), words[2], Integer.parseInt(words[3]));
      default -> throw new IllegalArgumentException("usage: first|second EDGES NAME ROUNDS");
    }
  }

  public static void main(String[] words) {
    try {
      run(words);
    } catch (Exception problem) {
      System.err.println(problem.getMessage());
      System.exit(1);
    }
  }
}
