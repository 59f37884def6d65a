"""Runs every test of the tree, in steps, and ends with one line: total: N passed, 0 failed.

`sh tools/check.sh` sets up and calls this. With names it runs those steps only; --list names them. A step is a function that
yields commands (tools/running.py runs and counts them), and STEPS is the table of them. A failing step shows its output and does
not stop the others. Everything that is built lands under build/ and .venv/.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from running import Counts, Result, Run, Skip, Step, junit, luaunit, minitest, one, run_step, tallied, tap

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
WORK = BUILD / "check"
LOGS = WORK / "logs"
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
LUA_PACKAGE_PATH = "tests/lua/?.lua;;"
JOBS = str(os.cpu_count() or 1)

Steps = Iterator[Run | Skip]


def tool(name: str) -> str:
    """A program of the virtual environment."""
    return str(VENV / "bin" / name)


def fresh(folder: Path) -> Path:
    """The folder, made anew and empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def tree_files() -> list[str]:
    """The files that belong to the tree, whether committed yet or not: what git knows and does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in set(listing.split("\0")) if name and (ROOT / name).is_file())


def files(*endings: str, under: tuple[str, ...] = ()) -> list[str]:
    """The tree's files with one of the endings, in one of the folders."""
    return [name for name in tree_files() if name.endswith(endings) and (not under or name.startswith(under))]


def copy_of_tree(folder: Path) -> Path:
    """A copy of the tree as a stranger would clone it, for builds that leave their products beside the sources."""
    fresh(folder)
    for name in tree_files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return folder


# C -------------------------------------------------------------------------------------------------------------------------------


ORDINARY = ("CMAKE_BUILD_TYPE=RelWithDebInfo", "MEMWELL_WERROR=ON", "MEMWELL_TESTS=ON", "MEMWELL_EXAMPLES=ON", "MEMWELL_LUA=ON")
"""Written out, because tools/demo.sh may have left other choices in build/."""


def build(folder: Path, compiler: str, *options: str) -> Steps:
    generator = ["cmake", "-S", ".", "-B", str(folder), "-G", "Ninja", f"-DCMAKE_C_COMPILER={compiler}"]
    yield Run([*generator, *(f"-D{option}" for option in options)])
    yield Run(["cmake", "--build", str(folder)])


def ctest(folder: Path, *selection: str, limit: float = 900, environment: Mapping[str, str] | None = None) -> Run:
    report = folder / "ctest.xml"
    command = ["ctest", "--test-dir", str(folder), "--output-on-failure", "-j", JOBS, "--no-tests=error", *selection]
    return Run([*command, "--output-junit", str(report)], junit(report), environment or {}, limit=limit, report=report)


QUICK = ("-LE", "header|package|stress|inject|death")
"""The C tests that have no step of their own."""


def c_gcc() -> Steps:
    yield from build(BUILD, "gcc", *ORDINARY)
    yield ctest(BUILD, *QUICK)


def c_clang() -> Steps:
    yield from build(BUILD / "clang", "clang", *ORDINARY)
    yield ctest(BUILD / "clang", *QUICK)


def c_labelled(label: str) -> Steps:
    yield from build(BUILD, "gcc", *ORDINARY)
    yield ctest(BUILD, "-L", label)


def valgrind() -> Steps:
    folder = BUILD / "valgrind"
    options = ("CMAKE_BUILD_TYPE=Debug", "MEMWELL_VALGRIND=ON", "MEMWELL_EXAMPLES=OFF", "MEMWELL_LUA=OFF")
    yield from build(folder, "gcc", *options)
    # valgrind ends itself (SIGBUS) where a page is lost under one of its own system calls
    yield ctest(folder, "-E", "^(atomic|watch)$", limit=3600)


def death() -> Steps:
    """A mutant may take five minutes where the machine is busy."""
    yield from c_labelled("death")
    yield pytest("tests/death", limit=3600)


