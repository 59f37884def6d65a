"""P11: attaching, a lock and a look-up cost the same however much there is. The most of it is compared with less of it.

SPDX-License-Identifier: MIT
"""

from typing import Literal

from contest import Contender, Contest

WORKERS = {"C": "c:growth_calls", "Python": "python:work_growth", "Lua": "lua:work_growth"}

WHY_SIZE = """\
The system calls are the same six for every size, and in bare C they take as much longer for 16 GiB (the last two rows): munmap \
looks through the page tables that a mapping shares with its neighbours (perf: unmap_page_range). How many these are depends on \
where the kernel has put it, so that a process sees 1.04 x or 1.4 x for as long as it lives. memwell's own part is 0.3 us at \
either size."""

WHY_FIND = """\
The mutex's entry and its line lie in pages of their own, which every attach maps anew and touches for the first time; with one \
object they lie beside the header, which is touched anyhow."""


def contest(
    title: str,
    unit: Literal["ns", "us"],
    most: tuple[str, str],
    *less: tuple[str, str],
    at_most: float | None,
    why: str = "",
    limits: tuple[Contender, ...] = (),
) -> Contest:
    """The goal is against the least of it; each pair is what there is, and the work. The title begins with the language."""
    *others, (least, work) = less
    worker = WORKERS[title.partition(":")[0]]
    return Contest(
        "P11",
        title,
        unit,
        Contender(most[0], "memwell", worker, most[1]),
        (
            *[Contender(text, "memwell", worker, other) for text, other in others],
            Contender(least, "memwell", worker, work, at_most, why),
            *limits,
        ),
        rounds=12,  # what there is takes long to make, and is made anew every twelve rounds
    )


def by_objects(title: str, verb: str, unit: Literal["ns", "us"], at_most: float | None, why: str = "") -> Contest:
    counts = {"of_10000": "10,000 objects", "of_100": "100 objects", "of_1": "1 object"}
    most, *less = ((text, f"{verb}_{work}") for work, text in counts.items())
    return contest(title, unit, most, *less, at_most=at_most, why=why)


def by_regions(language: str) -> Contest:
    return contest(
        f"{language}: attach to named memory, close it, by what the process has attached already",
        "us",
        ("10,000 regions", "regions_10000"),
        ("100 regions", "regions_100"),
        ("1 region", "regions_1"),
        at_most=1.2,
    )


def in_a_script(language: str) -> list[Contest]:
    return [
        by_regions(language),
        by_objects(f"{language}: attach to a well, close it, by what is in it", "attach", "us", 1.2),
        by_objects(f"{language}: look an array up, by what is in the well", "look_up", "ns", 1.5),
        by_objects(f"{language}: acquire and release a mutex, by what is in the well", "turn", "ns", 1.1),
    ]


CONTESTS = [
    by_regions("C"),
    contest(
        "C: attach to named memory, close it, by its size",
        "us",
        ("16 GiB", "size_16GiB"),
        ("1 GiB", "size_1GiB"),
        ("1 MiB", "size_1MiB"),
        ("4 KiB", "size_4KiB"),
        at_most=1.1,
        why=WHY_SIZE,
        limits=(
            Contender("the same system calls in C, 16 GiB", "limit", WORKERS["C"], "bare_16GiB"),
            Contender("the same system calls in C, 4 KiB", "limit", WORKERS["C"], "bare_4KiB"),
        ),
    ),
    contest(
        "C: attach to a well, close it, by its size",
        "us",
        ("256 MiB", "attach_in_256MiB"),
        ("16 MiB", "attach_of_1"),
        ("64 KiB", "attach_in_64KiB"),
        at_most=1.2,
    ),
    by_objects("C: attach to a well, close it, by what is in it", "attach", "us", 1.2),
    by_objects("C: attach to a well, find a mutex, close it, by what is in the well", "look_in", "us", 1.2, WHY_FIND),
    by_objects("C: look an array up, by what is in the well", "look_up", "ns", 1.5),
    by_objects("C: acquire and release a mutex, by what is in the well", "turn", "ns", 1.1),
    by_objects("C: attach to a well, make an array, delete it, close it, by what is in the well", "make", "us", None),
    *in_a_script("Python"),
    *in_a_script("Lua"),
]
