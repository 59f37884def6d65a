"""Count words over real files, with workers in Python and in Lua and a watcher in C, all on the same memory.

    pipeline.py [FILE or FOLDER ...] [--workers python=2,lua=2] [--top N] [--check] ...

Ends with 0; 1 if --check found a difference; 2 for a wrong argument; 3 if the job cannot be done; 128 + N if signal N stopped it.
"""

# SPDX-License-Identifier: MIT
import argparse
import sys

from crew import JobError
from inputs import gather, standard_library
from job import run
from languages import COMMANDS, available
from names import sweep
from recount import recount
from report import show, show_check
from signals import Signals, Stopped
from watcher import default_watcher
from words import printable

import memwell

MOST_WORKERS = 64


def workers(text: str) -> list[str]:
    """ "python=2,lua=1" as ["python", "python", "lua"]."""
    languages: list[str] = []
    for part in text.split(","):
        language, equals, count = part.strip().partition("=")
        if language not in COMMANDS or not (count if equals else "1").isdecimal():
            raise argparse.ArgumentTypeError(f"{part!r} is not one of {', '.join(f'{known}=N' for known in COMMANDS)}")
        languages += [language] * min(int(count or "1"), MOST_WORKERS + 1)
    if not 1 <= len(languages) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"1 to {MOST_WORKERS} workers, please, not {text!r}")
    return languages


def natural(text: str) -> int:
    """A whole number from 0 on."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pipeline.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files, and folders with all files below; default: the Python standard library's *.py",
    )
    parser.add_argument("--match", metavar="PATTERN", help="of the files in folders only those whose name matches, such as '*.txt'")
    parser.add_argument(
        "--workers", type=workers, default="python=2,lua=2", metavar="SPEC", help="how many in which language; default: %(default)s"
    )
    parser.add_argument("--top", type=natural, default=15, metavar="N", help="how many words to show; default: %(default)s")
    parser.add_argument(
        "--check", action="store_true", help="count again in one plain Python process without memwell, and compare every count"
    )
    parser.add_argument("--well", action="store_true", help="all memory of the job in one well")
    parser.add_argument("--watcher", metavar="PROGRAM", default=default_watcher(), help="default: this tree's build/examples/watch")
    parser.add_argument("--no-watch", action="store_true", help="no progress")
    parser.add_argument(
        "--kill",
        type=natural,
        default=0,
        metavar="N",
        help="kill N workers with SIGKILL at random, to see that the totals do not mind",
    )
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="of the random numbers for --kill")
    return parser.parse_args(arguments)


def count(options: argparse.Namespace, signals: Signals) -> int:
    """The whole program, signals aside."""
    sweep()
    inputs = gather(options.paths, options.match) if options.paths else standard_library()
    watcher = None if options.no_watch else options.watcher
    languages = available(options.workers, lambda word: print(f"pipeline: {word}", file=sys.stderr))
    if not languages:
        raise JobError("no worker can be started; try --workers python=4")
    outcome = run(inputs, languages, signals, watch=watcher, kills=options.kill, seed=options.seed, well=options.well)
    show(outcome, options.top, inputs.duplicates)
    if options.check and not show_check(outcome, recount(source.path for source in outcome.counted)):
        return 1
    return 0


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    with Signals() as signals:
        try:
            return count(options, signals)
        except Stopped as stopped:
            print(f"\nstopped by {stopped}; nothing is left behind", file=sys.stderr)
            return 128 + stopped.number
        except (JobError, OSError, memwell.Error) as error:
            print(f"pipeline: {printable(str(error))}", file=sys.stderr)
            return 3


if __name__ == "__main__":
    sys.exit(main())
