"""Keep workers at work on a well, and show who is attached to it, what each holds, and who died.

    supervisor.py FILE [WORKERS] [--seconds S] [--once] [-- COMMAND ...] ...

Starts so many workers (3), and a new one for each that goes: by the commands in turn, or else by pool.py FILE 2. Kill some from
another terminal, kill -9 PID, and watch. Ctrl-C sends all of them home. With 0 workers it only looks, at any well. --once shows
the table once, when all are at work. With rich installed the table is prettier.

It has its news from the well, not from the system's parents and children. So the workers may be of any language, be started by
hand, or be left by a supervisor that was killed itself: start another one, and it goes on with them.
"""

# SPDX-License-Identifier: MIT
import argparse
import importlib.util
import itertools
import math
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import memwell

SIZE, SLOTS, NEWS = 65536, 64, 8
PID, LANGUAGE, TURNS, FIELDS = range(4)  # of a row of the roster
LANGUAGES = ("-", "c", "lua", "python")
REFRESH = 0.2  # seconds between two looks
COMING = 5.0  # seconds that a worker has to come after its start, and to go at the end
COLUMNS = ("slot", "pid", "language", "state", "turns", "holds")
ON_TERMINAL = sys.stdout.isatty()


@dataclass
class Guest:
    """One who is attached, as it was at one look."""

    pid: int
    state: str
    itself: bool
    holds: str
    language: str = "-"  # of those that have a row in the roster
    turns: int = 0


@dataclass
class Place:
    """Where a worker belongs."""

    pid: int = 0
    comes: float = 0  # until then it may still be starting


class Supervisor:
    def __init__(self, well: memwell.Well, commands: list[list[str]], workers: int) -> None:
        self.well = well
        self.roster = well.array("roster", "int64", (SLOTS, FIELDS))
        self.stop = well.event("stop")
        self.commands = commands
        self.places = [Place() for _ in range(workers)]
        self.guests: dict[int, Guest] = {}  # by slot
        self.news: deque[str] = deque(maxlen=NEWS)
        self.children: list[subprocess.Popen[bytes]] = []
        self.interrupted = False

    def interrupt(self, *_: object) -> None:
        self.interrupted = True

    def tell(self, line: str) -> None:
        """A line that the screen keeps for a while, or, where no terminal is, one that is printed at once."""
        self.news.append(time.strftime("%H:%M:%S  ") + line)
        if not ON_TERMINAL:
            print(line, flush=True)

    # ---- looking

    def look(self) -> dict[int, Guest]:
        now = {}
        for one in self.well.participants():
            guest = now[one.slot] = Guest(one.pid, one.state, one.self, ", ".join(one.holds))
            if one.slot < SLOTS and self.roster[one.slot, PID] == one.pid:
                language = self.roster[one.slot, LANGUAGE]
                guest.language = LANGUAGES[language] if 0 < language < len(LANGUAGES) else "-"
                guest.turns = self.roster[one.slot, TURNS]
        return now

    def update(self) -> None:
        """Compare with the look before, and give back what the dead hold."""
        now = self.look()
        for slot, before in self.guests.items():
            self.say_whether_gone(slot, before, now.get(slot))
        for guest in now.values():
            if guest.state != "dead" and not guest.itself and not self.is_here(guest.pid):
                self.tell(f"{guest.pid} came")
        self.guests = {slot: guest for slot, guest in now.items() if guest.state != "dead"}
        self.well.reap()
        self.children = [child for child in self.children if child.poll() is None]

    def say_whether_gone(self, slot: int, before: Guest, now: Guest | None) -> None:
        """A worker that leaves takes its pid out of the roster; one that dies cannot."""
        same = now is not None and now.pid == before.pid
        dead = same and now is not None and now.state == "dead"
        if same and not dead:
            return
        if dead or (slot < SLOTS and self.roster[slot, PID] == before.pid):
            holds = now.holds if dead and now else before.holds
            self.tell(f"{before.pid} died, holding {holds or 'nothing'}")
        else:
            self.tell(f"{before.pid} left")

    def is_here(self, pid: int) -> bool:
        return any(guest.pid == pid for guest in self.guests.values())

    def all_are_at_work(self) -> bool:
        at_work = {guest.pid for guest in self.guests.values() if guest.language != "-"}
        return all(place.pid in at_work for place in self.places)

    def is_worker(self, guest: Guest) -> bool:
        """It has signed on, or was started here: it does that a moment after it came, and signs off a moment before it goes."""
        return guest.language != "-" or any(place.pid == guest.pid for place in self.places)

    # ---- workers

    def adopt(self) -> None:
        """Those who are at work already have the first places."""
        at_work = (guest.pid for guest in self.guests.values() if guest.language != "-")
        for place, pid in zip(self.places, at_work, strict=False):
            place.pid = pid

    def fill_places(self) -> None:
        for place, command in zip(self.places, itertools.cycle(self.commands), strict=False):
            here = self.is_here(place.pid)
            if here:
                place.comes = 0
            elif time.monotonic() >= place.comes:
                if place.comes:
                    self.tell(f"{place.pid} was started and did not come")
                place.pid, place.comes = self.start(command), time.monotonic() + COMING

    def start(self, command: list[str]) -> int:
        """In a process group of its own, so that a terminal's Ctrl-C is for the supervisor alone."""
        self.children.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, process_group=0))
        return self.children[-1].pid

    # ---- showing

    def rows(self) -> list[tuple[str, ...]]:
        return [
            (str(slot), str(g.pid), "supervisor" if g.itself else g.language, g.state, str(g.turns), g.holds)
            for slot, g in sorted(self.guests.items())
        ]

    def locks(self) -> list[str]:
        """One line for each; arrays and events have nobody who could die with them."""
        return [
            f"{one.kind} {one.name}: {self.describe(one)}, {one.waiters} waiting"
            for one in self.well.objects()
            if one.kind in ("semaphore", "mutex")
        ]

    def describe(self, lock: memwell.ObjectInfo) -> str:
        if lock.capacity is not None and lock.held is not None:
            return f"{lock.capacity - lock.held} of {lock.capacity} free"
        if lock.inconsistent:
            return "inconsistent: its owner died"
        owner = self.guests.get(-1 if lock.owner is None else lock.owner)
        return f"held by {owner.pid}" if owner else "free"

    def head(self) -> str:
        return f"{self.well.path}: kill -9 one of these from another terminal; Ctrl-C ends\n"

    def show_plain(self) -> None:
        lines = ["{:>4}  {:>7}  {:<10}  {:<7}  {:>5}  {}".format(*row) for row in (COLUMNS, *self.rows())] + self.locks()
        if ON_TERMINAL:
            lines = ["\033[H\033[J" + self.head(), *lines, *self.news]
        print("\n".join(lines), flush=True)

    # ---- the whole

    def supervise(self, deadline: float, once: bool, show: Callable[[], None]) -> None:
        """Look, start, show, until Ctrl-C, the deadline, or somebody's "stop"."""
        self.update()
        self.adopt()
        while not self.interrupted and time.monotonic() < deadline:
            self.fill_places()
            if once and self.all_are_at_work():
                break
            if ON_TERMINAL and not once:
                show()
            if self.stop.wait(REFRESH):
                break
            self.update()
        show()

    def send_home(self) -> None:
        self.stop.set()
        deadline = time.monotonic() + COMING
        while time.monotonic() < deadline and any(self.is_worker(g) and g.state == "running" for g in self.guests.values()):
            time.sleep(0.05)
            self.update()
        for guest in self.guests.values():
            if self.is_worker(guest):
                print(f"supervisor: {guest.pid} does not end; kill -9 it", file=sys.stderr)
        self.stop.clear()


