"""Checks the rules of docs/conventions.md that no compiler and no formatter knows.

Each rule is a small function that takes the tree and yields findings; RULES lists them, and main() prints what they found as
"path:line: rule: message". `python tools/tidy.py --lengths` shows instead how long the C functions are.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

LAYERS = ("base", "platform", "memory", "sync", "well")
"""The folders of core/src, from the bottom to the top."""

AREAS = ("bindings/python", "bindings/lua", "bindings/swig", "tests", "examples", "bench")
"""Who uses the core through core/include, and otherwise includes only files of the same area."""

SKIPPED_FOLDERS = {"__pycache__", "build", "dist"}
CODE_SUFFIXES = {".c", ".h", ".i", ".py", ".pyi", ".lua", ".rb", ".java", ".pl", ".pm", ".t", ".sh"}
TEXT_SUFFIXES = CODE_SUFFIXES | {".cmake", ".txt", ".rockspec", ".gemspec", ".toml", ".in", ".md"}
MAX_WIDTH = 132
MAX_FUNCTION_LINES = 100

VAGUE_NAMES = {"util", "utils", "common", "misc", "helper", "helpers", "stuff", "functions"}

OS_HEADERS = re.compile(
    r"(sys|linux|asm|arpa|net|netinet)/.*|(unistd|fcntl|pthread|semaphore|sched|poll|signal|spawn|dirent|dlfcn|mqueue|ucontext"
    r"|time|utime|termios|pwd|grp|syslog|windows)\.h"
)
OS_CALLS = frozenset(
    """
    open openat creat close read write pread pwrite readv writev lseek dup dup2 dup3 pipe pipe2 ioctl fcntl flock lockf
    stat fstat lstat fstatat statx statfs fstatfs statvfs fstatvfs access faccessat truncate ftruncate fallocate posix_fallocate
    fsync fdatasync sync_file_range link linkat unlink unlinkat rename renameat renameat2 symlink symlinkat readlink readlinkat
    mkdir mkdirat rmdir chmod fchmod fchmodat chown fchown umask mkstemp mkostemp opendir readdir closedir
    fopen fdopen freopen fclose fread fwrite remove tmpfile
    mmap mmap64 munmap mremap mprotect msync madvise posix_madvise mincore mlock munlock mbind memfd_create
    shm_open shm_unlink shmget shmat shmdt shmctl semget semop semctl semtimedop ftok
    syscall fork vfork execve execvp waitpid waitid wait4 kill raise tgkill getpid getppid gettid getuid geteuid getgid getegid
    signal sigaction sigprocmask sigaltstack pause alarm
    nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time usleep sleep
    sched_yield sched_getaffinity sched_setaffinity sched_getcpu getpagesize sysconf getrlimit setrlimit getrandom
    select pselect poll ppoll epoll_wait eventfd dlopen dlsym dlclose dladdr atexit on_exit getenv secure_getenv
    """.split()  # noqa: SIM905 (a list of 130 strings would be harder to read)
)
OS_CALL_PREFIXES = ("pthread_", "sem_", "shm_", "mq_", "futex", "io_uring_")
OS_MACRO = re.compile(r"\b(__linux(__)?|linux|__APPLE__|_WIN(32|64)|__unix__|__(Free|Net|Open)BSD__|__ANDROID__|__GLIBC__)\b")


@dataclass(frozen=True, order=True)
class Finding:
    """One place that breaks one rule."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Function:
    """A C function definition: where its name and its closing brace are, and whether only its file sees it."""

    name: str
    first: int
    last: int
    static: bool

    @property
    def lines(self) -> int:
        return self.last - self.first + 1


