"""P10: what the fault guard costs: at each attach, at each access, and when pages are really lost. The limits do without one.

SPDX-License-Identifier: MIT
"""

from contest import Contender, Contest

CONTESTS = [
    Contest(
        "P10",
        "C: attach to named memory, close it, guarded",
        "us",
        Contender("guarded", "memwell", "c:core_calls", "attach"),
        (Contender("MW_NO_GUARD", "limit", "c:core_calls", "attach_unguarded", 1.06),),
    ),
    Contest(
        "P10",
        "Python: view[i] of a guarded region, float64",
        "ns",
        Contender("guarded", "memwell", "python:work_guard", "read_guarded"),
        (Contender("guard=False", "limit", "python:work_guard", "read_unguarded", 1.02),),
    ),
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
