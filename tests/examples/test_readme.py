"""The programs in README.md, docs/c.md and docs/well.md, run as they stand there, and the links in every document.

The Python and Lua programs of docs/ are run by tests/python/test_docs.py and tests/lua/test_docs.lua."""

# SPDX-License-Identifier: MIT
import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for folder in (".", "docs", "docs/decisions", "examples", "core", "bindings", "tests")
    for path in (ROOT / folder).glob("*.md")
)
LANGUAGES = ("python", "lua", "c")


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def compile_c(programs: Any, source: str, folder: Path) -> Path:
    path = folder / "program.c"
    path.write_text(source)
    library = programs.build / "libmemwell.a"
    if not library.exists():
        pytest.fail(f"{library} is missing: build the tree first (make build)")
    command = [
        "cc",
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Werror",
        f"-I{ROOT}/core/include",
        path,
        library,
        "-pthread",
        "-o",
        folder / "program",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return folder / "program"


def run(programs: Any, command: list[Any], source: str = "", folder: Path | None = None) -> str:
    done = subprocess.run(command, env=programs.environment, input=source, capture_output=True, text=True, timeout=60, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("order", list(itertools.permutations(LANGUAGES)))
def test_the_guest_book_of_the_readme(programs: Any, order: tuple[str, ...], name: str, tmp_path: Path) -> None:
    """The three blocks, pasted into their languages in any order, on a name of our own."""
    source = {}
    for language in LANGUAGES:
        (source[language],) = (block for block in blocks("README.md", language) if "guestbook" in block)
        assert source[language].count('"guestbook"') == 2
        assert len(source[language].splitlines()) <= 26
        source[language] = source[language].replace('"guestbook"', f'"{name}"')
    program = compile_c(programs, source["c"], tmp_path)
    commands: dict[str, list[Any]] = {"python": [sys.executable, "-W", "error", "-"], "lua": ["lua5.4", "-"], "c": [program]}
    said = {"python": "Python", "lua": "Lua", "c": "C"}
    numbers = {"python": 1.5, "lua": 2.5, "c": 3.5}
    visits = dict.fromkeys(LANGUAGES, 0)
    before, total = "nobody", 0.0
    try:
        for language in order * 2:
            visits[language] += 1
            total += numbers[language]
            counts = " ".join(str(visits[one]) for one in LANGUAGES)
            said_now = run(programs, commands[language], source[language] if language != "c" else "")
            assert re.fullmatch(rf"before me: {before} - visits: {counts} - sum: {re.escape(f'{total:g}')}(\.0)?\n", said_now), (
                said_now
            )
            before = said[language]
    finally:
        for path in (Path("/dev/shm") / name, Path("/dev/shm") / f"sem.{name}"):
            path.unlink(missing_ok=True)


def tally(language: str, name: str) -> str:
    (source,) = (block for block in blocks("README.md", language) if "tally" in block)
    assert source.count('"tally"') == 1
    return source.replace('"tally"', f'"{name}"')


DEATHS = {
    "python": ("\n        total[0] += 1\n", "\n        import os; os.kill(os.getpid(), 9)\n"),
    "lua": ("\n    total[1] = total[1] + 1\n", "\n    os.exit(9)\n"),
}


@pytest.mark.parametrize("first", DEATHS)
@pytest.mark.parametrize("second", DEATHS)
def test_the_tally_of_the_readme_is_right_after_a_death(programs: Any, first: str, second: str, name: str) -> None:
    """The first program comes twice, and dies the second time between its two stores; then the second one comes."""
    commands: dict[str, list[Any]] = {"python": [sys.executable, "-W", "error", "-"], "lua": ["lua5.4", "-"]}
    counts = {"python": 0, "lua": 0}
    try:
        assert run(programs, commands[first], tally(first, name)) != ""
        before, after = DEATHS[first]
        assert before in tally(first, name)
        fatal = tally(first, name).replace(before, after)
        died = subprocess.run(commands[first], env=programs.environment, input=fatal, capture_output=True, text=True, timeout=60)
        assert (died.returncode in (9, -9), died.stdout, died.stderr) == (True, "", "")
        counts[first] += 2
        counts[second] += 1
        expected = f"counts: {counts['python']} {counts['lua']} - total: 3\n"
        assert run(programs, commands[second], tally(second, name)) == expected
    finally:
        (Path("/dev/shm") / name).unlink(missing_ok=True)


def test_the_program_of_the_c_guide(programs: Any, name: str, tmp_path: Path) -> None:
    (source,) = (block for block in blocks("docs/c.md", "c") if "int main" in block)
    assert source.count('"scores"') == 2
    program = compile_c(programs, source.replace('"scores"', f'"{name}"'), tmp_path)
    try:
        assert run(programs, [program, "5"]) == "1 scores, sum 5, best 5\n"
        assert run(programs, [program, "9"]) == "2 scores, sum 14, best 9\n"
        assert run(programs, [program, "3"]) == "3 scores, sum 17, best 9\n"
    finally:
        for path in (Path("/dev/shm") / name, Path("/dev/shm") / f"sem.{name}"):
            path.unlink(missing_ok=True)


# What the documents say is around a block of C about wells: an open well, an error, and must().
AROUND_A_WELL = """
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memwell.h"

static mw_error error;

static void must(int status) {
  if (status >= 0) return;
  char text[640];
  mw_error_message(&error, text, sizeof text);
  fprintf(stderr, "%s\\n", text);
  exit(1);
}

int main(void) {
  mw_well *well;
  mw_well_options temporary = {.size_of_struct = sizeof temporary, .flags = MW_TEMPORARY};
  must(mw_well_create("NAME", 1 << 20, &temporary, &error, &well));
  BLOCK
  must(mw_well_close(well, &error));
  return 0;
}
"""


def about_wells(document: str) -> list[str]:
    return [block for block in blocks(document, "c") if "well" in block and "int main" not in block]


def comments_that_promise(block: str) -> list[str]:
    """What a printf prints stands behind it in a comment."""
    return re.findall(r"printf\(.*\); /\* (.*) \*/$", block, re.MULTILINE)


@pytest.mark.parametrize(
    ("document", "number"),
    [(document, number) for document in ("docs/well.md", "docs/c.md") for number in range(len(about_wells(document)))],
)
def test_each_block_of_c_about_wells(programs: Any, document: str, number: int, name: str, tmp_path: Path) -> None:
    block = about_wells(document)[number]
    program = compile_c(programs, AROUND_A_WELL.replace("NAME", name).replace("BLOCK", block), tmp_path)
    printed = run(programs, [program], folder=tmp_path)
    assert [promise for promise in comments_that_promise(block) if promise not in printed] == []


def test_there_are_blocks_about_wells() -> None:
    assert len(about_wells("docs/well.md")) >= 6
    assert len(about_wells("docs/c.md")) >= 1


def without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", without_blocks(path.read_text(encoding="utf-8")))
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_is_there(path: Path) -> None:
    """Paths in backquotes that begin with a folder of the tree; patterns and places for a name are not paths."""
    text = without_blocks(path.read_text(encoding="utf-8"))
    names = re.findall(r"`((?:core|bindings|tests|bench|docs|examples|tools|cmake)/[\w./-]*)`", text)
    missing = [name for name in names if "mutex" not in name and not (ROOT / name).exists()]
    assert missing == []
