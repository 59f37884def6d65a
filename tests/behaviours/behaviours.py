"""The list of behaviours, and what runs a case of it in Python. README.md says what the data mean. Main entries: cases, run.

    python behaviours.py --lua FILE      write the list as a Lua table, for behaviours.lua

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import memwell

HERE = Path(__file__).resolve().parent

Case = dict[str, Any]
Step = dict[str, Any]


def cases() -> Iterator[tuple[str, Case]]:
    """Every case, with the noun whose file it is in."""
    for path in sorted(HERE.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            yield path.stem, case


class Wrong(AssertionError):
    """A step did not come out as the data say."""


# ---- how Python spells a call, where it is not the method or the property of that name


def sliced(view: memwell.View, dimension: int, start: int, step: int, count: int) -> Any:
    stop = start + step * count
    return view[(*[slice(None)] * dimension, slice(start, None if stop < 0 else stop, step))]


def index(view: memwell.View, *arguments: Any) -> int | None:
    """A value that is not there is a ValueError in Python, as in list.index."""
    try:
        return view.index(*arguments)
    except memwell.ClosedError:
        raise
    except ValueError as problem:
        if "is not there" in str(problem):
            return None
        raise


def write(view: memwell.View, data: bytes) -> None:
    """Raw bytes are a view on memory of their own: a buffer of bytes would be converted element by element."""
    with memwell.Region.anonymous(max(len(data), 1)) as source:
        source.write(data)
        count = len(data) // view.itemsize
        view.copy_from(source.view(view.dtype, count).reshape(view.shape))


def found(offset: int) -> int | None:
    return None if offset < 0 else offset


SPELLINGS: dict[str, Callable[..., Any]] = {
    "Region.find": lambda region, *sought: found(region.find(*sought)),
    "Region.rfind": lambda region, *sought: found(region.rfind(*sought)),
    "Region.lines": lambda region, *span: list(region.lines(*span)),
    "Region.seals": lambda region: sorted(region.seals),
    "View.length": len,
    "View.get": lambda view, *indices: view[indices],
    "View.set": lambda view, *rest: view.__setitem__(rest[:-1], rest[-1]),
    "View.slice": sliced,
    "View.select": lambda view, dimension, i: view[(*[slice(None)] * dimension, i)],
    "View.write": write,
    "View.index": index,
    "View.equals": lambda view, other: view == other,
    "Well.objects": lambda well: sorted(each.name for each in well.objects()),
    "Well.participants": lambda well: len(well.participants()),
}


def call(target: Any, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
    spelled = SPELLINGS.get(f"{type(target).__name__}.{name}")
    if spelled:
        return spelled(target, *arguments, **options)
    attribute = getattr(target, name)
    return attribute(*arguments, **options) if callable(attribute) else attribute


# ---- which code an exception stands for

CODES: list[tuple[type[Exception], str, str]] = [
    (memwell.ClosedError, "", "ECLOSED"),
    (memwell.FormatError, "", "EFORMAT"),
    (memwell.FaultError, "", "EFAULT"),
    (memwell.OwnerDiedError, "", "EOWNERDEAD"),
    (memwell.KindError, "", "EKIND"),
    (memwell.FullError, "", "EFULL"),
    (TypeError, "read-only", "EREADONLY"),
    (TypeError, "", "TYPE"),
    (IndexError, "subscripts for", "EINVAL"),
    (IndexError, "", "ERANGE"),
    (KeyError, "the well has no", "ENOENT"),
    (OverflowError, "", "EOVERFLOW"),
    (BufferError, "", "EBUSY"),
    (MemoryError, "", "ENOMEM"),
    (RuntimeError, "already", "EDEADLK"),
    (RuntimeError, "release it first", "EBUSY"),
    (RuntimeError, "", "ENOTOWNER"),
    (ValueError, "this process holds", "ENOTOWNER"),
    (ValueError, "", "EINVAL"),
]
"""The first that fits: class, a word of the message, code."""

OF_THE_SYSTEM = {
    *("EINVAL", "ENOENT", "EEXIST", "EACCES", "EPERM", "ENOMEM", "ENOSPC", "EMFILE", "EINTR", "ETIMEDOUT", "EAGAIN"),
    *("EOVERFLOW", "ERANGE", "EBUSY", "ENOTSUP", "EIO"),
}
"""The codes that are named after an errno, which an OSError has. Any other is EOS."""


def code_of(problem: Exception) -> str:
    for kind, word, code in CODES:
        if isinstance(problem, kind) and word in str(problem):
            return code
    if isinstance(problem, OSError) and problem.errno is not None:
        code = errno.errorcode.get(problem.errno, "")
        return code if code in OF_THE_SYSTEM else "EOS"
    raise problem


# ---- running a case


def same(got: Any, wanted: Any) -> bool:
    """Whether they are equal in value and in kind."""
    if isinstance(wanted, dict):
        return type(got) is int and got >= wanted["at_least"]
    if isinstance(got, list | tuple) and isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(same, got, wanted))
    if type(got) is not type(wanted):
        return False
    if isinstance(wanted, float):
        return math.isnan(got) if math.isnan(wanted) else got == wanted and math.copysign(1, got) == math.copysign(1, wanted)
    return bool(got == wanted)


class Scene:
    """The variables, names, paths and keys of one run of a case."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables: dict[str, Any] = {}
        self.names: set[str] = set()
        self.keys: set[int] = set()
        self.called: set[str] = set()

    def name(self, short: str) -> str:
        self.names.add(short)
        return f"mw-behaviours-{os.getpid()}-{short}"

    def key(self, number: int) -> int:
        key = 0x40000000 | (os.getpid() & 0x3FFFFF) << 8 | number
        self.keys.add(key)
        return key

    def value(self, data: Any) -> Any:
        """What the data stand for."""
        if isinstance(data, list):
            return [self.value(each) for each in data]
        if not isinstance(data, dict):
            return data
        ((kind, content),) = data.items()
        kinds: dict[str, Callable[[Any], Any]] = {
            "bytes": bytes.fromhex,
            "float": float,
            "int": int,
            "var": self.variables.__getitem__,
            "name": self.name,
            "path": lambda short: str(self.folder / short),
            "key": self.key,
            "at_least": lambda least: {"at_least": least},
        }
        return kinds[kind](content)

    def act(self, step: Step) -> Any:
        """Make the step's call."""
        if "on" in step:
            target, name = self.variables[step["on"]], step["call"]
            self.called.add(f"{type(target).__name__}.{name}")
        else:
            noun, name = step["call"].split(".")
            target = getattr(memwell, noun)
            self.called.add(step["call"])
        arguments = [self.value(each) for each in step.get("args", [])]
        options = {option: self.value(each) for option, each in step.get("options", {}).items()}
        return call(target, name, arguments, options)

    def take(self, step: Step) -> None:
        """Make the call, and compare what came of it."""
        try:
            result = self.act(step)
        except Exception as problem:
            if "raises" not in step:
                raise
            self.compare_failure(step, problem)
            return
        if "raises" in step:
            raise Wrong(f"{json.dumps(step)}: no failure but {result!r}")
        if "gives" in step and not same(result, self.value(step["gives"])):
            raise Wrong(f"{json.dumps(step)}: {result!r}")
        if "let" in step:
            self.variables[step["let"]] = result

    def compare_failure(self, step: Step, problem: Exception) -> None:
        reason = step.get("reason", "")
        for short in self.names:
            reason = reason.replace(f"{{{short}}}", self.name(short))
        if code_of(problem) != step["raises"] or reason not in str(problem):
            raise Wrong(f"{json.dumps(step)}: {code_of(problem)}, {problem}") from problem

    def clear(self) -> None:
        """Close what is open, and leave nothing behind."""
        for each in reversed(self.variables.values()):
            with contextlib.suppress(AttributeError, RuntimeError):
                each.close()
        for short in self.names:
            memwell.Region.unlink(self.name(short), missing_ok=True)
            memwell.Semaphore.unlink(self.name(short), missing_ok=True)
        for key in self.keys:
            memwell.Region.sysv_remove(key, missing_ok=True)
            memwell.Semaphore.sysv_remove(key, missing_ok=True)


def run(case: Case, folder: Path) -> set[str]:
    """Run a case, with a folder for its files; the calls that it made, as "Region.create"."""
    scene = Scene(folder)
    try:
        for step in case["steps"]:
            scene.take(step)
    finally:
        scene.clear()
    return scene.called


# ---- the list as a Lua table


def as_lua(data: Any) -> str:
    """Lists are list{...}, which counts, as a list may have null in it; null is a value of behaviours.lua's."""
    if data is None:
        return "null"
    if isinstance(data, dict):
        return "{" + ", ".join(f"[{as_lua(key)}] = {as_lua(each)}" for key, each in data.items()) + "}"
    if isinstance(data, list):
        return "list{" + ", ".join(map(as_lua, data)) + "}"
    return json.dumps(data, ensure_ascii=False)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the list of behaviours in another form.")
    parser.add_argument("--lua", type=Path, required=True, metavar="FILE", help="as a Lua table")
    lines = [as_lua({"noun": noun, **case}) for noun, case in cases()]
    parser.parse_args().lua.write_text("return list{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
