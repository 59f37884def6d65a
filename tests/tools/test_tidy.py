"""Each rule of tools/tidy.py fires on a tree that breaks it, and keeps still on the same tree without the fault.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tidy

HEAD = "/* What this file is for, in a sentence.\n *\n * SPDX-License-Identifier: MIT */\n"

Rule = Callable[[tidy.Tree], Iterator[tidy.Finding]]


class Maker:
    """Writes a small good tree, changed as the test wants it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, changes: dict[str, str]) -> tidy.Tree:
        files = {
            "core/include/memwell.h": HEAD + '#include "memwell/region.h"\n',
            "core/include/memwell/status.h": HEAD + "MW_API int mw_error_message(void);\n",
            "core/include/memwell/region.h": HEAD + '#include "memwell/status.h"\nMW_API int mw_region_file(int size);\n',
            "core/include/memwell/version.h": HEAD + '#define MW_VERSION "1.2.3"\n',
            "core/src/base/status.c": HEAD + '#include "memwell/status.h"\nint mw_error_message(void) { return 0; }\n',
            "core/src/platform/os.h": HEAD + "int mw__os_size(int fd);\n",
            "core/src/platform/linux/os_file.c": HEAD + '#include "platform/os.h"\n#include <sys/stat.h>\n',
            "core/src/memory/region.c": HEAD + '#include "platform/os.h"\nint mw_region_file(int size) { return size; }\n',
            "core/sources.txt": "core/src/base/status.c\ncore/src/memory/region.c # the nouns\ncore/src/platform/linux/os_file.c\n",
            "bindings/lua/src/region.c": HEAD + '#include "memwell.h"\n#include "handle.h"\n#include <lua.h>\n',
            "bindings/lua/src/handle.h": HEAD,
            "bindings/lua/sources.txt": "bindings/lua/src/region.c\n",
            "bindings/python/sources.txt": "# none yet\n",
            "memwell-scm-1.rockspec": "-- Builds the Lua module from the same sources.\n-- SPDX-License-Identifier: MIT\n"
            'sources = { "core/src/base/status.c", "core/src/memory/region.c", "core/src/platform/linux/os_file.c",\n'
            '  "bindings/lua/src/region.c" }\n',
            "tests/core/test_region.c": HEAD + '#include "harness.h"\n#include "memwell/region.h"\n',
            "tests/harness/harness.h": HEAD,
            "tests/python/test_region.py": '"""What the region does in Python.\n\nSPDX-License-Identifier: MIT\n"""\n',
            "tests/lua/test_region.lua": "-- What the region does in Lua.\n-- SPDX-License-Identifier: MIT\n",
            "CHANGELOG.md": "# Changes\n\n## 1.2.3\n",
            "pyproject.toml": '[project]\nname = "memwell"\nversion = "1.2.3"\n',
            **changes,
        }
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return tidy.Tree(self.root)


