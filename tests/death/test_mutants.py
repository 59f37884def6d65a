"""Deliberate faults in the core, each of which a test of this folder must notice.

A mutant is the core with one text replaced by another. It is compiled beside the rest, which is the build's, and linked with the
programs of this folder.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MEMWELL_BUILD", ROOT / "build"))
COMPILE = ("cc", "-std=c11", "-D_GNU_SOURCE", "-O1", f"-I{ROOT / 'core' / 'include'}")
SECONDS = 300


@dataclass(frozen=True)
class Mutant:
    """What is wrong, in which file, the text and what stands in its place; the program and its test that must fail, and what it
    then says; more texts of the same file and what stands in theirs."""

    fault: str
    file: str
    old: str
    new: str
    program: str
    test: str
    says: str
    more: tuple[tuple[str, str], ...] = ()


COUNTED_WAITERS = Mutant(
    "a count of waiters instead of a bell",
    "sync/mutex.c",
    '#include "platform/os.h"\n',
    '#include "platform/os.h"\n'
    "/* The upper half of the bell counts who waits, the lower half how often it was rung. */\n"
    "static void ring_the_counted(mw__bell *bell) {\n"
    "  unsigned woken;\n"
    "  if (atomic_load(bell) >> 16 == 0) return;\n"
    "  atomic_fetch_add(bell, 1);\n"
    "  (void)mw__os_word_wake(bell, 1, &woken);\n"
    "}\n"
    "#define mw__bell_ring ring_the_counted\n",
    "quiet",
    "no_system_call_after_a_waiter_was_killed_mutex",
    "who uses it alone makes system calls",
    (
        (
            "mw__bell_await(&line_of(object)->bell, out_watch);",
            "mw__bell *bell = &line_of(object)->bell;\n  *out_watch = (mw_watch){bell, atomic_load(bell)};",
        ),
        (
            "status = mw__object_wait(call",
            "atomic_fetch_add(&mutex->line->bell, 1u << 16);\n  status = mw__object_wait(call",
        ),
        (
            "return status < 0 ? status : check_taken(call, mutex, owner);",
            "atomic_fetch_sub(&mutex->line->bell, 1u << 16);\n  return status < 0 ? status : check_taken(call, mutex, owner);",
        ),
    ),
)

MUTANTS = (
    Mutant(
        "taken first, and then by whom",
        "sync/owner.h",
        "return atomic_compare_exchange_strong(word, &from, to);",
        "return atomic_compare_exchange_strong(word, &from, 1) && (atomic_store(word, to), true);",
        "death",
        "semaphore_acquire",
        "is held by nobody that is in use, or damaged",
    ),
    Mutant(
        "FREE is 0",
        "sync/owner.h",
        "#define MW__FREE UINT64_C(0x465245450000ffff)",
        "#define MW__FREE UINT64_C(0)",
        "death",
        "mutex_acquire",
        "the admin lock is nobody's that is in use",
    ),
    Mutant(
        "a generation is used again",
        "sync/participant.c",
        "mw__slot_generation(life) + 1;",
        "mw__slot_generation(life);",
        "death",
        "mutex_release",
        "a generation was used twice",
    ),
    Mutant(
        "reaped without the life lock",
        "sync/participant.c",
        "if (fd < 0 || mw__os_lock_byte(fd, LIFE_LOCKS + index) != 0) return false;",
        "if (fd < 0) return false;",
        "death",
        "mutex_acquire_held",
        "wanted MW_ETIMEDOUT, got",
    ),
    Mutant(
        "a slot is reaped before it is swept",
        "sync/participant.c",
        "    sweep(&participant->table, index, mw__slot_generation(life));\n"
        "    atomic_store(&slot->life, life_of(mw__slot_generation(life), false));",
        "    atomic_store(&slot->life, life_of(mw__slot_generation(life), false));\n"
        "    sweep(&participant->table, index, mw__slot_generation(life));",
        "death",
        "reap",
        "held by nobody that is in use",
    ),
    Mutant(
        "no sweep where a slot of the dead is taken",
        "sync/participant.c",
        "if (mw__slot_is_in_use(life)) sweep(table, index, mw__slot_generation(life));",
        "",
        "death",
        "attach_in_a_slot_of_the_dead",
        "the survivor found it wrong",
    ),
    Mutant(
        "a dead holder's mutex is free, as if nothing had happened",
        "sync/mutex.c",
        "if (!mw__owner_change(&line->owner, owner, MW__DEAD) &&",
        "if (!mw__owner_change(&line->owner, owner, MW__FREE) &&",
        "death",
        "mutex_release",
        "the survivor found it wrong",
    ),
    Mutant(
        "who dies while mending is forgotten",
        "sync/mutex.c",
        " && !mw__owner_change(&line->owner, owner | MW__RECOVERING, MW__DEAD)",
        "",
        "death",
        "reap_the_mending",
        "the survivor found it wrong",
    ),
    Mutant(
        "the bell is set when nobody looks any more",
        "sync/object.c",
        "  int status = effort->manner->announce(effort->call, effort->object, out_watch);\n"
        "  return status ? status : attempt(effort);\n",
        "  int status = attempt(effort);\n"
        "  if (status == MW__NOT_NOW) (void)effort->manner->announce(effort->call, effort->object, out_watch);\n"
        "  return status;\n",
        "meetings",
        "nobody_sleeps_for_what_is_free_mutex",
        "slept for until time was over",
    ),
    Mutant(
        "the bell is cleared late",
        "sync/object.c",
        "if (atomic_exchange(bell, MW__BELL_QUIET) == MW__BELL_WAITED_FOR) (void)mw__os_word_wake(bell, count, &woken);",
        "(void)mw__os_word_wake(bell, count, &woken);\n  atomic_store(bell, MW__BELL_QUIET);",
        "meetings",
        "whoever_goes_to_sleep_is_woken_mutex",
        "nobody woke who went to sleep",
    ),
    COUNTED_WAITERS,
    Mutant(
        "no fence between the bell and the look",
        "sync/object.c",
        "atomic_store(bell, MW__BELL_WAITED_FOR);",
        "atomic_store_explicit(bell, MW__BELL_WAITED_FOR, memory_order_release);",
        "fences",
        "one_of_them_sees_the_other",
        "1 sleepers lost",
    ),
    Mutant(
        "who waits is not told of what was set and cleared",
        "sync/event.c",
        "(sets_of(state) + FLAGS + 1)",
        "sets_of(state)",
        "meetings",
        "nobody_sleeps_for_what_is_free_pulse",
        'Event.wait("event"): it did not come free in time',
    ),
    Mutant(
        "an object is there before its fields are",
        "well/directory.c",
        "fill_in(entry, &made);",
        "atomic_store(&entry->state, state);\n  fill_in(entry, &made);",
        "death",
        "create_mutex",
        "create_mutex, killed at",
    ),
    Mutant(
        "deleted first, and then closed",
        "well/directory.c",
        "if (!close_down(layout, record)) return",
        "atomic_store(&entry->state, (record->state & ~UINT64_C(0xff)) | MW__DELETED);\n"
        "  bool closed = close_down(layout, record);\n"
        "  if (!closed) atomic_store(&entry->state, record->state);\n"
        "  if (!closed) return",
        "death",
        "delete_mutex",
        "the process beside it failed",
    ),
    Mutant(
        "a deletion that fails leaves permits behind",
        "sync/robust_semaphore.c",
        "mw__permits_open_up(permits, i);",
        "",
        "death",
        "delete_semaphore_held",
        "delete_semaphore_held, killed at",
    ),
    Mutant(
        "a deletion that was cut short is not undone",
        "well/directory.c",
        "open_up(layout, &record);",
        "(void)open_up;",
        "death",
        "delete_semaphore",
        "delete_semaphore, killed at",
    ),
    Mutant(
        "a deletion that was cut short is not finished",
        "well/directory.c",
        "finish_deletion(layout, &record);\n  }",
        "(void)finish_deletion;\n  }",
        "death",
        "delete_array",
        "will never be free",
    ),
    Mutant(
        "deleted memory is used while others look at it",
        "well/space.c",
        "mw__layout_still_has(layout, extent->entry, extent->state) &&",
        "!is_deleted(extent->state) &&",
        "death",
        "event_set",
        "the survivor found it wrong",
    ),
    Mutant(
        "a name before there is anything in it",
        "memory/source.c",
        "  failure = put_content(draft.fd, content);\n",
        "  failure = mw__os_draft_publish(&draft, path);\n  if (!failure) failure = put_content(draft.fd, content);\n",
        "create",
        "a_killed_creator_leaves_a_whole_well_or_none_by_create",
        "a name of 0 bytes",
        (("    failure = mw__os_draft_publish(&draft, path);\n", "    failure = 0;\n"),),
    ),
    Mutant(
        "a name before its tables are in it",
        "memory/source.c",
        "static int publish_once(",
        "static int sized_content(int fd, const mw__content *content) {\n"
        "  mw__content empty = *content;\n"
        "  empty.image_size = 0;\n"
        "  return put_content(fd, &empty);\n"
        "}\n\n"
        "static int publish_once(",
        "create",
        "a_killed_creator_leaves_a_whole_well_or_none_by_create",
        "the admin lock is nobody's that is in use",
        (
            (
                "  failure = put_content(draft.fd, content);\n",
                "  failure = sized_content(draft.fd, content);\n"
                "  if (!failure) failure = mw__os_draft_publish(&draft, path);\n"
                "  if (!failure) failure = put_content(draft.fd, content);\n",
            ),
            ("    failure = mw__os_draft_publish(&draft, path);\n", "    failure = 0;\n"),
        ),
    ),
    Mutant(
        "a name that somebody has is taken away from him",
        "platform/linux/os_draft.c",
        "int mw__os_draft_publish(mw__os_draft *draft, const char *path) {\n",
        "int mw__os_draft_publish(mw__os_draft *draft, const char *path) {\n  unlink(path);\n",
        "create",
        "of_two_creators_one_creates_by_create",
        "the first got 1, the second 1",
    ),
)


def sources_of(mutant: Mutant) -> list[str]:
    """What has to be compiled anew: the file, or for a header all that may include it."""
    if mutant.file.endswith(".c"):
        return [mutant.file]
    return [
        str(path.relative_to(ROOT / "core" / "src"))
        for part in ("sync", "well")
        for path in (ROOT / "core" / "src" / part).glob("*.c")
    ]


def change(mutant: Mutant, folder: Path) -> None:
    """A copy of the core's sources in which the texts are others."""
    shutil.copytree(ROOT / "core" / "src", folder)
    file = folder / mutant.file
    text = file.read_text()
    for old, new in ((mutant.old, mutant.new), *mutant.more):
        assert text.count(old) == 1, f"{mutant.file} has not this text once; the mutant has to follow it: {old}"
        text = text.replace(old, new)
    file.write_text(text)


