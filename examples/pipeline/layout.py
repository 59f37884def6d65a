"""Where everything lies in the memory that the coordinator, the workers and the watcher share.

The README has the same as a table, with who writes what and when; worker.lua and watch.c repeat the numbers. Every field is an
int64 in the machine's byte order. A job's names all begin with the job's own name: "JOB.board", "JOB.go.3" and so on.
"""

# SPDX-License-Identifier: MIT
from enum import IntEnum

MAGIC = int.from_bytes(b"mwpipe01", "little")  # the first field of the board; another layout gets another number
LANGUAGES = ("python", "lua", "java", "ruby", "perl")  # as the board numbers them
TICK = 1.0  # seconds between two looks whether the coordinator still lives


class Board(IntEnum):
    """The first fields of JOB.board. Only the coordinator writes there, so that it can be read without any lock."""

    MAGIC = 0
    STATE = 1
    COORDINATOR = 2  # process id
    WORKERS = 3  # rows that follow
    FILES = 4
    RANGES = 5
    BYTES = 6
    RANGES_DONE = 7  # counted or given up
    BYTES_DONE = 8
    WORDS = 9
    STARTED = 10  # monotonic clock, nanoseconds
    ENDED = 11  # the same, 0 while the job runs
    RESTARTS = 12
    PROBLEMS = 13
    FIELDS = 16


class State(IntEnum):
    """Board.STATE."""

    PREPARING = 0
    COUNTING = 1
    DONE = 2
    STOPPED = 3


class Row(IntEnum):
    """The fields of each worker's row, which follow the board's own."""

    LANGUAGE = 0
    PROCESS = 1
    BUSY = 2  # ranges in the worker's hands
    RANGES = 3  # ranges whose counts are in the totals
    BYTES = 4
    WORDS = 5
    RESTARTS = 6
    FIELDS = 8


class Range(IntEnum):
    """The fields of each row of JOB.ranges."""

    FILE = 0
    BEGIN = 1
    END = 2
    PATH = 3  # where the file's path begins in JOB.paths
    PATH_SIZE = 4
    ERROR = 5  # the worker's: 0, or the errno why it could not be counted, or SHORTER
    WORDS = 6  # the worker's
    FIELDS = 8


class Mail(IntEnum):
    """The fields of each worker's row of JOB.mail."""

    ORDER = 0  # number of the order, never used twice; the last field that the coordinator writes
    FIRST = 1  # first range
    COUNT = 2  # how many ranges; 0 means: end
    RESULT_SIZE = 3  # bytes that JOB.result.N has now
    CURRENT = 4  # the worker's: the range that it is counting, NOTHING before the first
    ANSWER = 5  # the worker's: the order that is done; the last field that it writes
    FIELDS = 8


NOTHING = -1  # Mail.CURRENT before a worker has begun
SHORTER = -1  # Range.ERROR of a file that ends before the range does


class Result(IntEnum):
    """The first fields of JOB.result.N. The counts follow, an int64 each, and then the words with a newline between."""

    ORDER = 0
    DISTINCT = 1  # how many counts, and how many words
    TEXT_SIZE = 2  # bytes of the words with their newlines
    WORDS = 3  # the sum of the counts
    FIELDS = 4


RESULT_HEAD = 8 * Result.FIELDS
