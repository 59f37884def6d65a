"""A file that is cut, grown and punched under Python, numpy and Lua at once: nobody dies, and losses are told.

STRESS=full in the environment makes it as long as it can be.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from memwell import Region

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("MEMWELL_BUILD", HERE.parents[1] / "build"))
CHANGES = 5000 if os.environ.get("STRESS") == "full" else 150
SIZE = 24 * os.sysconf("SC_PAGESIZE")
WORKERS = (
    (sys.executable, "-W", "error", str(HERE / "weather.py")),
    (sys.executable, "-W", "error", "-X", "faulthandler", str(HERE / "weather.py")),
    ("lua5.4", str(HERE / "weather.lua")),
    ("lua5.4", str(HERE / "weather.lua")),
)

KEEP_SIZE_AND_PUNCH = 3
fallocate = ctypes.CDLL(None, use_errno=True).fallocate
fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]


@pytest.fixture(params=["/dev/shm", None], ids=["memory", "disk"])
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mw-test-", dir=request.param) as name:
        yield Path(name)


def change(fd: int) -> None:
    place = random.randrange(SIZE)
    what = random.randrange(4)
    if what == 0:
        assert fallocate(fd, KEEP_SIZE_AND_PUNCH, place, SIZE) == 0
    else:
        os.ftruncate(fd, place if what == 1 else SIZE)


def storm(fd: int, progress: Region, workers: list[subprocess.Popen[str]]) -> None:
    """Change the file again and again, each time when all have looked since: a second look that ends began after the change."""
    looks = progress.view("int32")[1:]
    for _ in range(CHANGES):
        before = looks.tolist()
        while any(now < then + 2 for now, then in zip(looks.tolist(), before, strict=True)):
            os.sched_yield()
            for worker in workers:
                assert worker.poll() is None, f"{worker.args!r} has ended with {worker.returncode}: {worker.communicate()[1]}"
        change(fd)


def test_nobody_dies_and_losses_are_told(folder: Path) -> None:
    path, progress_path = folder / "file", folder / "progress"
    path.write_bytes(b"\1" * SIZE)
    environment = {**os.environ, "LUA_CPATH": os.environ.get("LUA_CPATH", f"{BUILD}/lua/?.so;;")}
    with ExitStack() as stack:
        progress = stack.enter_context(Region.file(str(progress_path), "w+", size=4 * (1 + len(WORKERS))))
        file = stack.enter_context(path.open("r+b", buffering=0))
        workers = []
        for place, command in enumerate(WORKERS, 1):
            arguments = [*command, str(path), str(progress_path), str(place)]
            pipe = subprocess.PIPE
            workers.append(subprocess.Popen(arguments, env=environment, stdout=pipe, stderr=pipe, text=True))
            stack.callback(workers[-1].kill)
        storm(file.fileno(), progress, workers)
        progress.view("int32")[0] = 1
        ends = [worker.communicate(timeout=60) for worker in workers]
        assert [(worker.returncode, errors) for worker, (_, errors) in zip(workers, ends, strict=True)] == [(0, "")] * len(WORKERS)
        losses = [int(output.split()[1]) for output, _ in ends]
        assert min(losses) > 0, losses