@pytest.fixture
def tree_of(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


def c_lines(count: int) -> str:
    return "  size++;\n" * count


# rule, the files that break it, where it is found, and a part of what is said
BREACHES: list[tuple[Rule, dict[str, str], str, str]] = [
    (
        tidy.layers,
        {"core/src/base/status.c": HEAD + '#include "memory/region.h"\n'},
        "core/src/base/status.c:4",
        "above it in memory",
    ),
    (
        tidy.layers,
        {"core/src/base/status.c": HEAD + '#include "memwell/region.h"\n'},
        "core/src/base/status.c:4",
        "above it in memory",
    ),
    (
        tidy.layers,
        {"core/include/memwell/status.h": HEAD + '#include "memwell/region.h"\n'},
        "core/include/memwell/status.h:4",
        "above",
    ),
    (
        tidy.layers,
        {"core/include/memwell/region.h": HEAD + '#include "base/x.h"\n'},
        "core/include/memwell/region.h:4",
        "public header",
    ),
    (tidy.layers, {"core/src/memory/region.c": HEAD + '#include "memwell.h"\n'}, "core/src/memory/region.c:4", "umbrella"),
    (tidy.layers, {"core/src/memory/region.c": HEAD + '#include "region.h"\n'}, "core/src/memory/region.c:4", "as a path from"),
    (
        tidy.layers,
        {"core/src/memory/region.c": HEAD + '#include "memwell/no.h"\n'},
        "core/src/memory/region.c:4",
        "no public header",
    ),
    (tidy.layers, {"core/src/memory/region.c": HEAD + '#include "platform/linux/a.h"\n'}, "core/src/memory/region.c:4", "private"),
    (tidy.layers, {"core/src/extra/thing.c": HEAD}, "core/src/extra/thing.c:1", "no layer"),
    (tidy.outside, {"bindings/lua/src/region.c": HEAD + '#include "base/status.h"\n'}, "bindings/lua/src/region.c:4", "neither"),
    (
        tidy.outside,
        {"tests/core/test_region.c": HEAD + '#include "../../core/src/platform/os.h"\n'},
        "tests/core/test_region.c:4",
        "os.h",
    ),
    (tidy.outside, {"examples/c/a.c": HEAD + "#include <memwell/inside.h>\n"}, "examples/c/a.c:4", "inside.h"),
    (tidy.outside, {"bindings/lua/src/region.c": HEAD + '#include "harness.h"\n'}, "bindings/lua/src/region.c:4", "bindings/lua"),
    (tidy.included_sources, {"tests/core/test_region.c": HEAD + '#include "other.c"\n'}, "tests/core/test_region.c:4", "other.c"),
    (tidy.os_calls, {"core/src/memory/region.c": HEAD + "#include <sys/mman.h>\n"}, "core/src/memory/region.c:4", "<sys/mman.h>"),
    (
        tidy.os_calls,
        {"core/src/memory/region.c": HEAD + "int f(void) {\n  return open(0);\n}\n"},
        "core/src/memory/region.c:5",
        "open()",
    ),
    (tidy.os_calls, {"core/src/sync/semaphore.c": HEAD + "int x = sem_post (0);\n"}, "core/src/sync/semaphore.c:4", "sem_post()"),
    (
        tidy.os_calls,
        {"bindings/lua/src/region.c": HEAD + "int x = pthread_self();\n"},
        "bindings/lua/src/region.c:4",
        "pthread_self()",
    ),
    (
        tidy.os_conditions,
        {"core/src/platform/linux/os_file.c": HEAD + "int f(void) {\n#ifdef __linux__\n  return 1;\n#endif\n}\n"},
        "core/src/platform/linux/os_file.c:5",
        "another file or a value",
    ),
    (tidy.pairs, {"core/src/memory/lonely.c": HEAD}, "core/src/memory/lonely.c:1", "no header goes with it"),
    (tidy.pairs, {"core/src/sync/region.c": HEAD}, "core/src/sync/region.c:1", "same noun"),
    (tidy.pairs, {"core/include/memwell/idle.h": HEAD}, "core/include/memwell/idle.h:1", "core/src/*/idle.c"),
    (tidy.tests_per_noun, {"core/include/memwell/view.h": HEAD}, "tests/lua/test_view.lua:1", "view has no such test file"),
    (tidy.vague_names, {"core/src/base/utils.c": HEAD}, "core/src/base/utils.c:1", '"utils"'),
    (tidy.vague_names, {"bindings/common/thing.py": ""}, "bindings/common/thing.py:1", '"common"'),
    (
        tidy.c_names,
        {"core/src/memory/region.c": HEAD + "int size_of(int a) {\n}\n"},
        "core/src/memory/region.c:4",
        "size_of is seen",
    ),
    (tidy.c_names, {"core/src/memory/region.c": HEAD + "static int mw_f(void) {\n}\n"}, "core/src/memory/region.c:4", "bare name"),
    (tidy.c_names, {"core/src/memory/region.c": HEAD + "static int sem_f(void) {\n}\n"}, "core/src/memory/region.c:4", "POSIX"),
    (tidy.c_names, {"core/src/base/a.h": HEAD + "static inline int f(void) {\n}\n"}, "core/src/base/a.h:4", "f is seen"),
    (tidy.public_names, {"core/include/memwell/region.h": HEAD + "MW_API int mw_view_x(int);\n"}, "region.h:4", "mw_region_"),
    (tidy.internal_names, {"core/src/platform/os.h": HEAD + "int os_size(int fd);\n"}, "core/src/platform/os.h:4", "os_size"),
    (tidy.macro_names, {"core/src/platform/os.h": HEAD + "#define LIMIT 3\n"}, "core/src/platform/os.h:4", "LIMIT"),
    (tidy.macro_names, {"core/src/memory/region.c": HEAD + "#define SHM_SIZE 3\n"}, "core/src/memory/region.c:4", "SHM_SIZE"),
    (tidy.heads, {"core/src/memory/region.c": "int x;\n"}, "core/src/memory/region.c:1", "SPDX"),
    (
        tidy.heads,
        {"core/src/memory/region.c": "/* SPDX-License-Identifier: MIT */\n"},
        "core/src/memory/region.c:1",
        "what the file is for",
    ),
    (tidy.heads, {"tests/python/test_region.py": "import os\n"}, "tests/python/test_region.py:1", "SPDX"),
    (tidy.heads, {"tests/lua/test_region.lua": "local x = 1\n"}, "tests/lua/test_region.lua:1", "SPDX"),
    (tidy.heads, {"tools/go.sh": "#!/bin/sh\n# SPDX-License-Identifier: MIT\n"}, "tools/go.sh:1", "what the file is for"),
    (tidy.text_form, {"a.md": "word \n"}, "a.md:1", "blanks at the end"),
    (tidy.text_form, {"a.py": "if x:\n\tpass\n"}, "a.py:2", "a tab"),
    (tidy.text_form, {"a.lua": "-- " + "x" * 130 + "\n"}, "a.lua:1", "133 columns"),
    (tidy.text_form, {"a.md": "word"}, "a.md:1", "newline"),
    (tidy.text_form, {"a.md": "word\n\n"}, "a.md:3", "newline"),
    (
        tidy.function_lengths,
        {"core/src/memory/region.c": HEAD + "int mw_region_file(int size) {\n" + c_lines(99) + "}\n"},
        "core/src/memory/region.c:4",
        "mw_region_file has 101 lines",
    ),
    (tidy.source_lists, {"core/src/memory/forgotten.c": HEAD}, "core/sources.txt:1", "forgotten.c is there but not in the list"),
    (tidy.source_lists, {"bindings/lua/sources.txt": "bindings/lua/src/gone.c\n"}, "bindings/lua/sources.txt:1", "not there"),
    (tidy.source_lists, {"bindings/lua/sources.txt": "bindings/lua/src/region.c\n" * 2}, "bindings/lua/sources.txt:1", "twice"),
    (tidy.rockspec, {"memwell-scm-1.rockspec": "sources = {}\n"}, "memwell-scm-1.rockspec:1", "core/src/base/status.c is missing"),
    (tidy.rockspec, {"bindings/lua/sources.txt": ""}, "memwell-scm-1.rockspec:1", "bindings/lua/src/region.c is in no sources.txt"),
    (tidy.versions, {"pyproject.toml": 'version = "1.2.4"\n'}, "pyproject.toml:1", "1.2.4 here, 1.2.3 in"),
    (tidy.versions, {"CMakeLists.txt": "project(memwell\n  VERSION 2.0.0)\n"}, "CMakeLists.txt:2", "2.0.0 here"),
    (tidy.versions, {"CHANGELOG.md": "## [1.3.0] soon\n"}, "CHANGELOG.md:1", "1.3.0 here"),
    (tidy.versions, {"CHANGELOG.md": "# Changes\n"}, "CHANGELOG.md:1", "no heading for 1.2.3"),
    (tidy.versions, {"core/include/memwell/version.h": HEAD}, "core/include/memwell/version.h:1", "no #define MW_VERSION"),
]


@pytest.mark.parametrize(("rule", "changes", "place", "words"), BREACHES, ids=lambda value: getattr(value, "__name__", None))
def test_a_breach_is_found(rule: Rule, changes: dict[str, str], place: str, words: str, tree_of: Maker) -> None:
    found = [str(finding) for finding in rule(tree_of(changes))]
    assert any(place in finding and words in finding for finding in found), found


@pytest.mark.parametrize("rule", tidy.RULES, ids=lambda rule: rule.__name__)
def test_a_good_tree_is_left_alone(rule: Rule, tree_of: Maker) -> None:
    assert [str(finding) for finding in rule(tree_of({}))] == []


def test_every_rule_is_shown_to_fire() -> None:
    assert {rule for rule, *_ in BREACHES} == set(tidy.RULES)


# What looks like a breach and is none.
ALLOWED: list[tuple[Rule, dict[str, str]]] = [
    (tidy.layers, {"core/src/sync/semaphore.c": HEAD + '#include "memory/region.h"\n#include "memwell/region.h"\n'}),
    (tidy.layers, {"core/src/memory/region.c": HEAD + '#include <errno.h>\n#include "memory/source.h"\n'}),
    (tidy.layers, {"core/src/platform/linux/os_file.c": HEAD + '#include "platform/linux/private.h"\n'}),
    (tidy.outside, {"tests/core/test_region.c": HEAD + '#include "harness/harness.h"\n#include <cmocka.h>\n'}),
    (tidy.outside, {"examples/c/a.c": HEAD + "#include <memwell.h>\n#include <memwell/region.h>\n"}),
    (tidy.outside, {"tests/swig/a.c": HEAD + '#include "objects.h"\n', "bindings/swig/src/objects.h": HEAD}),
    (tidy.os_calls, {"core/src/memory/region.c": HEAD + "/* open(2) */ int x = region->close(1) + a.read(2) + mw__os_open(3);\n"}),
    (tidy.os_calls, {"core/src/memory/region.c": HEAD + '#include <errno.h>\nconst char *x = "mmap(1)";\n'}),
    (tidy.os_calls, {"core/src/platform/linux/os_file.c": HEAD + "#include <unistd.h>\nint x = close(1) + sem_post(0);\n"}),
    (tidy.os_conditions, {"core/src/platform/os.h": HEAD + "#ifdef __linux__\n#define MW__A 1\n#endif\n"}),
    (tidy.os_conditions, {"core/src/memory/region.c": HEAD + "int f(void) {\n#ifdef NDEBUG\n#endif\n}\n"}),
    (tidy.pairs, {"core/src/platform/posix/os_clock.c": HEAD}),
    (tidy.c_names, {"core/src/memory/region.c": HEAD + "int mw__region_check(int a) {\n}\nstatic int twice(int a) {\n}\n"}),
    (tidy.c_names, {"core/src/memory/region.c": HEAD + "TABLE(ROW)\n\nint mw_region_x(void (*call)(int)) {\n}\n"}),
    (tidy.c_names, {"core/src/memory/region.c": HEAD + "static const struct {\n  int a;\n} rows[] = {\n  {f(1)},\n};\n"}),
    (
        tidy.internal_names,
        {"core/src/platform/os.h": HEAD + "typedef int (*mw__call)(int a);\nint\nmw__os_size(int fd,\n int a);\n"},
    ),
    (tidy.macro_names, {"core/src/memory/region.c": HEAD + "#define ROW(a) a\n#define _GNU_SOURCE\n"}),
    (tidy.heads, {"a.py": '#!/usr/bin/env python3\n"""What this script does for its caller."""\n# SPDX-License-Identifier: MIT\n'}),
    (tidy.heads, {"a.md": "no head\n", "list.txt": "no head\n"}),
    (tidy.text_form, {"a.md": "x" * 200 + "\n", "Makefile": "# A file of habits.\nall:\n\ttrue\n"}),
    (tidy.function_lengths, {"core/src/memory/region.c": HEAD + "int f(int size) {\n" + c_lines(98) + "}\n"}),
    (tidy.rockspec, {"bindings/lua/sources.txt": "bindings/lua/src/region.c # the noun\n\n# nothing else\n"}),
    (tidy.versions, {"pyproject.toml": 'dynamic = ["version"]\n'}),
]


@pytest.mark.parametrize(("rule", "changes"), ALLOWED, ids=lambda value: getattr(value, "__name__", None))
def test_what_is_allowed_is_not_found(rule: Rule, changes: dict[str, str], tree_of: Maker) -> None:
    assert [str(finding) for finding in rule(tree_of(changes))] == []


def test_functions_are_found_with_their_lines() -> None:
    code = (
        'extern "C" {\n'
        "static int one(int a) {\n  if (a) {\n    return 1;\n  }\n  return 0;\n}\n"
        "struct pair { int a; };\n"
        "__attribute__((format(printf, 1, 2))) void mw__two(const char *text,\n                 int b)\n{\n}\n"
        "}\n"
    )
    found = list(tidy.find_functions(tidy.blank_directives(code)))
    assert found == [tidy.Function("one", 2, 7, True), tidy.Function("mw__two", 9, 12, False)]


def test_comments_and_strings_are_blanked_where_they_are() -> None:
    text = 'a /* b\nc */ "d\\"e" // f\n\'"\' g\n'
    code = tidy.blank_comments_and_strings(text)
    assert len(code) == len(text)
    assert code.split() == ["a", '"', '"', "'", "'", "g"]
    assert code.count("\n") == text.count("\n")


def test_what_was_built_is_not_looked_at(tree_of: Maker) -> None:
    tree = tree_of(
        {"build/a.py": "", ".venv/lib/b.py": "", "bindings/python/memwell.egg-info/c.txt": "", "src/__pycache__/d.py": ""}
    )
    assert not [path for path in tree.sources if path.endswith(("a.py", "b.py", "c.txt", "d.py"))]


def test_the_command_prints_findings_and_fails(tree_of: Maker, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree_of({})
    assert tidy.main([str(tmp_path)]) == 0
    (tmp_path / "utils.py").write_text("x = 1 \n")
    assert tidy.main([str(tmp_path)]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert "utils.py:1: text: blanks at the end of the line" in printed
    assert printed[-1].endswith(" findings")


def test_the_lengths_are_shown(tree_of: Maker, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree_of({})
    assert tidy.main([str(tmp_path), "--lengths"]) == 0
    assert "2 functions: median 1 lines" in capsys.readouterr().out
