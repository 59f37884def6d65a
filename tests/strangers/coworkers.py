"""Workers of multiprocessing on the same memory: run as `coworkers.py METHOD HOW NAME FOLDER`, prints "done".

METHOD is fork, spawn or forkserver. HOW is how the worker gets the memory: by pickling the objects, by the name alone,
by a file, or, with fork, by inheritance.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import multiprocessing
import pickle
import sys
from collections.abc import Callable
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import numpy as np

from memwell import Region, Semaphore, View

PATIENCE = 60.0
COUNT = 1000


# ---- what a worker does


def double(view: View, begin: Semaphore, done: Semaphore) -> None:
    """Wait for the word, double every element, and say so."""
    if not begin.acquire(PATIENCE):
        raise SystemExit("nobody began")
    array = np.asarray(view)
    array *= 2
    del array
    done.release()


def double_pickled(region: Region, view: View, begin: Semaphore, done: Semaphore) -> None:
    """Everything came by pickle: the region of the view is one that the worker opened."""
    with region:
        if (len(region), view.offset, view[-1] > 0) != (8 * COUNT + 5, 5, True):
            raise SystemExit("another region")
        double(view, begin, done)
    view.region.close()


def double_named(name: str) -> None:
    with Region.attach(name) as region:
        double(region.view("float64", COUNT, offset=5), Semaphore.attach(f"{name}.begin"), Semaphore.attach(f"{name}.done"))


def double_file(view: View, name: str) -> None:
    with view.region:
        double(view, Semaphore.attach(f"{name}.begin"), Semaphore.attach(f"{name}.done"))


def total(view: View) -> float:
    with view.region:
        return float(view.sum())


def miss(pickled: bytes, name: str) -> None:
    """The pickled region is gone; the one that has its name now is another."""
    Region.attach(name).close()
    try:
        region = pickle.loads(pickled)
    except FileNotFoundError:
        return
    raise SystemExit(f"{region!r} was taken for another")


# ---- what the parent does


def work(context: BaseContext, view: View, begin: Semaphore, done: Semaphore, target: Callable[..., None], *arguments: Any) -> None:
    """Two workers double the elements, one after the other, when the semaphore `begin` lets them."""
    view.copy_from(range(COUNT))
    for turn in (1, 2):
        worker = context.Process(target=target, args=arguments)  # type: ignore[attr-defined]
        worker.start()
        begin.release()
        worker.join(PATIENCE)
        if worker.exitcode != 0 or not done.acquire(0) or view.tolist() != [x * 2.0**turn for x in range(COUNT)]:
            raise SystemExit(f"exit {worker.exitcode}, {view.tolist()[:5]}")
        worker.close()


def by_pickle(context: BaseContext, name: str, _folder: Path, begin: Semaphore, done: Semaphore) -> None:
    with Region.create(name, 8 * COUNT + 5, temporary=True) as region:
        view = region.view("float64", COUNT, offset=5)
        work(context, view, begin, done, double_pickled, region, view, begin, done)


def by_pool(context: BaseContext, name: str, _folder: Path, _begin: Semaphore, _done: Semaphore) -> None:
    """Slices of one view, each to whichever worker is free; the last is read backwards."""
    with Region.create(name, 8 * COUNT, temporary=True) as region, context.Pool(2) as pool:
        view = region.view("float64")
        view.copy_from(range(COUNT))
        pieces = [view[i : i + 100] for i in range(0, COUNT, 100)] + [view[::-1]]
        if pool.map(total, pieces, 1) != [float(sum(piece.tolist())) for piece in pieces]:
            raise SystemExit("another sum")
        pool.close()
        pool.join()


def by_name(context: BaseContext, name: str, _folder: Path, begin: Semaphore, done: Semaphore) -> None:
    with Region.create(name, 8 * COUNT + 5, temporary=True) as region:
        work(context, region.view("float64", COUNT, offset=5), begin, done, double_named, name)


def by_file(context: BaseContext, name: str, folder: Path, begin: Semaphore, done: Semaphore) -> None:
    with Region.file(folder / "numbers", "x+", size=8 * COUNT, offset=3) as region:
        view = region.view("float64")
        work(context, view, begin, done, double_file, view, name)


def by_inheritance(context: BaseContext, _name: str, _folder: Path, begin: Semaphore, done: Semaphore) -> None:
    with Region.anonymous(8 * COUNT) as region:
        view = region.view("float64")
        work(context, view, begin, done, double, view, begin, done)


def refused(context: BaseContext, name: str, folder: Path, _begin: Semaphore, _done: Semaphore) -> None:
    """What no other process can reach is refused where it is sent; another object of the same name is no substitute."""
    (folder / "private").write_bytes(bytes(8))
    regions = [Region.anonymous(8), Region.file(folder / "private", "c")]
    for region in regions:
        with region:
            try:
                context.Process(target=total, args=(region.view("float64"),)).start()  # type: ignore[attr-defined]
            except TypeError:
                continue
            raise SystemExit(f"{region!r} was sent")
    with Region.create(name, 8) as region:
        Region.unlink(name)
        with Region.create(name, 8, temporary=True):
            worker = context.Process(target=miss, args=(pickle.dumps(region), name))  # type: ignore[attr-defined]
            worker.start()
            worker.join(PATIENCE)
            if worker.exitcode != 0:
                raise SystemExit(f"exit {worker.exitcode}")
            worker.close()


WAYS = {"pickle": by_pickle, "pool": by_pool, "name": by_name, "file": by_file, "inheritance": by_inheritance, "refused": refused}


def main(method: str, how: str, name: str, folder: str) -> None:
    context = multiprocessing.get_context(method)
    begin = Semaphore.create(f"{name}.begin", temporary=True)
    done = Semaphore.create(f"{name}.done", temporary=True)
    WAYS[how](context, name, Path(folder), begin, done)
    begin.close()
    done.close()
    print("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
