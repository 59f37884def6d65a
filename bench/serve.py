"""How a worker in Python offers its works to the runner; see serve.h for what is said.

A work is a function that does something n times and returns the nanoseconds that this took. Works on one statement are made from
its text, unrolled, as timeit does it, so that the loop costs next to nothing beside the statement. The clock is that of serve.h.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from time import thread_time_ns
from typing import Any

Work = Callable[[int], int | str]
"""What it returns may have more figures after the nanoseconds, as name=figure."""

mark: Callable[[], None] = importlib.import_module("bare_python").mark

UNROLLED = 20


def repeating(statements: Sequence[str], **names: Any) -> Work:
    """A work that runs the statements one after the other, over and over, until n of them are done."""
    body = [statements[i % len(statements)] for i in range(max(UNROLLED // len(statements), 1) * len(statements))]
    lines = [
        "def work(n):",
        f"    passes = max(n // {len(body)}, 1)",
        *[f"    {name} = _names[{name!r}]" for name in names],
        "    begin = _now()",
        "    for _ in _repeat(None, passes):",
        *[f"        {statement}" for statement in body],
        f"    return (_now() - begin) * n // (passes * {len(body)})",
    ]
    space: dict[str, Any] = {"_names": names}
    exec("from itertools import repeat as _repeat\nfrom time import thread_time_ns as _now\n" + "\n".join(lines), space)
    work: Work = space["work"]
    return work


def looping(function: Callable[[], object]) -> Work:
    """A work that is not unrolled: one time takes so long that the loop counts for nothing."""

    def work(n: int) -> int:
        begin = thread_time_ns()
        for _ in range(n):
            function()
        return thread_time_ns() - begin

    return work


def answer(works: Mapping[str, Work], line: str) -> str:
    name, _, n = line.strip().partition(" ")
    if name not in works:
        return f"! no work is called {name}"
    try:
        mark()
        time = works[name](int(n))
        mark()
    except Exception as problem:
        return f"! {type(problem).__name__}: {problem}"
    return str(time)


def serve(works: Mapping[str, Work], lacking: Mapping[str, str]) -> None:
    """Answer until standard input ends. `lacking` names works that cannot be done here, and why."""
    for name in works:
        print("has", name)
    for name, reason in lacking.items():
        print("lacks", name, reason)
    print("ready", flush=True)
    gc.collect()
    gc.disable()
    for line in sys.stdin:
        print(answer(works, line), flush=True)
