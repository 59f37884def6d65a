"""The guard against slowing down that needs no clock: what the hottest calls take, beside the numbers in instructions.json.

    python bench/instructions.py             compare, and fail where a call takes more than it did
    python bench/instructions.py --accept    write down what is counted now: the way to raise a number on purpose

System calls and allocations may not become more at all, instructions by no more than TOLERANCE. Numbers hold for one compiler, one
C library, one interpreter and one valgrind only; where one of them is another than the one in instructions.json, nothing is
compared, and a line says so.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import toolchain
from callgrind import Count, count_works
from contest import AbsentError
from machine import first_match, said_by
from workers import Crew

KEPT = toolchain.BENCH / "instructions.json"
TOLERANCE = 0.02
SLACK = 3
"""Instructions that never matter: of a call that takes few, two in a hundred would be less than one."""

WORKERS = {"C": "c:hot_calls", "Lua": "lua:work_hot", "Python": "python:work_hot"}
PROCESSES = {"C": 1, "Lua": 3, "Python": 1}
"""How many processes count, of which the least numbers are taken: Lua stirs the time into where strings lie in its tables."""
ENVIRONMENT = {"PYTHONHASHSEED": "0"}
HOW_TO_ACCEPT = "if that is meant: python bench/instructions.py --accept, and commit bench/instructions.json with the reason"

Facts = dict[str, str]
Counts = dict[str, Count]


@dataclass(frozen=True)
class Verdict:
    """What became of one call, or of all calls of a language."""

    name: str
    word: str  # passed, failed, skipped
    text: str


# Comparing -----------------------------------------------------------------------------------------------------------------------


def limit(instructions: int) -> int:
    return instructions + max(int(instructions * TOLERANCE), SLACK)


def more(kept: Count, now: Count) -> list[str]:
    """In what a call takes more than it may."""
    found = []
    if now.instructions > limit(kept.instructions):
        found.append(f"{now.instructions} instructions, not {kept.instructions} (at most {limit(kept.instructions)})")
    if now.system_calls > kept.system_calls:
        found.append(f"{now.system_calls} system calls, not {kept.system_calls}")
    if now.allocations > kept.allocations:
        found.append(f"{now.allocations} allocations, not {kept.allocations}")
    return found


def is_less(kept: Count, now: Count) -> bool:
    """So much less that what was gained could be lost again unseen."""
    return limit(now.instructions) < kept.instructions or now.system_calls < kept.system_calls or now.allocations < kept.allocations


def text_of(count: Count) -> str:
    return f"{count.instructions} instructions, {count.system_calls} system calls, {count.allocations} allocations"


def compare(name: str, kept: Count | None, now: Count | None) -> Verdict:
    if now is None:
        return Verdict(name, "failed", "not counted any more; " + HOW_TO_ACCEPT)
    if kept is None:
        return Verdict(name, "failed", f"new: {text_of(now)}; " + HOW_TO_ACCEPT)
    if found := more(kept, now):
        return Verdict(name, "failed", "; ".join(found) + "; " + HOW_TO_ACCEPT)
    return Verdict(name, "passed", text_of(now) + (f" (less than {text_of(kept)})" if is_less(kept, now) else ""))


def compare_all(kept: Counts, now: Counts) -> Iterator[Verdict]:
    for name in sorted({*kept, *now}):
        yield compare(name, kept.get(name), now.get(name))


def differences(kept: Facts, now: Facts) -> str:
    """Why the numbers of another toolchain say nothing; empty where it is the same."""
    changed = (f"{name}: {now.get(name)}, not {kept.get(name)}" for name in {**kept, **now} if kept.get(name) != now.get(name))
    return "; ".join(changed)


# What the numbers hold for -------------------------------------------------------------------------------------------------------


def print_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def files_of(*probe: str) -> str:
    """The interpreter and the libraries of a process that prints its own memory map; two of one version may be compiled apart."""
    paths = {Path(path) for path in re.findall(r"(/\S+)$", toolchain.run(list(probe)), re.M)}
    ours = sorted(path for path in paths if re.match(r"(lib)?(c|lua|python)[\d.-]*(\.so.*)?$", path.name))
    return ", ".join(f"{path.name} {print_of(path)}" for path in ours)


def vectors() -> str:
    """What the C library chooses its functions by, as far as valgrind lets it see that."""
    flags = first_match("/proc/cpuinfo", r"^flags\s*:(.*)$", "").split()
    return " ".join(flag for flag in ("sse4_2", "avx", "avx2") if flag in flags)


def facts(language: str) -> Facts:
    found = {
        "processor": f"{platform.machine()} {vectors()}",
        "compiler": said_by(toolchain.compiler(), "--version"),
        "valgrind": said_by("valgrind", "--version"),
    }
    if language == "Python":
        return {**found, "python": files_of(sys.executable, "-c", "print(open('/proc/self/maps').read())")}
    if language == "Lua":
        return {**found, "lua": files_of(toolchain.find_lua(), "-e", "print(io.open('/proc/self/maps'):read('a'))")}
    return {**found, "libc": files_of("cat", "/proc/self/maps")}


# Counting ------------------------------------------------------------------------------------------------------------------------


def check_the_package() -> None:
    """The Python package is the installed one; counting an old one would judge what is gone."""
    installed = metadata.distribution("memwell").locate_file("memwell")
    built = max(path.stat().st_mtime for path in Path(str(installed)).glob("*.so"))
    folders = (toolchain.ROOT / "core", toolchain.ROOT / "bindings" / "python")
    newer = [path for folder in folders for path in folder.rglob("*.[chp]*") if path.stat().st_mtime > built]
    if newer:
        raise AbsentError(
            f"the installed package is older than {newer[0].relative_to(toolchain.ROOT)}: run sh tools/check.sh instructions"
        )


def count(language: str) -> Counts:
    environment = dict(ENVIRONMENT)
    if language == "Lua":
        environment["LUA_CPATH"] = f"{toolchain.own_lua_modules()}/?.so;{toolchain.bare_lua()}/?.so"
    if language == "Python":
        check_the_package()
    with Crew(sys.executable, sys.executable) as crew:
        tries = [count_works(crew, WORKERS[language], environment) for _ in range(PROCESSES[language])]
    return {name: min(counts[name] for counts in tries) for name in tries[0]}


# The command ---------------------------------------------------------------------------------------------------------------------


def kept_numbers() -> dict[str, tuple[Facts, Counts]]:
    if not KEPT.exists():
        return {}
    data = json.loads(KEPT.read_text())
    return {
        language: (part["facts"], {name: Count(**numbers) for name, numbers in part["calls"].items()})
        for language, part in data.items()
    }


def keep(numbers: dict[str, tuple[Facts, Counts]]) -> None:
    data = {
        language: {"facts": facts, "calls": {name: asdict(count) for name, count in sorted(counts.items())}}
        for language, (facts, counts) in numbers.items()
    }
    text = json.dumps(data, indent=2)
    # One call, one line: what a commit changes is then seen at a glance.
    KEPT.write_text(
        re.sub(r"\{\s+(\"instructions\"[^}]*?)\s+\}", lambda part: "{" + re.sub(r"\s+", " ", part[1]) + "}", text) + "\n"
    )


def accept() -> int:
    keep({language: (facts(language), count(language)) for language in WORKERS})
    print(f"written: {KEPT.relative_to(toolchain.ROOT)}")
    return 0


def judge(language: str, kept: tuple[Facts, Counts] | None) -> Iterator[Verdict]:
    try:
        if kept and (why := differences(kept[0], facts(language))):
            yield Verdict("all calls", "skipped", "the numbers are of another toolchain: " + why)
            return
        yield from compare_all(kept[1] if kept else {}, count(language))
    except AbsentError as problem:
        yield Verdict("all calls", "failed", str(problem))


def check() -> int:
    kept = kept_numbers()
    words = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for language in WORKERS:
        for verdict in judge(language, kept.get(language)):
            words[verdict.word] += 1
            print(f"{verdict.word}: {language} {verdict.name}: {verdict.text}", flush=True)
    print("instructions: " + ", ".join(f"{number} {word}" for word, number in words.items()))
    return 1 if words["failed"] else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="instructions.py", description="Count what the hottest calls take, and compare.")
    parser.add_argument("--accept", action="store_true", help="write down what is counted now")
    options = parser.parse_args(arguments)
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not on PATH\ninstructions: 0 passed, 0 failed, 1 skipped")
        return 0
    return accept() if options.accept else check()


if __name__ == "__main__":
    sys.exit(main())
