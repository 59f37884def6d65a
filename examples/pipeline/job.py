"""The coordinator: cuts the files, deals the ranges out, takes the counts in, and replaces workers that die.

`run` is the entry. The coordinator sleeps on one bell, which rings when a worker has answered, a process has ended, or a signal
came. The README has the table of what a kill at any moment leaves and who mends it.
"""

# SPDX-License-Identifier: MIT
import itertools
import os
import random
import signal
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from board import StatusBoard, board_fields
from crew import Answer, Crew, JobError, Worker
from inputs import Inputs, Problem, Source, look, reason_of
from layout import SHORTER, Board, Row, State
from memory import Apart, Together
from ranges import RANGE_SIZE, Deal, RangeTable, Span, cut, deals_of, tables_size
from signals import Signals
from tally import Tally
from watcher import Watcher

MOST_STRIKES = 3  # deaths, by anything but SIGKILL, after which a range is given up, and starts in vain after which a worker is


@dataclass
class WorkerReport:
    """What one worker did."""

    name: str
    language: str
    ranges: int = 0
    bytes: int = 0
    words: int = 0
    restarts: int = 0


@dataclass
class Outcome:
    """What the job found."""

    counts: dict[bytes, int] = field(default_factory=dict)
    total: int = 0
    counted: list[Source] = field(default_factory=list)
    bytes: int = 0
    ranges: int = 0
    workers: list[WorkerReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    planning: float = 0.0
    seconds: float = 0.0


class Plan:
    """Every file's ranges. A file that cannot be mapped is a problem and has none."""

    def __init__(self, inputs: Inputs, signals: Signals) -> None:
        self.sources: list[Source] = []
        self.problems = list(inputs.problems)
        self.spans: list[Span] = []
        for source in inputs.sources:
            signals.check()
            try:
                self.spans += cut(source, len(self.sources))
            except (OSError, MemoryError) as error:
                reason = reason_of(error) if isinstance(error, OSError) else str(error)
                self.problems.append(Problem(source.path, reason))
            else:
                self.sources.append(source)
        self.size = sum(span.size for span in self.spans)
        self.ranges_of = Counter(span.file for span in self.spans)


class Coordinator:
    """One job, from the first deal to the last answer."""

    def __init__(self, plan: Plan, table: RangeTable, crew: Crew, board: StatusBoard, signals: Signals, killer: "Killer") -> None:
        self.plan = plan
        self.table = table
        self.crew = crew
        self.board = board
        self.signals = signals
        self.killer = killer
        self.tally = Tally()
        self.reports = [WorkerReport(worker.name, worker.language) for worker in crew]
        self.problems = plan.problems
        self.done = 0  # bytes of ranges that are counted or given up
        self._pending = deque(deals_of(plan.spans))
        self._lost: set[int] = set()  # files that are given up
        self._strikes: Counter[int] = Counter()
        self._started: set[int] = set()

    def run(self) -> None:
        """Deal until nothing is left. Raises Stopped for a signal, JobError if no worker can be had."""
        while self._deal_out():
            self.crew.bell.acquire(self.crew.memory.patience)  # in TICK at least a look, for a signal just before the sleep
            self.signals.check()
            for worker in self.crew:
                if self.crew.has_answered(worker):
                    self._accept(worker)
            for worker, status in self.crew.endings():
                self._bury(worker, status)

    def _deal_out(self) -> bool:
        """Give every idle worker a deal, as far as there are any. False when all is done."""
        for worker in self.crew:
            if worker.process is None and not worker.retired and self._pending:
                self._start(worker)
            if worker.idle:
                self._deal_to(worker)
        if self._pending and all(worker.retired for worker in self.crew):
            raise JobError("every worker ended before it did anything; what they wrote says why")
        return any(worker.deal for worker in self.crew)

    def _start(self, worker: Worker) -> None:
        self.board.set_worker(worker.number, Row.PROCESS, self.crew.start(worker))
        if worker.number in self._started:
            self.reports[worker.number].restarts += 1
            self.board.add_to_worker(worker.number, Row.RESTARTS, 1)
            self.board.add(Board.RESTARTS, 1)
        self._started.add(worker.number)

    def _deal_to(self, worker: Worker) -> None:
        while (deal := self._next_deal()) is not None:
            try:
                self.crew.give(worker, deal)
            except (OSError, MemoryError) as error:  # there is no shared memory for an answer of this size
                for i in deal.ranges:
                    self._give_up(self.plan.spans[i].file, f"no shared memory for its counts: {error}")
                self._settle(deal)
            else:
                self.board.set_worker(worker.number, Row.BUSY, deal.count)
                return

    def _next_deal(self) -> Deal | None:
        """The next deal whose file is not given up. Only a deal of one range can have such a file."""
        while self._pending:
            deal = self._pending.popleft()
            if self.plan.spans[deal.first].file not in self._lost:
                return deal
            self._settle(deal)
        return None

    def _accept(self, worker: Worker) -> None:
        """Take an answer in. The worker gets its next deal before the counts are merged, and works on meanwhile."""
        deal = worker.deal
        assert deal is not None
        answer = self.crew.take(worker)
        worker.deal = None
        worker.false_starts = 0
        self.board.set_worker(worker.number, Row.BUSY, 0)
        if worker.idle:
            self._deal_to(worker)
        for i in deal.ranges:
            if error := self.table.error_of(i):
                reason = "became shorter" if error == SHORTER else os.strerror(error).lower()
                self._give_up(self.plan.spans[i].file, f"{reason}, while the job ran")
        self._add(worker, deal, answer)
        self._settle(deal)
        self.killer.strike(self)

    def _add(self, worker: Worker, deal: Deal, answer: Answer) -> None:
        """Merge an answer into the totals, and write down who did it. A file that is given up adds nothing."""
        file = self.plan.spans[deal.first].file
        parts = self.plan.ranges_of[file]
        if parts == 1:
            self.tally.add(answer)
        elif file not in self._lost:
            self.tally.add_part(file, parts, answer)
        counted = [span for span in self.plan.spans[deal.first : deal.first + deal.count] if span.file not in self._lost]
        self._credit(worker.number, len(counted), sum(span.size for span in counted), answer.total if counted else 0)

    def _credit(self, worker: int, ranges: int, size: int, words: int) -> None:
        report = self.reports[worker]
        report.ranges += ranges
        report.bytes += size
        report.words += words
        self.board.add_to_worker(worker, Row.RANGES, ranges)
        self.board.add_to_worker(worker, Row.BYTES, size)
        self.board.add_to_worker(worker, Row.WORDS, words)
        self.board.add(Board.WORDS, words)

    def _settle(self, deal: Deal) -> None:
        """These ranges will not be dealt again."""
        self.done += deal.size
        self.board.add(Board.RANGES_DONE, deal.count)
        self.board.add(Board.BYTES_DONE, deal.size)

    def _give_up(self, file: int, reason: str) -> None:
        if file not in self._lost:
            self._lost.add(file)
            self.tally.drop(file)
            self._report(Problem(self.plan.sources[file].path, reason))

    def _report(self, problem: Problem) -> None:
        self.problems.append(problem)
        self.board.add(Board.PROBLEMS, 1)

    def _bury(self, worker: Worker, status: int) -> None:
        """A worker's process has ended. What it had in its hands is dealt again, unless the answer was complete."""
        worker.process = None
        self.board.set_worker(worker.number, Row.PROCESS, 0)
        if self.crew.has_answered(worker):
            self._accept(worker)
        if status != -signal.SIGKILL:
            self._blame(worker, status)
        elif worker.deal is not None:
            self._pending.appendleft(worker.deal)
        worker.deal = None

    def _blame(self, worker: Worker, status: int) -> None:
        """A death that was not a kill from outside: the range that was being counted may be the cause, or else the worker."""
        current = self.crew.current_of(worker)
        deal = worker.deal
        if deal is None or current not in deal.ranges:
            worker.false_starts += 1
            worker.retired = worker.false_starts >= MOST_STRIKES
            if deal is not None:
                self._pending.appendleft(deal)
            if worker.retired:
                reason = f"ended {MOST_STRIKES} times before it did anything, {death(status)}"
                self._report(Problem(f"worker {worker.name}", reason))
            return
        self._pending.extendleft(reversed(self._parted(deal, current)))
        self._strikes[current] += 1
        if self._strikes[current] == MOST_STRIKES:
            self._give_up(self.plan.spans[current].file, f"{MOST_STRIKES} workers died on it, {death(status)}")

    def _parted(self, deal: Deal, suspect: int) -> list[Deal]:
        """The same ranges with the suspect on its own, so that only its own file can be blamed from now on."""
        cuts = (deal.first, suspect, suspect + 1, deal.first + deal.count)
        spans = self.plan.spans
        return [Deal(a, b - a, sum(span.size for span in spans[a:b])) for a, b in itertools.pairwise(cuts) if a < b]

    def outcome(self) -> Outcome:
        """The totals, and which files are in them; with a word about those that changed meanwhile."""
        counted = [source for file, source in enumerate(self.plan.sources) if file not in self._lost]
        for source in counted:
            try:
                changed = look(source.path) != source
            except OSError as error:
                self._report(Problem(source.path, f"counted, but afterwards: {reason_of(error)}"))
            else:
                if changed:
                    self._report(Problem(source.path, "changed while the job ran; counted as it was found"))
        spans = [span for span in self.plan.spans if span.file not in self._lost]
        return Outcome(
            counts=self.tally.counts,
            total=self.tally.total,
            counted=counted,
            bytes=sum(span.size for span in spans),
            ranges=len(spans),
            workers=self.reports,
            problems=self.problems,
        )


class Killer:
    """Kills workers with SIGKILL at random points of the job's progress, to show that the totals do not mind."""

    def __init__(self, kills: int, seed: int, size: int) -> None:
        self._random = random.Random(seed)
        self._points = sorted(self._random.randrange(max(1, size)) for _ in range(kills))

    def strike(self, job: Coordinator) -> None:
        """Called after each answer."""
        while self._points and self._points[0] <= job.done:
            self._points.pop(0)
            living = [worker.process for worker in job.crew if worker.process is not None and worker.deal is not None]
            if living:
                self._random.choice(living).kill()


def death(status: int) -> str:
    """How a process ended, in words."""
    return f"by {signal.Signals(-status).name}" if status < 0 else f"with exit status {status}"


def new_memory(workers: int, plan: Plan | None) -> Apart | Together:
    """Regions and semaphores; or, for a plan that is made already, one well that has room for it."""
    fields = board_fields(workers)
    if plan is None:
        return Apart(fields)
    largest = max((deal.result_size for deal in deals_of(plan.spans)), default=0)
    return Together(fields, workers, tables_size(plan.sources, plan.spans), max(largest, Deal(0, 1, RANGE_SIZE).result_size))


def run(
    inputs: Inputs,
    languages: Sequence[str],
    signals: Signals,
    *,
    watch: str | None = None,
    kills: int = 0,
    seed: int = 0,
    well: bool = False,
) -> Outcome:
    """Count the words of the inputs with a worker for each language named. Leaves no process and no name, however it ends."""
    begin = time.monotonic()
    with signals.held(), ExitStack() as stack:
        plan = Plan(inputs, signals) if well else None  # a well has its size from the start
        memory = new_memory(len(languages), plan)
        stack.enter_context(memory)
        board = StatusBoard(memory.board, os.getpid(), languages)
        stack.enter_context(Watcher(watch, memory.watched))
        stack.callback(board.end, State.STOPPED)  # counts only if the end below is not reached
        plan = plan or Plan(inputs, signals)
        table = RangeTable(memory, plan.sources, plan.spans)
        crew = stack.enter_context(Crew(memory, languages))
        signals.bell = crew.bell
        board.begin(len(plan.sources), len(plan.spans), plan.size, len(plan.problems))
        coordinator = Coordinator(plan, table, crew, board, signals, Killer(kills, seed, plan.size))
        planned = time.monotonic()
        coordinator.run()
        outcome = coordinator.outcome()
        outcome.planning, outcome.seconds = planned - begin, time.monotonic() - begin
        board.end(State.DONE)
    return outcome
