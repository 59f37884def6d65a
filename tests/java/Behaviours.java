// SPDX-License-Identifier: MIT
package org.memwell.test;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.memwell.MemwellException;
import org.memwell.Mutex;
import org.memwell.NotFoundException;
import org.memwell.Options;
import org.memwell.Region;
import org.memwell.Semaphore;
import org.memwell.Span;
import org.memwell.View;
import org.memwell.Well;

/** What runs a case of tests/behaviours in Java; the README there says what the data mean. Main entries: cases, run. */
final class Behaviours {
  static final Path ROOT = Path.of(System.getProperty("memwell.root"));

  private static final long PID = ProcessHandle.current().pid();

  /** A case, and the noun whose file it is in. */
  record Case(String noun, Map<String, Object> data) {
    String name() {
      return noun + ": " + data.get("name");
    }

    /** Why Java does not run it, or null. */
    String leftOut() {
      return list(data.get("not")).contains("java") ? (String) data.get("why") : null;
    }
  }

  /** A step did not come out as the data say. */
  static final class Wrong extends AssertionError {
    private static final long serialVersionUID = 1L;

    Wrong(Object step, Object got, Throwable cause) {
      super(step + ": " + show(got), cause);
    }
  }

  static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    try (Stream<Path> paths = Files.list(ROOT.resolve("tests/behaviours"))) {
      for (Path path : (Iterable<Path>) paths.filter(each -> each.toString().endsWith(".json")).sorted()::iterator) {
        String noun = path.getFileName().toString().replace(".json", "");
        for (Object each : list(Json.read(Files.readString(path)))) cases.add(new Case(noun, object(each)));
      }
    }
    return cases;
  }

  static void run(Case which, Path folder) throws Exception {
    Behaviours scene = new Behaviours(folder);
    try {
      for (Object step : list(which.data.get("steps"))) scene.take(object(step));
    } finally {
      scene.clear();
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object data) {
    return data == null ? Map.of() : (Map<String, Object>) data;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object data) {
    return data == null ? List.of() : (List<Object>) data;
  }

  private static String show(Object value) {
    return value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(value);
  }

  // The variables, names and keys of one run of a case

  private final Path folder;
  private final Map<String, Object> variables = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Set<Integer> keys = new HashSet<>();

  private Behaviours(Path folder) {
    this.folder = folder;
  }

  private String name(String brief) {
    names.add(brief);
    return "mw-behaviours-" + PID + "-" + brief;
  }

  private long key(long number) {
    int key = (int) (0x40000000 | (PID & 0x3fffff) << 8 | number);
    keys.add(key);
    return key;
  }

  private record AtLeast(long least) {}

  private Object value(Object data) {
    if (data instanceof List<?> values) return new ArrayList<>(values.stream().map(this::value).toList());
    if (!(data instanceof Map<?, ?> map)) return data;
    Map.Entry<?, ?> entry = map.entrySet().iterator().next();
    Object content = entry.getValue();
    return switch ((String) entry.getKey()) {
      case "bytes" -> HexFormat.of().parseHex((String) content);
      case "float" -> number((String) content);
      case "int" -> integer(new BigInteger((String) content));
      case "var" -> variables.get(content);
      case "name" -> name((String) content);
      case "path" -> folder.resolve((String) content).toString();
      case "key" -> key((Long) content);
      case "at_least" -> new AtLeast((Long) content);
      default -> throw new IllegalArgumentException("no such value: " + data);
    };
  }

  private static Double number(String text) {
    return switch (text) {
      case "nan" -> Double.NaN;
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.valueOf(text);
    };
  }

  private static Object integer(BigInteger number) {
    return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
  }

  // How Java spells a call, where it is not the method of that name

  private interface Spelling {
    Object call(Object target, List<Object> args, Map<String, Object> options) throws Exception;
  }

  private static final Map<String, String> RENAMED = Map.ofEntries(
      Map.entry("readonly", "isReadOnly"), Map.entry("closed", "isClosed"), Map.entry("faulted", "isFaulted"),
      Map.entry("inconsistent", "isInconsistent"), Map.entry("tobytes", "toBytes"), Map.entry("tolist", "toList"),
      Map.entry("View.equals", "elementsEqual"), Map.entry("wait", "await"), Map.entry("Well.free", "available"));

  private static final Map<String, Spelling> SPELLINGS = new HashMap<>();

  static {
    SPELLINGS.put("Region.lines", (region, args, options) -> lines((Region) region, args));
    SPELLINGS.put("Region.seals", (region, args, options) -> ((Region) region).seals().stream().sorted().toList());
    SPELLINGS.put("Region.view", (region, args, options) -> {
      List<Object> all = new ArrayList<>(args);
      if (options.containsKey("offset")) all.add(options.get("offset"));
      return method(region, "view", all);
    });
    SPELLINGS.put("Region.protect", (region, args, options) -> method(region, "protect", List.of(options.get("readonly"))));
    SPELLINGS.put("Region.flush", (region, args, options) -> {
      List<Object> all = new ArrayList<>(args);
      if (options.containsKey("wait")) all.add(options.get("wait"));
      return method(region, "flush", all);
    });
    SPELLINGS.put("Region.sysv", (type, args, options) -> {
      Map<String, Object> all = new HashMap<>(options);
      if (args.size() > 1 && args.get(1) != null) all.put("size", args.get(1));
      return method(type, "sysv", withOptions(args.subList(0, 1), all));
    });
    SPELLINGS.put("Region.unlink", Behaviours::remove);
    SPELLINGS.put("Semaphore.unlink", Behaviours::remove);
    SPELLINGS.put("Well.unlink", Behaviours::remove);
    SPELLINGS.put("Region.sysv_remove", Behaviours::remove);
    SPELLINGS.put("Semaphore.sysv_remove", Behaviours::remove);
    for (String call : List.of("Event.wait", "Mutex.acquire", "Semaphore.acquire", "RobustSemaphore.acquire"))
      SPELLINGS.put(call, (target, args, options) -> {
        checkNumbers(args);
        return method(target, call.equals("Event.wait") ? "await" : "acquire", args);
      });
    SPELLINGS.put("View.get", (view, args, options) -> {
      if (args.get(0) instanceof BigInteger large) throw new Refused("ERANGE", "no long is " + large);
      return method(view, "get", args);
    });
    for (String call : List.of("add", "sub"))
      SPELLINGS.put("View.atomic_" + call, (view, args, options) ->
          method(view, camel("View", "atomic_" + call), args.size() > 1 ? args : List.of(args.get(0), 1L)));
    SPELLINGS.put("Well.file", (type, args, options) -> {
      List<Object> all = new ArrayList<>(args);
      if (args.size() > 1 && args.get(1) == null) all.set(1, 0L);
      return method(type, "file", withOptions(all, options));
    });
    SPELLINGS.put("Mutex.locked", (mutex, args, options) -> ((Mutex) mutex).owner() >= 0);
    SPELLINGS.put("Mutex.owner", (mutex, args, options) -> orNull(((Mutex) mutex).owner()));
    SPELLINGS.put("Well.slot", (well, args, options) -> ((Well) well).isReadOnly() ? null : (Object) (long) ((Well) well).slot());
    SPELLINGS.put("Well.objects", (well, args, options) -> names((Well) well));
    SPELLINGS.put("Well.participants", (well, args, options) -> (long) ((Well) well).participants().size());
    for (String call : List.of("Region.find", "Region.rfind", "View.index"))
      SPELLINGS.put(call, (target, args, options) -> orNull((Long) method(target, call.replaceAll(".*\\.", ""), args)));
  }

  private static Object orNull(long number) {
    return number < 0 ? null : number;
  }

  private static List<String> names(Well well) {
    return well.objects().stream().map(each -> each.name()).sorted().toList();
  }

  private static List<Object> lines(Region region, List<Object> args) {
    List<Object> lines = new ArrayList<>();
    for (Span line : region.lines(args.isEmpty() ? 0 : (Long) args.get(0))) lines.add(region.read(line.start(), line.size()));
    return lines;
  }

  /** {@code missing_ok} is a caught exception in Java, and what an object shows is removed by a call of the object. */
  private static Object remove(Object type, List<Object> args, Map<String, Object> options) throws Exception {
    try {
      return remove(type, args.get(0));
    } catch (NotFoundException problem) {
      if (Boolean.TRUE.equals(options.get("missing_ok"))) return null;
      throw problem;
    }
  }

  private static Object remove(Object type, Object what) throws Exception {
    if (what instanceof Region || what instanceof Semaphore) return method(what, "sysvUnlink", List.of());
    return method(type, what instanceof Long ? "sysvRemove" : "unlink", Arrays.asList(what));
  }

  private static String camel(String noun, String name) {
    String renamed = RENAMED.getOrDefault(noun + "." + name, RENAMED.get(name));
    if (renamed != null) return renamed;
    StringBuilder spelled = new StringBuilder();
    for (String word : name.split("_"))
      spelled.append(spelled.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    return spelled.toString();
  }

  // Finding the method that takes what is given

  /** A compiler would refuse the call, or a class of Java's own would not have such a value. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final String code;

    Refused(String code, String what) {
      super(what);
      this.code = code;
    }
  }

  private static Object method(Object target, String name, List<Object> args) throws Exception {
    Class<?> type = target instanceof Class<?> noun ? noun : target.getClass();
    for (Method method : type.getMethods()) {
      if (!method.getName().equals(name) || Modifier.isStatic(method.getModifiers()) != target instanceof Class<?>) continue;
      Object[] converted = convert(method, args);
      if (converted == null || method.getDeclaringClass() == Object.class) continue;
      try {
        return widen(method.invoke(target, converted));
      } catch (InvocationTargetException problem) {
        if (problem.getCause() instanceof Exception cause) throw cause;
        throw problem;
      }
    }
    throw new Refused("TYPE", type.getSimpleName() + "." + name + " does not take " + args);
  }

  /** The data have integers of one kind. */
  private static Object widen(Object result) {
    if (result instanceof Integer number) return number.longValue();
    if (result instanceof long[] numbers) return Arrays.stream(numbers).boxed().toList();
    return result;
  }

  private static final Object NOT = new Object();

  /** The arguments for that method, or null where it does not take them. */
  private static Object[] convert(Method method, List<Object> args) {
    Class<?>[] types = method.getParameterTypes();
    List<Object> given = method.isVarArgs() ? gather(types, args) : args;
    if (given == null || types.length != given.size()) return null;
    Object[] converted = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      converted[i] = convert(types[i], given.get(i));
      if (converted[i] == NOT) return null;
    }
    return converted;
  }

  /** The last ones as a list, unless there is a list in their place. */
  private static List<Object> gather(Class<?>[] types, List<Object> args) {
    int first = types.length - 1;
    if (args.size() < first) return null;
    if (args.size() == types.length && (args.get(first) instanceof List<?>)) return args;
    List<Object> gathered = new ArrayList<>(args.subList(0, first));
    gathered.add(new ArrayList<>(args.subList(first, args.size())));
    return gathered;
  }

  private static Object convert(Class<?> type, Object value) {
    if (type == long.class) return value instanceof Long ? value : NOT;
    if (type == int.class) return value instanceof Long number && number == number.intValue() ? (Object) number.intValue() : NOT;
    if (type == boolean.class) return value instanceof Boolean ? value : NOT;
    if (type == Duration.class) return duration(value);
    if (type == long[].class) return longs(value);
    if (type == String[].class) return value instanceof List<?> all && all.stream().allMatch(each -> each instanceof String)
        ? all.toArray(new String[0])
        : NOT;
    if (type == Object.class) return value;
    if (type.isPrimitive()) return NOT;
    return value == null || type.isInstance(value) ? value : NOT;
  }

  /** A Duration is a number. */
  private static void checkNumbers(List<Object> args) throws Refused {
    if (args.contains(Double.NaN)) throw new Refused("EINVAL", "there is no Duration that is not a number");
  }

  private static Object duration(Object value) {
    if (value instanceof Double seconds) return Duration.ofNanos((long) (seconds * 1e9));
    if (value instanceof Long seconds) return Duration.ofSeconds(seconds);
    return value == null ? null : NOT;
  }

  private static Object longs(Object value) {
    if (value == null) return null;
    if (value instanceof Long number) return new long[] {number};
    if (!(value instanceof List<?> all) || !all.stream().allMatch(each -> each instanceof Long)) return NOT;
    return all.stream().mapToLong(each -> (Long) each).toArray();
  }

  private static List<Object> withOptions(List<Object> args, Map<String, Object> named) throws Refused {
    List<Object> all = new ArrayList<>(args);
    if (!named.isEmpty()) all.add(options(named));
    return all;
  }

  private static Options options(Map<String, Object> named) throws Refused {
    Options options = new Options();
    for (Map.Entry<String, Object> each : named.entrySet()) {
      String name = each.getKey();
      Object value = each.getValue();
      if (name.equals("timeout") && duration(value) != NOT) options.set(name, (Duration) duration(value));
      else if (value instanceof Boolean flag) options.set(name, flag);
      else if (value instanceof Long number) options.set(name, number);
      else if (value instanceof String text) options.set(name, text);
      else throw new Refused("TYPE", "no option is " + value);
    }
    return options;
  }

  // Running a case

  private Object act(Map<String, Object> step) throws Exception {
    String call = (String) step.get("call");
    Object target = step.containsKey("on") ? variables.get(step.get("on")) : Class.forName("org.memwell." + call.split("\\.")[0]);
    String name = call.replaceAll(".*\\.", "");
    List<Object> args = list(value(step.get("args")));
    Map<String, Object> named = new LinkedHashMap<>();
    object(step.get("options")).forEach((key, each) -> named.put(key, value(each)));
    String noun = (target instanceof Class<?> type ? type : target.getClass()).getSimpleName();
    Spelling spelling = SPELLINGS.get(noun + "." + name);
    if (spelling != null) return spelling.call(target, args, named);
    if (noun.equals("View") && name.equals("set")) return set((View) target, args);
    return method(target, camel(noun, name), withOptions(args, named));
  }

  private static Object set(View view, List<Object> args) throws Exception {
    int last = args.size() - 1;
    Object indices = longs(new ArrayList<>(args.subList(0, last)));
    if (indices == NOT) throw new Refused("TYPE", "indices are numbers");
    view.set((long[]) indices, args.get(last));
    return null;
  }

  private void take(Map<String, Object> step) throws Exception {
    Object result;
    try {
      result = act(step);
    } catch (Exception problem) {
      if (!step.containsKey("raises")) throw new Wrong(step, problem, problem);
      compareFailure(step, problem);
      return;
    }
    if (step.containsKey("raises")) throw new Wrong(step, "no failure but " + show(result), null);
    if (step.containsKey("gives") && !isSame(result, value(step.get("gives")))) throw new Wrong(step, result, null);
    if (step.containsKey("let")) variables.put((String) step.get("let"), result);
  }

  private void compareFailure(Map<String, Object> step, Exception problem) {
    String reason = (String) step.getOrDefault("reason", "");
    for (String brief : names) reason = reason.replace("{" + brief + "}", name(brief));
    if (!codeOf(problem).equals(step.get("raises")) || !String.valueOf(problem.getMessage()).contains(reason))
      throw new Wrong(step, codeOf(problem) + ", " + problem, problem);
  }

  private static String codeOf(Exception problem) {
    if (problem instanceof MemwellException known) return known.code();
    if (problem instanceof Refused refused) return refused.code;
    boolean type = problem instanceof ClassCastException || problem instanceof NullPointerException;
    return type ? "TYPE" : problem.toString();
  }

  /** Equal in value and in kind. */
  private static boolean isSame(Object got, Object wanted) {
    if (wanted instanceof AtLeast bound) return got instanceof Long number && number >= bound.least;
    if (wanted instanceof byte[] bytes) return got instanceof byte[] others && Arrays.equals(bytes, others);
    if (wanted instanceof List<?> all) return got instanceof List<?> others && areSame(others, all);
    if (wanted instanceof Double number) return got instanceof Double other && other.equals(number);
    return got == null ? wanted == null : got.equals(wanted);
  }

  private static boolean areSame(List<?> got, List<?> wanted) {
    boolean same = got.size() == wanted.size();
    for (int i = 0; same && i < got.size(); i++) same = isSame(got.get(i), wanted.get(i));
    return same;
  }

  /** Closes what is open, and leaves nothing behind. */
  private void clear() throws Exception {
    List<Object> opened = new ArrayList<>(variables.values());
    for (int i = opened.size() - 1; i >= 0; i--) {
      try {
        if (opened.get(i) instanceof AutoCloseable object) object.close();
      } catch (MemwellException held) {
        // a well whose locks this process holds stays open until it is forgotten
      }
    }
    Map<String, Object> missing = Map.of("missing_ok", true);
    for (String brief : names) {
      remove(Region.class, List.of(name(brief)), missing);
      remove(Semaphore.class, List.of(name(brief)), missing);
    }
    for (int key : keys) {
      remove(Region.class, List.of((long) key), missing);
      remove(Semaphore.class, List.of((long) key), missing);
    }
  }
}
