// The Java side of the cross tests; README.md says what each part does, peer.c and peer.py are the same program.
//
// SPDX-License-Identifier: MIT

final class Peer {
  private Peer() {}

  private static final String USAGE =
      "usage: first|second EDGES NAME ROUNDS, survey QUESTIONS NAME OFFSET, step-first|step-second EDGES PLACE STEPS, "
          + "count NAME TIMES, well-first|well-second NAME TURNS, well-holder|well-heir NAME";

  private static void run(String[] words) throws Exception {
    int number = words.length > 2 ? Integer.parseInt(words[words.length - 1]) : 0;
    switch (words[0] + " " + words.length) {
      case "first 4" -> Rounds.first(new Pattern(words[1]), words[2], number);
      case "second 4" -> Rounds.second(new Pattern(words[1]), words[2], number);
      case "survey 4" -> Survey.answer(words[1], words[2], number);
      case "step-first 4" -> Steps.first(new Pattern(words[1]), words[2], number);
      case "step-second 4" -> Steps.second(new Pattern(words[1]), words[2], number);
      case "count 3" -> Steps.countUp(words[1], number);
      case "well-first 3" -> Wells.first(words[1], number);
      case "well-second 3" -> Wells.second(words[1], number);
      case "well-holder 2" -> Wells.holder(words[1]);
      case "well-heir 2" -> Wells.heir(words[1]);
      default -> throw new IllegalArgumentException(USAGE);
    }
  }

  public static void main(String[] words) {
    try {
      run(words.length > 0 ? words : new String[] {"-"});
    } catch (Exception problem) {
      System.err.println(problem);
      System.exit(1);
    }
  }
}
