"""The Python side of the cross tests; README.md says what each part does, peer.c and peer.lua are the same program.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import sys

import steps
import wells
from cases import cases
from pattern import Pattern
from rounds import first, second
from survey import survey


def main(arguments: list[str]) -> None:
    match arguments:
        case ["first", edges, name, count]:
            first(Pattern(edges), name, int(count))
        case ["second", edges, name, count]:
            second(Pattern(edges), name, int(count))
        case ["survey", questions, name, offset]:
            survey(questions, name, int(offset))
        case ["step-first", edges, place, count]:
            steps.first(Pattern(edges), place, int(count))
        case ["step-second", edges, place, count]:
            steps.second(Pattern(edges), place, int(count))
        case ["count", name, times]:
            steps.count_up(name, int(times))
        case ["well-first", name, turns]:
            wells.first(name, int(turns))
        case ["well-second", name, turns]:
            wells.second(name, int(turns))
        case ["well-holder", name]:
            wells.holder(name)
        case ["well-heir", name]:
            wells.heir(name)
        case ["cases", table]:
            cases(table)
        case _:
            raise SystemExit(
                "usage: first|second EDGES NAME ROUNDS, survey QUESTIONS NAME OFFSET, "
                "step-first|step-second EDGES PLACE STEPS, count NAME TIMES, "
                "well-first|well-second NAME TURNS, well-holder|well-heir NAME, cases CASES"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
