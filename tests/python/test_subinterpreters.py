"""Several interpreters in one process, each with a memwell of its own.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import importlib
import sys
import threading
from typing import Any

import pytest

from memwell import Region, Semaphore, Well


class Interpreter:
    """A sub-interpreter; from 3.12 on with its own GIL."""

    def __init__(self) -> None:
        if sys.version_info >= (3, 13):
            self.api: Any = importlib.import_module("_interpreters")
            self.number = self.api.create("isolated")
        else:
            self.api = pytest.importorskip("_xxsubinterpreters")
            self.number = self.api.create(isolated=True) if sys.version_info >= (3, 12) else self.api.create()

    def run(self, program: str) -> None:
        if sys.version_info >= (3, 13):
            raised = self.api.exec(self.number, program)
            assert raised is None, raised.formatted
        else:
            self.api.run_string(self.number, program)

    def close(self) -> None:
        self.api.destroy(self.number)


@pytest.fixture
def interpreters() -> Any:
    made = [Interpreter() for _ in range(3)]
    yield made
    for each in made:
        each.close()


def test_each_has_its_own_module_and_all_share_the_memory(interpreters: list[Interpreter], name: str) -> None:
    semaphore = Semaphore.create(name)
    with Region.create(name, 4096) as region:
        numbers = region.view("int64")
        for place, each in enumerate(interpreters):
            each.run(f"""
import memwell
region = memwell.Region.attach({name!r})
region.view("int64")[{place}] = {place} + 10
semaphore = memwell.Semaphore.attach({name!r})
semaphore.release()
try:
    region[5000]
except IndexError:
    pass
region.close()
try:
    region[0]
except memwell.ClosedError as error:
    assert type(error) is memwell.ClosedError
else:
    raise AssertionError("no ClosedError")
""")
        assert numbers[:3].tolist() == [10, 11, 12]
        assert semaphore.value == 3
    semaphore.close()


def test_ends_with_objects_alive(interpreters: list[Interpreter], name: str) -> None:
    Region.create(name, 4096).close()
    for each in interpreters:
        each.run(f"""
import memwell, warnings
warnings.simplefilter("ignore")
region = memwell.Region.attach({name!r})
view = region.view("float64")
buffer = memoryview(view)
iterator = iter(view)
""")


def test_at_the_same_time(interpreters: list[Interpreter], name: str) -> None:
    """From 3.12 on these run in parallel, each under its own GIL."""
    semaphore = Semaphore.create(name, 1)
    raised: list[BaseException] = []
    program = f"""
import memwell
with memwell.Region.attach({name!r}) as region:
    turn = memwell.Semaphore.attach({name!r})
    counter = region.view("int64")
    for _ in range(2000):
        with turn:
            counter[0] += 1
    for _ in range(200):
        memwell.Region.attach({name!r}).close()
    turn.close()
"""

    def run(each: Interpreter) -> None:
        try:
            each.run(program)
        except BaseException as error:
            raised.append(error)

    with Region.create(name, 8) as region:
        threads = [threading.Thread(target=run, args=(each,)) for each in interpreters]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert raised == []
        assert region.view("int64")[0] == 6000
    semaphore.close()


def test_wells(interpreters: list[Interpreter], name: str) -> None:
    """Where an interpreter may have no thread of the kind that awaits need, they look by themselves."""
    with Well.create(name, 1 << 20) as well:
        event = well.event("ready")
        for each in interpreters:
            each.run(f"""
import asyncio, memwell
well = memwell.Well.attach({name!r})
with well.mutex("turn"), well.semaphore("permits", 3):
    assert well.participants()[0].holds
event = well.event("ready")
async def main():
    task = asyncio.create_task(event.wait_async(60))
    await asyncio.sleep(0)
    event.set()
    assert await task
    assert await well.mutex("turn").acquire_async(60)
asyncio.run(main())
well.mutex("turn").release()
event.clear()
try:
    well.array("ready")
except memwell.KindError as error:
    assert type(error) is memwell.KindError
else:
    raise AssertionError("no KindError")
well.close()
""")
        assert not event.is_set()
        assert not well.mutex("turn").locked
