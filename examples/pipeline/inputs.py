"""Which files are counted: the arguments' files, everything below the arguments' folders, each file once.

`gather` is the entry. Whatever cannot be counted becomes a Problem with its reason; nothing raises.
"""

# SPDX-License-Identifier: MIT
import fnmatch
import os
import stat
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

NOT_THE_STANDARD_LIBRARY = frozenset({"site-packages", "dist-packages", "__pycache__"})


class Source(NamedTuple):
    """A file to count, and what tells later whether it is still the same."""

    path: str
    size: int
    modified: int
    device: int
    inode: int


class Problem(NamedTuple):
    """A file, folder or worker that something was wrong with."""

    path: str
    reason: str


@dataclass
class Inputs:
    """What was found."""

    sources: list[Source] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    duplicates: int = 0


class NotAFile(OSError):
    """A folder, FIFO, socket or device where a file was expected."""


def look(path: str) -> Source:
    """The file as it is now; links are followed. OSError if it is not there, or is no regular file."""
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile("not a regular file")
    return Source(path, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


def reason_of(error: OSError) -> str:
    """The operating system's words for an error, without the path."""
    return (os.strerror(error.errno) if error.errno else str(error)).lower()


def gather(arguments: Iterable[str], pattern: str | None = None) -> Inputs:
    """The files that the arguments name; of those found in folders only the ones whose name matches the pattern."""
    return _gather(arguments, pattern, frozenset())


def standard_library() -> Inputs:
    """The Python standard library's own sources on this machine."""
    return _gather([sysconfig.get_path("stdlib")], "*.py", NOT_THE_STANDARD_LIBRARY)


def _gather(arguments: Iterable[str], pattern: str | None, leave_out: frozenset[str]) -> Inputs:
    inputs = Inputs()
    seen: set[tuple[int, int]] = set()
    for argument in arguments:
        for path in _files_of(argument, pattern, leave_out, inputs.problems):
            _add(path, inputs, seen)
    return inputs


def _files_of(path: str, pattern: str | None, leave_out: frozenset[str], problems: list[Problem]) -> Iterator[str]:
    """The path itself, or, if it is a folder, the files below it. Links to folders in there are not followed: no loops."""
    if not os.path.isdir(path):
        yield path
        return

    def report(error: OSError) -> None:
        problems.append(Problem(str(error.filename), reason_of(error)))

    for folder, folders, names in os.walk(path, onerror=report):
        folders[:] = sorted(name for name in folders if name not in leave_out)
        for name in sorted(names):
            if pattern is None or fnmatch.fnmatchcase(name, pattern):
                yield os.path.join(folder, name)


def _add(path: str, inputs: Inputs, seen: set[tuple[int, int]]) -> None:
    """Take one file in, unless it is there already under whatever name, or cannot be counted."""
    try:
        source = look(path)
    except OSError as error:
        inputs.problems.append(Problem(path, reason_of(error)))
    except ValueError as error:  # a path with a NUL in it
        inputs.problems.append(Problem(path, str(error)))
    else:
        if (source.device, source.inode) in seen:
            inputs.duplicates += 1
        else:
            seen.add((source.device, source.inode))
            inputs.sources.append(source)