def show_rich(supervisor: Supervisor) -> Callable[[], None]:
    """How to show it with rich: the same, in colours."""
    from rich.console import Console, Group
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    colours = {"running": "green", "stopped": "yellow"}

    def show() -> None:
        table = Table()
        for column in COLUMNS:
            table.add_column(column, justify="right" if column in ("slot", "pid", "turns") else "left")
        for row in supervisor.rows():
            table.add_row(*map(Text, row), style="dim" if row[2] == "supervisor" else colours[row[3]])
        news = (Text(line, style="red" if " died" in line else "") for line in supervisor.news)
        console.clear()
        console.print(Group(Text(supervisor.head()), table, *map(Text, supervisor.locks()), *news))

    return show


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[list[str]]]:
    """The options, and the commands, each of which begins with "--"."""
    parts = [list(part) for dashes, part in itertools.groupby(arguments, "--".__eq__) if not dashes]
    own = parts.pop(0) if arguments and arguments[0] != "--" else []
    parser = argparse.ArgumentParser(
        prog="supervisor.py", usage="supervisor.py FILE [WORKERS] [--seconds S] [--once] [-- COMMAND ...] ..."
    )
    parser.add_argument("file")
    parser.add_argument("workers", nargs="?", type=int, choices=range(SLOTS), default=3)
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args(own)
    pool = str(Path(__file__).with_name("pool.py"))
    return options, parts or [[sys.executable, pool, options.file, "2"]]


def main() -> None:
    options, commands = parse(sys.argv[1:])
    deadline = time.monotonic() + options.seconds
    try:
        with memwell.Well.file(options.file, SIZE) as well:
            supervisor = Supervisor(well, commands, options.workers)
            signal.signal(signal.SIGINT, supervisor.interrupt)
            signal.signal(signal.SIGTERM, supervisor.interrupt)
            pretty = ON_TERMINAL and importlib.util.find_spec("rich") is not None
            if options.workers:
                supervisor.stop.clear()
            show = show_rich(supervisor) if pretty else supervisor.show_plain
            supervisor.supervise(deadline, options.once, show)
            if options.workers:
                supervisor.send_home()
                if ON_TERMINAL:
                    show()
    except (OSError, ValueError, memwell.Error) as error:
        sys.exit(f"supervisor: {error}")


if __name__ == "__main__":
    main()
