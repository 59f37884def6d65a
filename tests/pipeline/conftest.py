"""The fixtures of the pipeline's tests, and the paths that their imports need."""

# SPDX-License-Identifier: MIT
import gc
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "examples" / "pipeline")]

from pipeline_support import Pipeline, job_names  # noqa: E402


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


@pytest.fixture(autouse=True)
def leaves_nothing() -> Iterator[None]:
    """A job that ran within the test's own process left no name, descriptor, thread or child."""
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    yield
    gc.collect()
    assert [name for name in job_names() if f"memwell-pipeline.{os.getpid()}." in name] == []
    assert len(os.listdir("/proc/self/fd")) == before
    assert threading.active_count() == 1
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.fixture
def tree(tmp_path: Path) -> Callable[..., list[str]]:
    """Writes files, by name and content, and gives their paths."""

    def write(**files: bytes) -> list[str]:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        return [str(tmp_path / name) for name in files]

    return write


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Some files of 6 MB together: many small ones, and two of several ranges. The same on every run."""
    folder = tmp_path_factory.mktemp("corpus")
    chance = random.Random(20)
    vocabulary = [bytes(chance.choices(b"abcdefghijKLMNOP_0123456789\xc3\xa4\xff", k=chance.randint(1, 12))) for _ in range(20_000)]
    sizes = [chance.randint(0, 4_000) for _ in range(120)] + [200_000, 300_000]
    paths = []
    for i, words in enumerate(sizes):
        path = folder / f"text{i}.txt"
        path.write_bytes(b"".join(chance.choice(vocabulary) + chance.choice((b" ", b"\n", b", ", b"\x00")) for _ in range(words)))
        paths.append(str(path))
    return paths
