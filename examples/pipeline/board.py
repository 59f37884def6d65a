"""The coordinator's side of JOB.board, the status region: what it tells to whoever watches."""

# SPDX-License-Identifier: MIT
import time
from collections.abc import Sequence

from layout import LANGUAGES, MAGIC, Board, Row, State

from memwell import View


def board_fields(workers: int) -> int:
    return Board.FIELDS + workers * Row.FIELDS


class StatusBoard:
    """Writes the fields. There is one writer, and every field is an aligned int64, so readers need no lock."""

    def __init__(self, fields: View, coordinator: int, languages: Sequence[str]) -> None:
        self.head = fields[: Board.FIELDS]
        self.rows = fields[Board.FIELDS :].reshape(len(languages), int(Row.FIELDS))
        self.head[Board.COORDINATOR] = coordinator
        self.head[Board.WORKERS] = len(languages)
        for i, language in enumerate(languages):
            self.rows[i, Row.LANGUAGE] = LANGUAGES.index(language)
        self.head[Board.MAGIC] = MAGIC  # last: who sees it sees the rest

    def begin(self, files: int, ranges: int, size: int, problems: int) -> None:
        """The plan is made; counting begins."""
        self.head[Board.FILES] = files
        self.head[Board.RANGES] = ranges
        self.head[Board.BYTES] = size
        self.head[Board.PROBLEMS] = problems
        self.head[Board.STARTED] = time.monotonic_ns()
        self.head[Board.STATE] = State.COUNTING

    def end(self, state: State) -> None:
        """Whoever watches learns of the end, whatever it is. The first end counts."""
        if self.head[Board.ENDED] == 0:
            self.head[Board.ENDED] = time.monotonic_ns()
            self.head[Board.STATE] = state

    def add(self, field: Board, n: int) -> None:
        self.head[field] = self.head[field] + n

    def add_to_worker(self, worker: int, field: Row, n: int) -> None:
        self.rows[worker, field] = self.rows[worker, field] + n

    def set_worker(self, worker: int, field: Row, value: int) -> None:
        self.rows[worker, field] = value
