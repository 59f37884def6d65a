// Answers questions about views into shared memory. Main entry: answer.
//
// SPDX-License-Identifier: MIT

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.memwell.InvalidArgumentException;
import org.memwell.OverflowException;
import org.memwell.RangeException;
import org.memwell.Region;
import org.memwell.Span;
import org.memwell.View;

final class Survey {
  private static final long NOTHING = 0, INTEGER = 1, FLOAT = 2, ERROR = 3;
  private static final long NAN = 0x7ff8000000000000L;

  /** What it is, and its bits. */
  private record Answer(long what, long bits) {}

  private final Region region;
  private final String shape;
  private final String steps;
  private final View view;

  private Survey(Region region, String dtype, String offset, String shape, String steps) {
    this.region = region;
    this.shape = shape;
    this.steps = steps;
    this.view = viewOf(dtype, offset);
  }

  static void answer(String questions, String name, long offset) throws IOException {
    List<Answer> answers = new ArrayList<>();
    try (Region region = Region.attach(name)) {
      for (String line : Files.readAllLines(Path.of(questions))) {
        String[] words = line.split("\t", -1);
        answers.addAll(new Survey(region, words[0], words[1], words[2], words[3]).answers(words[4], words[5]));
      }
      ByteBuffer pairs = region.buffer(offset, 16L * answers.size());
      for (Answer each : answers) pairs.putLong(each.what).putLong(each.bits);
    }
    System.out.println(answers.size() + " answers");
  }

  private List<Answer> answers(String verb, String argument) {
    try {
      return switch (verb) {
        case "shape" -> Arrays.stream(view.shape()).mapToObj(Survey::told).toList();
        case "list" -> told(view.toList());
        case "take" -> told(view.take(Arrays.stream(argument.split(" ")).mapToLong(Long::parseLong).toArray()));
        case "runs" -> runs(HexFormat.of().parseHex(argument));
        default -> List.of(told(result(verb, argument)));
      };
    } catch (OverflowException | InvalidArgumentException | RangeException refused) {
      return List.of(new Answer(ERROR, 0));
    }
  }

  private Object result(String verb, String argument) {
    String[] words = argument.split(" ");
    return switch (verb) {
      case "sum" -> view.sum();
      case "min" -> view.min();
      case "max" -> view.max();
      case "at" -> view.get(Arrays.stream(words).mapToLong(Long::parseLong).toArray());
      case "index" -> orNull(view.index(valueOf(view.dtype(), words[0]), Long.parseLong(words[1])));
      case "count" -> view.count(valueOf(view.dtype(), argument));
      case "store" -> store(valueOf("float64", argument));
      case "equals" -> view.elementsEqual(viewOf(words[0], words[1]));
      default -> throw new IllegalArgumentException("no such verb: " + verb);
    };
  }

  private static Object orNull(long index) {
    return index < 0 ? null : index;
  }

  private static Object valueOf(String dtype, String bits) {
    return Pattern.value(Pattern.DTYPES.indexOf(dtype), Long.parseUnsignedLong(bits, 16));
  }

  private static Answer told(Object x) {
    if (x == null) return new Answer(NOTHING, 0);
    if (x instanceof Double number) return new Answer(FLOAT, number.isNaN() ? NAN : Double.doubleToRawLongBits(number));
    if (x instanceof Boolean flag) return new Answer(INTEGER, flag ? 1 : 0);
    if (x instanceof BigInteger large) return new Answer(INTEGER, large.longValue());
    return new Answer(INTEGER, (Long) x);
  }

  private static List<Answer> told(List<?> nested) {
    List<Answer> answers = new ArrayList<>();
    for (Object each : nested) {
      if (each instanceof List<?> row) answers.addAll(told(row));
      else answers.add(told(each));
    }
    return answers;
  }

  private View viewOf(String dtype, String offset) {
    View whole = region.view(dtype, extents(shape), Long.parseLong(offset));
    if (steps.equals("-")) return whole;
    View narrowed = whole;
    for (String step : steps.split(";")) narrowed = takeStep(narrowed, step.split(" "));
    return narrowed;
  }

  private static long[] extents(String text) {
    return Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray();
  }

  private static View takeStep(View view, String[] words) {
    if (words[0].equals("reshape")) return view.reshape(extents(words[1]));
    long[] numbers = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
    return switch (words[0]) {
      case "row" -> view.select(0, numbers[0]);
      case "slice" -> view.slice(0, numbers[0], numbers[1], numbers[2]);
      default -> view.slice(0, numbers[0], 1, numbers[2]).slice(1, numbers[1], 1, numbers[3]);
    };
  }

  /** Writes a float64 into an element of the dtype, in memory of its own, and tells its bits. */
  private Long store(Object number) {
    try (Region own = Region.anonymous(8)) {
      own.view(view.dtype(), 1).set(0, number);
      return own.buffer().order(ByteOrder.nativeOrder()).getLong(0);
    }
  }

  /** Those that begin in the view, cut at its end. */
  private List<Answer> runs(byte[] members) {
    List<Answer> answers = new ArrayList<>();
    long stop = view.offset() + view.nbytes();
    View bytes = region.view();
    Span found = region.run(members, view.offset());
    while (found != null && found.start() < stop) {
      answers.add(new Answer(INTEGER, Math.min(found.stop(), stop) - found.start() << 8 | bytes.getLong(found.start())));
      found = region.run(members, found.resume());
    }
    return answers;
  }
}