class Source:
    """One file, read once, with the readings of it that several rules share."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self.name = PurePosixPath(path).name
        self.stem = PurePosixPath(path).stem
        self.suffix = PurePosixPath(path).suffix
        self.folder = str(PurePosixPath(path).parent)
        self.text = (root / path).read_text(encoding="utf-8", errors="replace")

    @property
    def is_c(self) -> bool:
        return self.suffix in (".c", ".h")

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def code(self) -> str:
        """The C text with comments, strings and characters blanked out, line by line where it was."""
        return blank_comments_and_strings(self.text)

    @cached_property
    def plain_code(self) -> str:
        """The C code without its preprocessor lines."""
        return blank_directives(self.code)

    @cached_property
    def functions(self) -> list[Function]:
        return list(find_functions(self.plain_code))

    @cached_property
    def includes(self) -> list[tuple[int, str, str]]:
        """(line, quote, what) of every #include; the quote is '"' or '<'."""
        return [
            (number, match[1], match[2])
            for number, line in enumerate(self.lines, 1)
            if (match := re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line))
        ]

    @property
    def area(self) -> str | None:
        return next((area for area in AREAS if self.path.startswith(area + "/")), None)

    @property
    def layer(self) -> str | None:
        """The layer of a file under core/src, or None."""
        parts = self.path.split("/")
        return parts[2] if parts[:2] == ["core", "src"] and len(parts) > 3 else None

    def line_of(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1


class Tree:
    """Every file that the rules look at, by its path from the root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sources = {path: Source(root, path) for path in sorted(walk(root))}

    def __iter__(self) -> Iterator[Source]:
        return iter(self.sources.values())

    def get(self, path: str) -> Source | None:
        return self.sources.get(path)

    def c_files(self, *folders: str) -> Iterator[Source]:
        """The C sources and headers in the given folders, or everywhere."""
        for source in self:
            if source.is_c and (not folders or source.path.startswith(tuple(folder + "/" for folder in folders))):
                yield source

    @cached_property
    def public_headers(self) -> dict[str, Source]:
        """What may be included from outside the core, by the name that #include gives it."""
        prefix = "core/include/"
        return {path.removeprefix(prefix): source for path, source in self.sources.items() if path.startswith(prefix)}

    @cached_property
    def layer_of_noun(self) -> dict[str, str]:
        """Which layer implements a noun; a public header belongs to the layer of its .c file."""
        return {source.stem: source.layer for source in self if source.layer and source.suffix == ".c"}


def walk(root: Path) -> Iterator[str]:
    """The paths of the text files of the tree, without what was built or fetched."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not is_skipped(name)]
        for name in files:
            path = Path(folder, name)
            if (path.suffix in TEXT_SUFFIXES or name == "Makefile") and not path.is_symlink():
                yield path.relative_to(root).as_posix()


def is_skipped(folder: str) -> bool:
    """Whether a folder holds what was built, fetched or cached; folders that begin with a dot do, but for .ci."""
    return folder in SKIPPED_FOLDERS or folder.endswith(".egg-info") or (folder.startswith(".") and folder != ".ci")


def blank_comments_and_strings(text: str) -> str:
    """Put spaces where C comments and the insides of literals are, and leave every newline in its place."""
    token = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

    def blank(match: re.Match[str]) -> str:
        found = match[0]
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)

    return token.sub(blank, text)


def blank_directives(code: str) -> str:
    """Put spaces where preprocessor lines are, those that a backslash continues included."""
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda match: re.sub(r"[^\n]", " ", match[0]), code, flags=re.M)


def find_functions(code: str) -> Iterator[Function]:
    """The function definitions in C code that has no comments, strings or directives left."""
    depth = 0
    head_start = 0
    current: Function | None = None
    for match in re.finditer(r"[{};]", code):
        mark, position = match[0], match.start()
        if mark == "{":
            head = code[head_start:position]
            if depth == 0 and re.search(r'extern\s*"[^"]*"\s*$', head):
                head_start = position + 1
                continue
            if depth == 0:
                current = function_of_head(head, code.count("\n", 0, head_start) + 1)
            depth += 1
        elif mark == "}":
            depth = max(0, depth - 1)
            if depth == 0 and current:
                yield replace(current, last=code.count("\n", 0, position) + 1)
                current = None
        if depth == 0:
            head_start = position + 1


def function_of_head(head: str, line: int) -> Function | None:
    """The function whose body follows `head`, which begins on `line`: the name before the last parentheses. None for a struct."""
    text = strip_attributes(head).rstrip()
    if not text.endswith(")"):
        return None
    depth = 0
    for position in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[position], 0)
        if depth == 0:
            break
    named = re.search(r"([A-Za-z_]\w*)\s*$", text[:position])
    if named is None:
        return None
    first = line + text.count("\n", 0, named.start())
    declaration = text[text.rfind("\n", 0, named.start()) + 1 : named.start()]
    return Function(named[1], first, first, bool(re.search(r"\bstatic\b", declaration)))


def strip_attributes(head: str) -> str:
    """Blank __attribute__((...)) so that it is not taken for the function's name; lengths stay."""
    return re.sub(r"__attribute__\s*\(\(.*?\)\)", lambda match: " " * len(match[0]), head, flags=re.S)


# Includes ------------------------------------------------------------------------------------------------------------------------


def layers(tree: Tree) -> Iterator[Finding]:
    """Inside the core an include goes to the same layer or further down."""
    for source in tree.c_files("core"):
        own = source.layer or tree.layer_of_noun.get(source.stem, LAYERS[0])
        if own not in LAYERS:
            yield Finding(source.path, 1, "layers", f"core/src/{own} is no layer; there are {', '.join(LAYERS)}")
            continue
        if source.path == "core/include/memwell.h":
            continue
        for line, quote, what in source.includes:
            if quote == '"' and (message := wrong_include_in_core(tree, source, own, what)):
                yield Finding(source.path, line, "layers", message)


def wrong_include_in_core(tree: Tree, source: Source, own: str, what: str) -> str | None:
    """Why a file of layer `own` may not include `what`, or None where it may."""
    if what == "memwell.h":
        return "the umbrella header is for users; include the headers that this file needs"
    parts = what.split("/")
    if parts[0] == "memwell":
        if what not in tree.public_headers:
            return f'there is no public header "{what}"'
        target = tree.layer_of_noun.get(PurePosixPath(what).stem, LAYERS[0])
    elif source.layer is None:
        return f'a public header may not include "{what}"; only other public headers'
    elif parts[0] in LAYERS and len(parts) > 1:
        target = parts[0]
        if len(parts) > 2 and target != own:
            return f'"{what}" is private to the layer {target}'
    else:
        return f'write "{what}" as a path from core/src, such as "base/status.h"'
    if LAYERS.index(target) > LAYERS.index(own):
        return f'{own} may not include "{what}", which is above it in {target}'
    return None


def outside(tree: Tree) -> Iterator[Finding]:
    """Bindings, tests, examples and benchmarks see the core through core/include only."""
    for source in tree.c_files(*AREAS):
        for line, quote, what in source.includes:
            if what in tree.public_headers or (quote == "<" and not what.startswith(("memwell", "core/"))):
                continue
            if quote == "<" or not is_own_file(tree, source, what):
                message = f'"{what}" is neither a header of core/include nor a file of {source.area}'
                yield Finding(source.path, line, "outside", message)


def is_own_file(tree: Tree, source: Source, what: str) -> bool:
    """Whether a quoted include names a file of the same area, by its path from any folder of that area; or, in a test of what SWIG
    wraps, a file of that."""
    areas = (f"{source.area}/", "bindings/swig/") if source.path.startswith("tests/swig/") else (f"{source.area}/",)
    return any(path.startswith(areas) and path.endswith(f"/{what}") for path in tree.sources)


def included_sources(tree: Tree) -> Iterator[Finding]:
    """A .c file is compiled, never included."""
    for source in tree.c_files():
        for line, _, what in source.includes:
            if what.endswith(".c"):
                yield Finding(source.path, line, "included-source", f"{what} is a source file; share declarations through a header")


# The operating system ------------------------------------------------------------------------------------------------------------


def os_calls(tree: Tree) -> Iterator[Finding]:
    """Only core/src/platform talks to the operating system."""
    for source in tree.c_files("core", "bindings"):
        if source.layer == "platform":
            continue
        for line, _, what in source.includes:
            if OS_HEADERS.fullmatch(what):
                yield Finding(source.path, line, "os-calls", f"<{what}> belongs to core/src/platform")
        for match in re.finditer(r"(?<![\w.>])([a-z_]\w*)\s*\(", source.plain_code):
            if match[1] in OS_CALLS or match[1].startswith(OS_CALL_PREFIXES):
                yield Finding(source.path, source.line_of(match.start()), "os-calls", f"{match[1]}() belongs to core/src/platform")


def os_conditions(tree: Tree) -> Iterator[Finding]:
    """No function is cut in pieces by an #if about the operating system."""
    for source in tree.c_files("core", "bindings"):
        spans = [(function.first, function.last) for function in source.functions]
        for number, line in enumerate(source.code.split("\n"), 1):
            condition = re.match(r"\s*#\s*(?:if|ifdef|ifndef|elif)\b(.*)", line)
            if condition and OS_MACRO.search(condition[1]) and any(first < number < last for first, last in spans):
                yield Finding(source.path, number, "os-conditions", "make it another file or a value, not an #if in a function")


# Files and names -----------------------------------------------------------------------------------------------------------------


WITHOUT_SOURCE = {"memwell.h", "memwell/export.h", "memwell/version.h"}
"""Public headers with nothing to implement, or with one line that is said elsewhere."""


def pairs(tree: Tree) -> Iterator[Finding]:
    """One noun, one header: a .c has that of its noun, a public header has its .c, and no two layers share a noun."""
    seen: dict[str, str] = {}
    for source in tree.c_files("core/src"):
        if source.suffix != ".c" or source.layer is None:
            continue
        headers = [f"{source.folder}/{source.stem}.h", f"core/include/memwell/{source.stem}.h"]
        headers.append(f"{source.folder}/{source.stem.partition('_')[0]}.h")  # region_bytes.c is a part of region.h
        if source.layer == "platform":
            headers += [f"core/src/platform/{source.stem}.h", "core/src/platform/os.h"]
        elif (other := seen.setdefault(source.stem, source.path)) != source.path:
            yield Finding(source.path, 1, "pairs", f"{other} has the same noun")
        if not any(header in tree.sources for header in headers):
            yield Finding(source.path, 1, "pairs", f"no header goes with it: {headers[0]} or {headers[1]}")
    for what, header in tree.public_headers.items():
        if what not in WITHOUT_SOURCE and header.stem not in tree.layer_of_noun:
            yield Finding(header.path, 1, "pairs", f"no core/src/*/{header.stem}.c goes with it")


def tests_per_noun(tree: Tree) -> Iterator[Finding]:
    """Each noun that users hold has its tests under its own name in every language."""
    for noun in ("region", "view", "semaphore"):
        if f"memwell/{noun}.h" not in tree.public_headers:
            continue
        for path in (f"tests/core/test_{noun}.c", f"tests/python/test_{noun}.py", f"tests/lua/test_{noun}.lua"):
            if path not in tree.sources:
                yield Finding(path, 1, "tests-per-noun", f"the noun {noun} has no such test file")


def vague_names(tree: Tree) -> Iterator[Finding]:
    """A file is named after what it is about."""
    for source in tree:
        for part in PurePosixPath(source.path).with_suffix("").parts:
            if part.lower() in VAGUE_NAMES:
                yield Finding(source.path, 1, "vague-names", f'"{part}" says nothing; name the noun')
                break


def c_names(tree: Tree) -> Iterator[Finding]:
    """mw_noun_verb is public, mw__noun_verb crosses files, a static name is bare; nothing begins with shm_ or sem_."""
    for source in tree.c_files("core"):
        for function in source.functions:
            prefixed = function.name.startswith("mw_")
            if function.name.startswith(("shm_", "sem_")):
                yield Finding(source.path, function.first, "names", f"{function.name}: shm_ and sem_ belong to POSIX")
            elif source.suffix == ".c" and function.static and prefixed:
                yield Finding(source.path, function.first, "names", f"{function.name} is static: a bare name will do")
            elif not prefixed and (source.suffix == ".h" or not function.static):
                yield Finding(
                    source.path, function.first, "names", f"{function.name} is seen by other files: call it mw__noun_verb"
                )


GUEST_NOUNS = {
    "status": {"error"},
    "region": {"page"},
    "pages": {"region", "advice", "seal"},
    "handover": {"region"},
    "search": {"region"},
    "atomic": {"view"},
}
"""Nouns that live in the header of another: small ones, and what a large one does that fills a header of its own."""


def public_names(tree: Tree) -> Iterator[Finding]:
    """Every MW_API call is named mw_noun_verb after its header."""
    for source in tree.public_headers.values():
        nouns = {source.stem} | GUEST_NOUNS.get(source.stem, set())
        for match in re.finditer(r"\bMW_API\b[^;{(]*?\b(\w+)\s*\(", source.plain_code):
            name = match[1]
            if not any(re.fullmatch(rf"mw_{noun}(_[a-z0-9]+)*", name) for noun in nouns):
                line = source.line_of(match.start(1))
                yield Finding(source.path, line, "names", f"{name}: a call of {source.name} begins with mw_{source.stem}_")


DECLARATION = re.compile(r"^(?!static|typedef|return|\s)[\w *]*?\b(\w+)\s*\([^;{}]*\)[^;{}]*;", re.M)


def internal_names(tree: Tree) -> Iterator[Finding]:
    """A header inside the core declares only mw__noun_verb."""
    for source in tree.c_files("core/src"):
        if source.suffix != ".h":
            continue
        for match in DECLARATION.finditer(source.plain_code):
            if not match[1].startswith("mw__") and not match[1].isupper() and "static_assert" not in match[1]:
                yield Finding(
                    source.path, source.line_of(match.start(1)), "names", f"{match[1]}: between files it is mw__noun_verb"
                )


def macro_names(tree: Tree) -> Iterator[Finding]:
    """Macros that a header of the core shows begin with MW_, its include guard with MEMWELL_; in a .c file they are bare."""
    for source in tree.c_files("core"):
        allowed = re.compile(r"MW_\w+|MEMWELL_\w*H" if source.suffix == ".h" else r"(?!shm_|sem_|SHM_|SEM_)\w+")
        for number, line in enumerate(source.code.split("\n"), 1):
            match = re.match(r"\s*#\s*define\s+(\w+)", line)
            if match and not allowed.fullmatch(match[1]):
                yield Finding(
                    source.path, number, "names", f"{match[1]}: a header's macro begins with MW_, and none with SEM_ or SHM_"
                )


# Texts ---------------------------------------------------------------------------------------------------------------------------


def heads(tree: Tree) -> Iterator[Finding]:
    """A source file begins by saying what it is for, and under which licence."""
    for source in tree:
        comment = head_comment(source)
        if comment is None:
            continue
        if "SPDX-License-Identifier: MIT" not in comment:
            yield Finding(source.path, 1, "heads", "no line SPDX-License-Identifier: MIT in the first comment")
        words = re.sub(r"SPDX-License-Identifier: MIT|#!.*|[/*#\-\"\s]+", " ", comment).split()
        if len(words) < 4:
            yield Finding(source.path, 1, "heads", "the first comment does not say what the file is for")


def head_comment(source: Source) -> str | None:
    """The comment, or the comment and docstring, that a source file begins with; None for files that need none."""
    if source.is_c:
        pattern = r"\s*((?:/\*.*?\*/\s*|//[^\n]*\n\s*)*)"
    elif source.suffix in (".py", ".pyi"):
        pattern = r'\s*((?:#[^\n]*\n\s*)*(?:r?""".*?""")?\s*(?:#[^\n]*\n\s*)*)'
    elif source.suffix in (".lua", ".rockspec"):
        pattern = r"\s*((?:#![^\n]*\n)?\s*(?:--[^\n]*\n\s*)*)"
    elif source.suffix in (".sh", ".cmake") or source.name in ("CMakeLists.txt", "Makefile"):
        pattern = r"\s*((?:#[^\n]*\n\s*)*)"
    else:
        return None
    match = re.match(pattern, source.text, re.S)
    return match[1] if match else ""


def text_form(tree: Tree) -> Iterator[Finding]:
    """Lines fit the width, end without blanks, and the file ends with a newline; tabs only where make wants them."""
    for source in tree:
        for number, line in enumerate(source.lines, 1):
            if line.rstrip() != line:
                yield Finding(source.path, number, "text", "blanks at the end of the line")
            if "\t" in line and source.name != "Makefile":
                yield Finding(source.path, number, "text", "a tab; write spaces")
            if len(line) > MAX_WIDTH and source.suffix not in (".md", ".rockspec") and "://" not in line:
                yield Finding(source.path, number, "text", f"{len(line)} columns; {MAX_WIDTH} at most")
        if source.text and (not source.text.endswith("\n") or source.text.endswith("\n\n")):
            yield Finding(source.path, len(source.lines), "text", "the file ends with exactly one newline")


def function_lengths(tree: Tree) -> Iterator[Finding]:
    """Hardly any function is over 70 lines; over 100 it is two functions."""
    for source in tree.c_files():
        for function in source.functions:
            if function.lines > MAX_FUNCTION_LINES:
                message = f"{function.name} has {function.lines} lines; {MAX_FUNCTION_LINES} at most"
                yield Finding(source.path, function.first, "function-lengths", message)


# Lists that must agree -----------------------------------------------------------------------------------------------------------

SOURCE_LISTS = {
    "core/sources.txt": "core/src",
    "bindings/python/sources.txt": "bindings/python/src",
    "bindings/lua/sources.txt": "bindings/lua/src",
}


def listed(source: Source | None) -> list[str]:
    """The paths in a sources.txt."""
    lines = source.lines if source else []
    return [path for line in lines if (path := line.partition("#")[0].strip())]


def source_lists(tree: Tree) -> Iterator[Finding]:
    """sources.txt names every .c file of its folder once, and no other."""
    for path, folder in SOURCE_LISTS.items():
        there = {source.path for source in tree.c_files(folder) if source.suffix == ".c"}
        if path not in tree.sources:
            if there:
                yield Finding(path, 1, "source-lists", f"the list of the sources in {folder} is missing")
            continue
        named = listed(tree.get(path))
        for name in sorted(there - set(named)):
            yield Finding(path, 1, "source-lists", f"{name} is there but not in the list")
        for name in sorted(set(named)):
            if name not in there:
                yield Finding(path, 1, "source-lists", f"{name} is in the list but not there")
            if named.count(name) > 1:
                yield Finding(path, 1, "source-lists", f"{name} is listed twice")


def rockspec(tree: Tree) -> Iterator[Finding]:
    """LuaRocks cannot read a list from a file, so the rockspec repeats the core's and the Lua binding's."""
    wanted = set(listed(tree.get("core/sources.txt")) + listed(tree.get("bindings/lua/sources.txt")))
    for source in tree:
        if source.suffix != ".rockspec":
            continue
        uncommented = re.sub(r"--[^\n]*", "", source.text)
        named = set(re.findall(r'["\']([^"\'\n]+\.c)["\']', uncommented))
        for name in sorted(wanted ^ named):
            yield Finding(source.path, 1, "rockspec", f"{name} is " + ("missing" if name in wanted else "in no sources.txt"))


VERSION_PLACES = {
    "pyproject.toml": r'^version\s*=\s*"([^"]+)"',
    "CMakeLists.txt": r"\bproject\s*\([^)]*?\bVERSION\s+(\d[\w.]*)",
    "CHANGELOG.md": r"^##\s+\[?v?(\d+\.\d+[\w.]*)",
    "bindings/python/memwell/__init__.py": r'^__version__\s*(?::[^=]*)?=\s*"([^"]+)"',
}


def versions(tree: Tree) -> Iterator[Finding]:
    """The version is written in memwell/version.h; wherever else it is written out, it is the same."""
    header = tree.get("core/include/memwell/version.h")
    if header is None:
        return
    truth = re.search(r'#define\s+MW_VERSION\s+"([^"]+)"', header.text)
    if truth is None:
        yield Finding(header.path, 1, "versions", 'no #define MW_VERSION "..."')
        return
    for path, pattern in VERSION_PLACES.items():
        source = tree.get(path)
        if source and (match := re.search(pattern, source.text, re.M)) and match[1] != truth[1]:
            yield Finding(path, source.line_of(match.start(1)), "versions", f"{match[1]} here, {truth[1]} in {header.path}")
    changelog = tree.get("CHANGELOG.md")
    if changelog and not re.search(VERSION_PLACES["CHANGELOG.md"], changelog.text, re.M):
        yield Finding("CHANGELOG.md", 1, "versions", f"no heading for {truth[1]}")


Rule = Callable[[Tree], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    layers,
    outside,
    included_sources,
    os_calls,
    os_conditions,
    pairs,
    tests_per_noun,
    vague_names,
    c_names,
    public_names,
    internal_names,
    macro_names,
    heads,
    text_form,
    function_lengths,
    source_lists,
    rockspec,
    versions,
)


def show_lengths(tree: Tree) -> None:
    """Print how long the functions of the core and the bindings are, and which are the longest."""
    functions = [(function, source) for source in tree.c_files("core", "bindings") for function in source.functions]
    if not functions:
        print("no C functions")
        return
    lengths = sorted(function.lines for function, _ in functions)
    ninetieth = lengths[min(len(lengths) - 1, len(lengths) * 9 // 10)]
    print(f"{len(lengths)} functions: median {statistics.median(lengths):g} lines, 90 % up to {ninetieth}, longest {lengths[-1]}")
    for function, source in sorted(functions, key=lambda pair: -pair[0].lines)[:10]:
        print(f"{function.lines:5}  {source.path}:{function.first}  {function.name}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check the tree against docs/conventions.md.")
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--lengths", action="store_true", help="show how long the C functions are")
    options = parser.parse_args(arguments)
    tree = Tree(options.root)
    if options.lengths:
        show_lengths(tree)
        return 0
    findings = sorted({finding for rule in RULES for finding in rule(tree)})
    for finding in findings:
        print(finding)
    print(f"tidy: {len(tree.sources)} files, {len(RULES)} rules, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
