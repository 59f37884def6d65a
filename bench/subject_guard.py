"""P10: what the fault guard costs: at each attach, at each access, and when pages are really lost. The limits do without one.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest


def attach(language: str, worker: str, guarded: str, unguarded: str, option: str) -> Contest:
    return Contest(
        "P10",
        f"{language}: attach to named memory, close it, guarded",
        "us",
        Contender("guarded", "memwell", worker, guarded),
        (Contender(option, "limit", worker, unguarded, 1.06),),
    )


def read(language: str, worker: str, option: str) -> Contest:
    return Contest(
        "P10",
        f"{language}: view[i] of a guarded region, float64",
        "ns",
        Contender("guarded", "memwell", worker, "read_guarded"),
        (Contender(option, "limit", worker, "read_unguarded", 1.02),),
    )


PYTHON, LUA = ("Python", "python:work_guard"), ("Lua", "lua:work_guard")

CONTESTS = [
    attach("C", "c:core_calls", "attach", "attach_unguarded", "MW_NO_GUARD"),
    attach(*PYTHON, "attach_guarded", "attach_unguarded", "guard=False"),
    attach(*LUA, "attach_guarded", "attach_unguarded", "guard = false"),
    read(*PYTHON, "guard=False"),
    read(*LUA, "guard = false"),
    Contest(
        "P10",
        "C: 20,000 pages that a cut file has no longer, all touched",
        "ms",
        Contender("one fault, then zeros", "memwell", "c:core_calls", "touch_lost"),
        (
            Contender("zeros from the start, nothing lost", "limit", "c:limit_lost", "zeros", 1.5),
            Contender("a fault for each page, in C", "limit", "c:limit_lost", "page_by_page"),
        ),
        repetitions=1,
    ),
]