def stress() -> Steps:
    yield from c_labelled("stress")
    yield from python_tests("tests/stress")


FUZZ_TARGETS = ("calls", "message", "parse", "semaphore", "well", "well_flipper")
FUZZ_SECONDS = 90 // len(FUZZ_TARGETS)


def fuzz() -> Steps:
    for target in FUZZ_TARGETS:
        yield Run([PYTHON, "tests/fuzz/run.py", "--seconds", str(FUZZ_SECONDS), target], one)


# Python --------------------------------------------------------------------------------------------------------------------------


def pytest(
    folder: str, python: str = PYTHON, environment: Mapping[str, str] | None = None, *options: str, limit: float = 900
) -> Run:
    name = "-".join([Path(python).parent.parent.name.lstrip("."), *Path(folder).parts, *sorted(environment or {})])
    report = WORK / "reports" / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *options, folder]
    return Run(command, junit(report), environment or {}, limit=limit, report=report)


_made: set[str] = set()


def once(what: str, steps: Steps) -> Steps:
    """What several steps need, made by the first of them. A step that fails to make it ends there, and the next one tries again."""
    if what not in _made:
        yield from steps
        _made.add(what)


def make_wheel() -> Steps:
    """The one wheel, from a copy of the tree, so that nothing old and nothing ignored gets into it."""
    tree = copy_of_tree(WORK / "wheel-tree")
    fresh(WORK / "dist")
    yield Run([PYTHON, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(WORK / "dist"), str(tree)])


def the_wheel() -> str:
    wheels = sorted((WORK / "dist").glob("*.whl"))
    if len(wheels) != 1 or "-cp311-abi3-" not in wheels[0].name:
        raise LookupError(f"one abi3 wheel for CPython 3.11 and later is wanted; there are: {[wheel.name for wheel in wheels]}")
    return str(wheels[0])


def pip_install(python: str, *what: str) -> Run:
    return Run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what], environment={"PIP_USER": "0"})


def install_wheel(python: str) -> Steps:
    yield from once("the wheel", make_wheel())
    yield pip_install(python, "--force-reinstall", "--no-deps", the_wheel())


def python_package() -> Steps:
    """The package in .venv, from the tree as it is now; tools/build.sh then does not take it for its own any more."""
    (VENV / ".memwell-built").unlink(missing_ok=True)
    yield from once("the package", install_wheel(PYTHON))


def python_here() -> Steps:
    yield from python_package()
    yield pytest("tests/python")