def build(mutant: Mutant, folder: Path) -> Path:
    change(mutant, folder / "src")
    objects = []
    for source in sources_of(mutant):
        objects.append(folder / f"{source.replace('/', '-')}.o")
        subprocess.run([*COMPILE, f"-I{folder / 'src'}", "-c", folder / "src" / source, "-o", objects[-1]], check=True)
    program = folder / mutant.program
    tests = sorted((BUILD / "tests" / "CMakeFiles" / f"test_{mutant.program}.dir" / "death").glob("*.o"))
    libraries = [BUILD / "tests" / "libharness.a", BUILD / "libmemwell.a"]
    subprocess.run(["cc", *objects, *tests, *libraries, "-lcmocka", "-pthread", "-lm", "-Wl,-z,now", "-o", program], check=True)
    return program


def run(program: Path, test: str) -> tuple[int, str]:
    environment = {**os.environ, "HARNESS_TIME_LIMIT": str(SECONDS), "PATIENCE": "2", "ROUNDS": "20000000"}
    done = subprocess.run([program, test], env=environment, capture_output=True, text=True, errors="replace", check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.fault.replace(" ", "_"))
def test_every_mutant_is_noticed(mutant: Mutant, tmp_path: Path) -> None:
    code, said = run(build(mutant, tmp_path), mutant.test)
    assert code != 0, f"nobody noticed: {mutant.fault}\n{said}"
    assert mutant.says in said


def test_what_is_built_so_without_a_fault_passes(tmp_path: Path) -> None:
    same = Mutant("none", "sync/mutex.c", "#include <stdlib.h>", "#include <stdlib.h>", "death", "mutex_acquire", "")
    code, said = run(build(same, tmp_path), same.test)
    assert code == 0, said


def test_a_count_of_waiters_is_right_while_nobody_is_killed(tmp_path: Path) -> None:
    """So that what is noticed of it is what a death does to it."""
    counted = replace(COUNTED_WAITERS, program="meetings", test="nobody_sleeps_for_what_is_free_mutex")
    code, said = run(build(counted, tmp_path), counted.test)
    assert code == 0, said
