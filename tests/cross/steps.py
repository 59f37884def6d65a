"""Atomic operations by turns: who waits for his turn sleeps on a word, and both sides know what every step makes of the elements.

Main entries: first, second, count_up.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import places
from pattern import Pattern, all_bits, pack, value

from memwell import Region, Semaphore, View

DTYPES = ("int32", "uint32", "int64", "uint64")
OPERATIONS = ("store", "add", "sub", "and", "or", "xor", "exchange", "compare_exchange")
ELEMENTS_AT, ELEMENT_STEP = 64, 64
PATIENCE = 60.0
"""Seconds: only a peer that died is waited for so long."""


# ---- what a step makes of an element, in bits


def operation_of(step: int) -> str:
    return OPERATIONS[step // 2 % len(OPERATIONS)]


def expected_by(pattern: Pattern, step: int, dtype: str, old: int) -> int:
    return old if step // 16 % 2 == 0 else pattern.bits(step, dtype, 1)


def result_of(pattern: Pattern, step: int, dtype: str, old: int) -> int:
    n = pattern.bits(step, dtype, 0)
    is_exchanged = old == expected_by(pattern, step, dtype, old)
    results = (n, old + n, old - n, old & n, old | n, old ^ n, n, n if is_exchanged else old)
    return results[OPERATIONS.index(operation_of(step))] & all_bits(dtype)


# ---- one step


def operate(pattern: Pattern, view: View, step: int, dtype: str, old: int) -> int:
    """Returns what the operation says was there."""
    operation, n = operation_of(step), int(value(dtype, pattern.bits(step, dtype, 0)))
    if operation == "store":
        before = view.atomic_load(0)
        view.atomic_store(0, n)
        return before
    if operation == "compare_exchange":
        return view.atomic_compare_exchange(0, int(value(dtype, expected_by(pattern, step, dtype, old))), n)
    found: int = getattr(view, f"atomic_{operation}")(0, n)
    return found


def make_step(pattern: Pattern, view: View, step: int, dtype: str, old: int) -> None:
    found = operate(pattern, view, step, dtype, old)
    if found != value(dtype, old):
        raise SystemExit(f"step {step}, {dtype} {operation_of(step)}: it was {found}, not {old:#x}")


def check_step(view: View, step: int, dtype: str, now: int) -> None:
    """The element has these bits in memory, and loads as what they mean."""
    found = view.atomic_load(0)
    if found != value(dtype, now) or bytes(view) != pack(dtype, now):
        raise SystemExit(f"step {step}, {dtype} {operation_of(step)}: it is {found}, not {now:#x}")


def expect(words: View, i: int, wanted: int) -> None:
    """Sleep until the word has this value."""
    while (word := words.atomic_load(i)) != wanted:
        if not words.wait(i, word, PATIENCE):
            raise SystemExit(f"{wanted} did not come: nothing changed in time")


def take_steps(pattern: Pattern, region: Region, count: int, parity: int) -> None:
    """Steps of one parity are ours, those of the other the other side's."""
    words = region.view("uint32", 2)
    views = [region.view(dtype, 1, offset=ELEMENTS_AT + ELEMENT_STEP * d) for d, dtype in enumerate(DTYPES)]
    bits = [0] * len(DTYPES)
    for step in range(count):
        is_ours = step % 2 == parity
        if not is_ours:
            expect(words, 0, step + 1)
        for d, dtype in enumerate(DTYPES):
            if is_ours:
                make_step(pattern, views[d], step, dtype, bits[d])
            bits[d] = result_of(pattern, step, dtype, bits[d])
            check_step(views[d], step, dtype, bits[d])
        if is_ours:
            words.atomic_store(0, step + 1)
            words.wake(0)


# ---- both sides


def wait_for(semaphore: Semaphore) -> None:
    if not semaphore.acquire(PATIENCE):
        raise SystemExit(f"{semaphore.kind}: nothing came in time")


def expect_value(semaphore: Semaphore, wanted: int) -> None:
    if semaphore.value != wanted:
        raise SystemExit(f"{semaphore.kind}: value {semaphore.value} instead of {wanted}")


def first(pattern: Pattern, word: str, count: int) -> None:
    place = places.create(word)
    print("ready", flush=True)
    take_steps(pattern, place.region, count, 0)
    for _ in range(count):
        place.ping.release()
        wait_for(place.pong)
    wait_for(place.ping)
    expect_value(place.ping, 0)
    expect_value(place.pong, 3)
    place.close()
    places.remove(word)
    print(f"{count} steps")


def second(pattern: Pattern, word: str, count: int) -> None:
    place = places.attach(word)
    take_steps(pattern, place.region, count, 1)
    for _ in range(count):
        wait_for(place.ping)
        place.pong.release()
    place.pong.release(3)
    place.ping.release()
    place.close()
    print(f"{count} steps")


def count_up(name: str, count: int) -> None:
    """One of several who count at the same time, from the moment on when the second word says so."""
    with Region.attach(name) as region:
        words = region.view("uint32", 2)
        wide = region.view("int64", 1, offset=ELEMENTS_AT)
        narrow = region.view("uint32", 1, offset=ELEMENTS_AT + ELEMENT_STEP)
        words.atomic_add(0)
        words.wake(0)
        expect(words, 1, 1)
        for _ in range(count):
            wide.atomic_add(0)
            narrow.atomic_add(0)
    print(f"{count} counted")