def find_python(version: str) -> tuple[str | None, str]:
    """A working interpreter of that version, or None, and a word about what was tried."""
    roots = [os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv"]
    managed = [path for root in roots if root for path in sorted(Path(root).glob(f"versions/{version}.*/bin/python{version}"))]
    on_path = [Path(folder) / f"python{version}" for folder in os.get_exec_path()]
    tried = [path for path in [*on_path, *managed] if path.exists()]
    for path in tried:
        probe = f"import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != {version!r})"
        if subprocess.run([path, "-c", probe], capture_output=True, check=False).returncode == 0:
            return str(path), f"{path}"
    return None, f"no working python{version} here" + (f" ({', '.join(map(str, tried))} does not run)" if tried else "")


def python_version(version: str) -> Steps:
    """The wheel that 3.11 made, on a later version, in an environment of its own."""
    found, remark = find_python(version)
    if found is None:
        yield Skip(remark)
        return
    folder = WORK / f"python{version}"
    python = str(folder / "bin" / "python")
    if not Path(python).exists():
        yield Run([found, "-m", "venv", "--clear", str(folder)])
    yield pip_install(python, "-r", "tools/requirements-test.txt")
    yield from install_wheel(python)
    yield pytest("tests/python", python)


def python_tests(folder: str) -> Steps:
    """Tests that drive several languages: they need the C tree, the Lua module and the Python package."""
    yield from build(BUILD, "gcc", *ORDINARY)
    yield from python_package()
    yield pytest(folder)


def language_tests(folder: str) -> Steps:
    """Tests that drive every language."""
    yield from package_of("java")
    yield from package_of("ruby")
    yield from package_of("perl")
    yield from python_tests(folder)


# Lua -----------------------------------------------------------------------------------------------------------------------------


def lua_tests(module: Path, environment: Mapping[str, str] | None = None) -> Steps:
    """Every test file in a process of its own."""
    settings = {"LUA_CPATH": f"{module}/?.so;;", "LUA_PATH": LUA_PACKAGE_PATH, **(environment or {})}
    for name in files(".lua", under=("tests/lua/test_",)):
        yield Run(["lua5.4", name, "-v"], luaunit, settings, limit=600)


def lua() -> Steps:
    yield from build(BUILD, "gcc", *ORDINARY)
    yield from lua_tests(BUILD / "lua")


def lua_collector() -> Steps:
    yield from build(BUILD, "gcc", *ORDINARY)
    yield from lua_tests(BUILD / "lua", {"MEMWELL_GC": "1"})


def behaviours() -> Steps:
    """The list in Python, and the same list as a Lua table in Lua."""
    yield from python_tests("tests/behaviours")
    table = WORK / "behaviours.table"
    yield Run([PYTHON, "tests/behaviours/behaviours.py", "--lua", str(table)])
    settings = {
        "LUA_CPATH": f"{BUILD}/lua/?.so;;",
        "LUA_PATH": "tests/behaviours/?.lua;;",
        "MEMWELL_BEHAVIOURS": str(table),
    }
    yield Run(["lua5.4", "tests/behaviours/test_lua.lua", "-v"], luaunit, settings)


# Ruby ----------------------------------------------------------------------------------------------------------------------------

RUBY_SETTINGS = {"RUBYLIB": f"{BUILD}/ruby/lib:{ROOT}/bindings/swig/ruby/lib"}


def package_of(language: str) -> Steps:
    """The package of one of SWIG's languages, in build/LANGUAGE, from the tree as it is now."""
    yield from once(f"the package of {language}", iter([Run(["sh", "tools/build.sh", language])]))


def ruby() -> Steps:
    """Every test file in a process of its own; warnings show in the log."""
    yield from package_of("ruby")
    for name in [*files(".rb", under=("tests/ruby/test_",)), "tests/behaviours/test_ruby.rb"]:
        yield Run(["ruby", "-w", name], minitest, RUBY_SETTINGS, limit=600)


def strace() -> Steps:
    yield from build(BUILD, "gcc", *ORDINARY)
    yield pytest("tests/strace")


def instructions() -> Steps:
    yield from python_package()
    yield Run([PYTHON, "bench/instructions.py"], tallied)


# Perl ----------------------------------------------------------------------------------------------------------------------------

PERL_SETTINGS = {"PERL5LIB": f"{BUILD}/perl/blib/lib:{BUILD}/perl/blib/arch"}


def perl() -> Steps:
    """Every test file in a process of its own; those about lifetimes under valgrind too, for which Debian's Perl is clean."""
    yield from package_of("perl")
    for name in files(".t", under=("tests/perl/",)):
        yield Run(["perl", "-w", name], tap, PERL_SETTINGS, limit=600)
    under = {**PERL_SETTINGS, "UNDER_VALGRIND": "1", "ROUNDS": "500"}
    for name in ("tests/perl/buffer.t", "tests/perl/lifetime.t"):
        yield Run(["valgrind", "--quiet", "--error-exitcode=9", "perl", name], tap, under, limit=600)


# Java ----------------------------------------------------------------------------------------------------------------------------


def maven(*what: str, pom: str = "bindings/swig/java/pom.xml") -> list[str]:
    """Maven asks nobody for what it has had before: releases do not change."""
    return ["mvn", "--batch-mode", "--no-transfer-progress", "--file", pom, *what]


def java() -> Steps:
    """The jar, from the tree as it is now, and its tests, under -Xcheck:jni."""
    reports = fresh(BUILD / "java" / "surefire-reports")
    yield Run(maven("package"), junit(reports))
    # What the JVM writes itself lies beside the reports: its warnings about native methods would.
    yield Run(["sh", "-c", f"! grep --recursive --no-filename 'in native method' {reports}"], one)


JAVA_PROOF = """import org.memwell.Region;
public class Proof {
  public static void main(String[] arguments) {
    try (Region region = Region.anonymous(64)) {
      region.write("hello".getBytes());
      if (region.find("hello".getBytes()) != 0) throw new AssertionError();
    }
  }
}
"""


def java_archive() -> Steps:
    """The jar from the release archive, which has what swig writes: there is no swig where it is built."""
    yield Run(["make", "--silent", "--directory=bindings/swig/java", "archive"])
    (archive,) = (BUILD / "java").glob("memwell-java-*.tar.gz")
    tree = fresh(WORK / "java-archive")
    yield Run(["tar", "-xzf", str(archive), "--strip-components=1", "-C", str(tree)])
    yield Run(maven("package", pom=f"{tree}/bindings/swig/java/pom.xml"), environment={"SWIG": "false"})
    (jar,) = (tree / "build" / "java").glob("memwell-*.jar")
    (tree / "Proof.java").write_text(JAVA_PROOF, encoding="utf-8")
    yield Run(["java", "-cp", str(jar), str(tree / "Proof.java")], one)


# Packages ------------------------------------------------------------------------------------------------------------------------

PYTHON_PROOF = (
    "import memwell\nwith memwell.Region.anonymous(64) as region:\n    region[:5] = b'hello'\n    assert region[:5] == b'hello'"
)
LUA_PROOF = "local memwell = require 'memwell'; local r <close> = assert(memwell.Region.anonymous(64)); assert(#r == 64)"


def empty_environment(name: str) -> Steps:
    yield Run([PYTHON, "-m", "venv", "--clear", str(WORK / name)])


def pip_packages() -> Steps:
    """pip install from a checkout, and from the sdist, each in an empty environment and with build isolation."""
    tree = copy_of_tree(WORK / "package-tree")
    fresh(WORK / "sdist")
    yield Run([PYTHON, "-m", "build", "--sdist", "--outdir", str(WORK / "sdist"), str(tree)], one)
    (sdist,) = (WORK / "sdist").glob("*.tar.gz")
    for name, source in (("from-sdist", sdist), ("from-checkout", copy_of_tree(WORK / "package-tree"))):
        yield from empty_environment(name)
        python = str(WORK / name / "bin" / "python")
        yield pip_install(python, str(source))
        yield Run([python, "-I", "-c", PYTHON_PROOF], one, folder=WORK)


def rock() -> Steps:
    """luarocks make, from a clean copy, into a folder of its own."""
    tree = copy_of_tree(WORK / "rock-tree")
    target = fresh(WORK / "rock")
    yield Run(["luarocks", "--lua-version", "5.4", "--tree", str(target), "make", "memwell-scm-1.rockspec"], folder=tree)
    settings = {"LUA_CPATH": f"{target}/lib/lua/5.4/?.so", "LUA_PATH": f"{target}/share/lua/5.4/?.lua"}
    yield Run(["lua5.4", "-e", LUA_PROOF], one, settings, folder=WORK)


RUBY_PROOF = "require 'memwell'; Memwell::Region.anonymous(64) { |region| region[0, 5] = 'hello'; exit(region[0, 5] == 'hello') }"


def gem() -> Steps:
    """The gem that is released, installed where SWIG does not work, in a folder of its own."""
    yield Run(["sh", "bindings/swig/ruby/release.sh"])
    target = fresh(WORK / "gem")
    settings = {"GEM_HOME": str(target), "SWIG_LIB": "/nowhere"}
    (built,) = BUILD.glob("memwell-*.gem")
    yield Run(["gem", "install", "--local", "--no-document", str(built)], one, settings, folder=WORK)
    yield Run(["ruby", "-e", RUBY_PROOF], one, {"GEM_HOME": str(target)}, folder=WORK)


PERL_PROOF = (
    "use Memwell; my $r = Memwell::Region->anonymous(64); my $b = $r->buffer; vec($$b, 0, 8) = 7; exit($r->read(0, 1) ne qq(\\7))"
)


def perl_archive() -> Steps:
    """The module from the release archive, which has what swig writes: there is no swig where it is built."""
    yield from package_of("perl")
    yield Run(["make", "archive"], folder=BUILD / "perl")
    (archive,) = (BUILD / "perl").glob("Memwell-*.tar.gz")
    tree = fresh(WORK / "perl-archive")
    yield Run(["tar", "-xzf", str(archive), "--strip-components=1", "-C", str(tree)])
    target = fresh(WORK / "perl-installed")
    yield Run(["perl", "Makefile.PL", f"INSTALL_BASE={target}"], folder=tree)
    yield Run(["make", "-j", JOBS, "install"], environment={"SWIG_LIB": "/nowhere"}, folder=tree)
    yield Run(["perl", "-e", PERL_PROOF], one, {"PERL5LIB": f"{target}/lib/perl5"}, folder=WORK)


# Sanitizers ----------------------------------------------------------------------------------------------------------------------

SANITIZE = "address,undefined"
SANITIZER_SETTINGS = {
    # Faults that are to kill kill: the sanitizer's own handler would make an exit status of them.
    "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0:allocator_may_return_null=1:handle_sigbus=0:handle_segv=0",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "PYTHONMALLOC": "malloc",
}


NOT_UNDER_ASAN = ("test_what_cannot_be_discarded", "test_locked_pages", "test_the_limit_of_locked_memory_is_named")
"""The address sanitizer lets no mlock through to the kernel."""


def runtime(compiler: str) -> str:
    """The sanitizer's runtime, to be loaded before an interpreter that was built without it."""
    names = ["libasan.so", "libubsan.so"] if compiler == "gcc" else [f"libclang_rt.asan-{os.uname().machine}.so"]
    command = [[compiler, f"-print-file-name={name}"] for name in names]
    return " ".join(subprocess.run(each, check=True, capture_output=True, text=True).stdout.strip() for each in command)


def sanitized(compiler: str) -> Steps:
    """The C, Lua and Python tests under AddressSanitizer and UndefinedBehaviorSanitizer. Leaks are looked for in C only: the
    interpreters keep memory until they exit."""
    folder = BUILD / f"asan-{compiler}"
    yield from build(folder, compiler, "CMAKE_BUILD_TYPE=Debug", "MEMWELL_WERROR=ON", f"MEMWELL_SANITIZE={SANITIZE}")
    yield ctest(folder, "-LE", "stress" if compiler == "gcc" else "stress|inject")
    settings = {"LD_PRELOAD": runtime(compiler), **SANITIZER_SETTINGS}
    yield from lua_tests(folder / "lua", settings)
    target = fresh(folder / "python")
    flags = f"-fsanitize={SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1"
    shared = " -shared-libsan" if compiler == "clang" else ""
    compile_settings = {
        "CC": compiler,
        "LDSHARED": f"{compiler} -shared",
        "CFLAGS": flags,
        "LDFLAGS": f"-fsanitize={SANITIZE}{shared}",
        "PIP_USER": "0",
    }
    tree = copy_of_tree(folder / "python-tree")
    install = ["install", "--quiet", "--no-build-isolation", "--no-deps", "--target", str(target), str(tree)]
    yield Run([PYTHON, "-m", "pip", *install], environment=compile_settings)
    # What a sanitizer says just before it ends the process must not be kept by pytest, which ends with it.
    without = [f"--deselect=tests/python/test_pages.py::{name}" for name in NOT_UNDER_ASAN]
    yield pytest("tests/python", PYTHON, {"PYTHONPATH": str(target), **settings}, "--capture=sys", *without)


THREADED = (
    *("guard", "region", "pages", "handover", "fork", "atomic"),
    *("semaphore", "semaphore_at", "semaphore_sysv", "semaphore_kinds", "truncate", "attach"),
    *("well", "lock_kinds", "mutex", "robust_semaphore", "event", "watch", "participant", "objects"),
)
"""The C tests in which threads or processes share memory, but for the longest of tests/stress."""


def c_tsan(*programs: str) -> Steps:
    """Every race that ThreadSanitizer sees ends the process that has it."""
    folder = BUILD / "tsan"
    options = ("CMAKE_BUILD_TYPE=Debug", "MEMWELL_WERROR=ON", "MEMWELL_SANITIZE=thread", "MEMWELL_LUA=OFF", "MEMWELL_EXAMPLES=OFF")
    yield from build(folder, "gcc", *options)
    names = "|".join(["harness", *programs])
    yield ctest(folder, "-R", rf"^({names})\.", environment={"TSAN_OPTIONS": "halt_on_error=1:report_signal_unsafe=0"})


COVERED = 95
"""Of the core's branches, in hundredths."""


def coverage() -> Steps:
    """Which branches of the core the C tests take. What is left out is marked in the source, with a reason.

    A process that ends while another of its threads still counts leaves counts that do not add up, and gcov, which derives some of
    them from the others, then prints a negative one, which counts as none."""
    folder = BUILD / "coverage"
    options = ("CMAKE_BUILD_TYPE=Debug", "MEMWELL_COVERAGE=ON", "MEMWELL_LUA=OFF", "MEMWELL_EXAMPLES=OFF")
    yield from build(folder, "gcc", *options)
    yield Run(["find", str(folder), "-name", "*.gcda", "-delete"])
    yield ctest(folder, "-L", "core|inject|stress")
    report = ["--root", str(ROOT), "--filter", f"{ROOT}/core/src/", "--txt", "--txt-metric", "branch"]
    report += ["--gcov-ignore-parse-errors", "negative_hits.warn_once_per_file"]
    details = ["--html-details", str(folder / "coverage.html"), "--fail-under-branch", str(COVERED)]
    yield Run([tool("gcovr"), *report, *details, "CMakeFiles/memwell_static.dir"], one, folder=folder)


# Models --------------------------------------------------------------------------------------------------------------------------


def models() -> Steps:
    yield Run([PYTHON, "tests/model/run.py", "--quick"], one)


# Form ----------------------------------------------------------------------------------------------------------------------------

C_FOLDERS = ("core/", "bindings/", "tests/", "examples/", "bench/")


def form_c() -> Steps:
    yield Run(["clang-format", "--dry-run", "-Werror", *files(".c", ".h", under=C_FOLDERS)], one)


def include_of(package: str) -> list[str]:
    return subprocess.run(["pkg-config", "--cflags", package], check=True, capture_output=True, text=True).stdout.split()


def java_headers() -> list[str]:
    compiler = shutil.which("javac") or ""
    return [f"-isystem{Path(compiler).resolve().parents[1]}/include{folder}" for folder in ("", "/linux")]


def perl_headers() -> list[str]:
    probe = ["perl", "-MConfig", "-e", "print qq($Config{archlibexp}/CORE)"]
    folder = subprocess.run(probe, check=True, capture_output=True, text=True).stdout
    return [f"-isystem{folder}", "-D_REENTRANT"]


def include_flags() -> dict[str, list[str]]:
    """What each part of the tree is compiled with. Apart, because the Lua binding has a semaphore.h of its own."""
    probe = [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('include'))"]
    python_headers = subprocess.run(probe, check=True, capture_output=True, text=True).stdout.strip()
    lua_headers = include_of("lua5.4")
    return {
        "core/": ["-Icore/src"],
        "bindings/python/": ["-Ibindings/python/src", f"-isystem{python_headers}"],
        "bindings/lua/": ["-Ibindings/lua/src", *lua_headers],
        "bindings/swig/src/": ["-Ibindings/swig/src"],
        "bindings/swig/java/": ["-Ibindings/swig/src", "-Ibindings/swig/java/native", *java_headers()],
        "bindings/swig/perl/": ["-Ibindings/swig/src", "-Ibindings/swig/perl/src", *perl_headers()],
        "tests/": ["-Itests/harness", "-Itests/kinds", "-Ibindings/swig/src", *lua_headers],
        "examples/": [],
        "bench/": ["-Ibench", "-Icore/src", f"-isystem{python_headers}", *lua_headers],
    }


def bugs_c() -> Steps:
    """clang-tidy, on several files at once."""
    for folder, flags in include_flags().items():
        if sources := files(".c", under=(folder,)):
            compiled_as = " ".join(["-std=c11", "-D_GNU_SOURCE", "-Icore/include", *flags])
            tidy = f"""xargs -n 3 -P {JOBS} sh -c 'clang-tidy --quiet "$@" -- {compiled_as}' tidy"""
            yield Run(["sh", "-c", f"printf '%s\\n' {' '.join(sources)} | {tidy}"], one)


def form_python() -> Steps:
    yield Run([tool("ruff"), "check", "."], one)
    yield Run([tool("ruff"), "format", "--check", "."], one)


SCRIPTS = (
    ("tools", "tests/tools"),
    ("bench", "tests/bench"),
    ("examples/python", "tests/examples"),
    ("examples/pipeline", "tests/pipeline"),
    ("tests/behaviours",),
    ("tests/cross",),
    ("tests/death",),
    ("tests/fuzz",),
    ("tests/model",),
    ("tests/stress",),
    ("tests/strangers",),
    ("tests/strace",),
    ("tests/swig",),
)
"""Folders of scripts that import each other by their bare names. Type-checked apart, as several have a module of the same name."""


def types_python() -> Steps:
    """mypy reads from pyproject.toml which files are the package; stubtest compares the stub with the module that is installed."""
    yield from python_package()
    yield Run([tool("mypy")], one)
    for folders in SCRIPTS:
        yield Run([tool("mypy"), *folders], one, {"MYPYPATH": os.pathsep.join(folders)})
    yield Run([tool("stubtest"), "memwell", "--mypy-config-file", "pyproject.toml"], one)


def form_lua() -> Steps:
    yield Run(["luacheck", "--no-color", "--quiet", *files(".lua")], one)


def form_tree() -> Steps:
    yield Run([PYTHON, "tools/tidy.py"], one)
    for script in files(".sh"):
        yield Run(["sh", "-n", script], one)


# The table -----------------------------------------------------------------------------------------------------------------------

STEPS: dict[str, tuple[str, Step]] = {
    "c-gcc": ("the core and the Lua module, compiled by gcc, warnings as errors; the C tests", c_gcc),
    "c-clang": ("the same by clang", c_clang),
    "headers": ("each public header alone, as C11 and as C++17", partial(c_labelled, "header")),
    "python": ("the Python package and its tests, on the Python of .venv", python_here),
    "python3.12": ("the same wheel on Python 3.12", partial(python_version, "3.12")),
    "python3.13": ("the same wheel on Python 3.13", partial(python_version, "3.13")),
    "lua": ("the Lua module's tests", lua),
    "lua-collector": ("the same with the garbage collector run all the time", lua_collector),
    "behaviours": ("one list of behaviours in every language", behaviours),
    "cross": ("every ordered pair of languages on the same memory", partial(language_tests, "tests/cross")),
    "strangers": ("programs that have never heard of memwell on the other side", partial(python_tests, "tests/strangers")),
    "examples": ("every example in every language", partial(language_tests, "tests/examples")),
    "pipeline": ("the word-counting pipeline", partial(language_tests, "tests/pipeline")),
    "bench": ("the runner of the benchmarks; no figure is judged", partial(language_tests, "tests/bench")),
    "death": ("a well whose processes are killed at every state of it, and those who come then", death),
    "stress": ("races, kills and files that are cut", stress),
    "fuzz": ("the fuzz targets, a minute and a half in all, on the kept corpus and on what comes of it", fuzz),
    "java": ("the Java package and its tests, under -Xcheck:jni", java),
    "java-archive": ("the jar from the release archive, without swig", java_archive),
    "swig": ("every public call is bound for SWIG, or left out with a reason", lambda: iter([pytest("tests/swig")])),
    "pip": ("pip install from a checkout and from the sdist", pip_packages),
    "rock": ("luarocks make", rock),
    "gem": ("the released gem, installed without SWIG", gem),
    "package": ("the installed C library, found by CMake and pkg-config", partial(c_labelled, "package")),
    "asan-gcc": ("C, Lua and Python tests under gcc's address and undefined-behaviour sanitizers", partial(sanitized, "gcc")),
    "asan-clang": ("the same under clang's", partial(sanitized, "clang")),
    "valgrind": ("the C tests under valgrind", valgrind),
    "tsan": ("the threaded C tests under the thread sanitizer", partial(c_tsan, *THREADED)),
    "perl": ("the Perl module's tests, the list of behaviours, and lifetimes under valgrind", perl),
    "perl-archive": ("the Perl module from its release archive, without swig", perl_archive),
    "ruby": ("the Ruby module's tests, and the list of behaviours in Ruby", ruby),
    "strace": ("what the kernel sees: descriptors, and no call where none is needed", strace),
    "instructions": ("what the hottest calls take, by valgrind, is no more than bench/instructions.json has", instructions),
    "inject": ("every system call and allocation of the core, failing in turn", partial(c_labelled, "inject")),
    "model": ("the SPIN models of the well's locks, small, and their mutants", models),
    "coverage": (f"the C tests take {COVERED} % of the core's branches", coverage),
    "form-c": ("clang-format", form_c),
    "bugs-c": ("clang-tidy", bugs_c),
    "form-python": ("ruff, as linter and as formatter", form_python),
    "types-python": ("mypy --strict, and the stub against the module", types_python),
    "form-lua": ("luacheck", form_lua),
    "form-tree": ("tools/tidy.py: layers, names, lists; and the syntax of every shell script", form_tree),
    "tools": ("the tests of the tools", lambda: iter([pytest("tests/tools")])),
}


HEAD_LINES, TAIL_LINES = 100, 200
"""How much of a failing command's output is shown; the log has all of it."""


def show(result: Result) -> None:
    print(f"{result.name:14} {result.seconds:7.1f} s   {result.counts}", flush=True)
    for remark in result.remarks:
        print(f"{'':14} skipped: {remark}")
    for trouble in result.troubles:
        lines = trouble.rstrip().split("\n")
        if len(lines) > HEAD_LINES + TAIL_LINES:
            lines = [*lines[:HEAD_LINES], f"... {len(lines) - HEAD_LINES - TAIL_LINES} lines ...", *lines[-TAIL_LINES:]]
        print("\n".join(f"    {line}" for line in lines), flush=True)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="check.sh", description="Build everything and run every test, or the steps that are named."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a step; all of them where none is named")
    parser.add_argument("--list", action="store_true", help="name the steps")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in STEPS]
    if unknown:
        parser.error(f"no step is called {', '.join(unknown)}; the steps are {', '.join(STEPS)}")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if options.list:
        for name, (what, _) in STEPS.items():
            print(f"{name:14} {what}")
        return 0
    os.chdir(ROOT)
    begin = time.monotonic()
    total = Counts()
    for name in options.names or STEPS:
        result = run_step(name, STEPS[name][1], LOGS)
        show(result)
        total += result.counts
    print(f"{'':14} {time.monotonic() - begin:7.1f} s")
    print(f"total: {total}")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
