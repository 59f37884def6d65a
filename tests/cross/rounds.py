"""Taking turns on one region: the first writes, the second checks and answers, the first checks the answer.

Main entries: first, second.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import math

from pattern import DTYPES, SIZES, Pattern, Value, all_bits, answer, is_same, pack, text, value

from memwell import Region, Semaphore, View

ELEMENTS, ROWS, COLUMNS = 8, 2, 4
BLOCKS_AT, BLOCK_STEP, TEXT_AT, TEXT_SIZE, REGION_SIZE = 13, 67, 817, 96, 913
ONE_BY_ONE, AT_ONCE, IN_ROWS, BACKWARDS = range(4)
WAYS = 4
PATIENCE = 60.0
"""Seconds: only a peer that died is waited for so long."""

INVERTED = bytes(byte ^ 0xFF for byte in range(256))


# ---- one block


def block(region: Region, dtype: str, way: int) -> View:
    offset = BLOCKS_AT + BLOCK_STEP * DTYPES.index(dtype)
    view = region.view(dtype, (ROWS, COLUMNS) if way == IN_ROWS else ELEMENTS, offset=offset)
    return view[::-1] if way == BACKWARDS else view


def write_block(region: Region, dtype: str, way: int, values: list[Value]) -> None:
    view = block(region, dtype, way)
    if way == ONE_BY_ONE:
        for k, x in enumerate(values):
            view[k] = x
    elif way == AT_ONCE:
        view.copy_from(values)
    elif way == IN_ROWS:
        for k, x in enumerate(values):
            view[k // COLUMNS, k % COLUMNS] = x
    else:
        view.copy_from(values[::-1])


def read_block(region: Region, dtype: str, way: int) -> list[Value]:
    view = block(region, dtype, way)
    if way == ONE_BY_ONE:
        return [view[k] for k in range(ELEMENTS)]
    if way == AT_ONCE:
        return list(view.tolist())
    if way == IN_ROWS:
        return [view[k // COLUMNS, k % COLUMNS] for k in range(ELEMENTS)]
    return list(view.tolist()[::-1])


def expect_block(region: Region, number: int, dtype: str, way: int, wanted: list[int]) -> None:
    """The block has these bits in memory, and reads as what they mean."""
    raw = region.read(BLOCKS_AT + BLOCK_STEP * DTYPES.index(dtype), ELEMENTS * SIZES[dtype])
    values = read_block(region, dtype, way)
    for k, bits in enumerate(wanted):
        found = raw[k * SIZES[dtype] : (k + 1) * SIZES[dtype]]
        if found != pack(dtype, bits) or not is_same(values[k], value(dtype, bits)):
            raise SystemExit(f"round {number}, {dtype} element {k}: {values[k]!r} ({found.hex()}), not 0x{bits:x}")


def turn(dtype: str, x: Value) -> Value:
    if dtype == "bool":
        return not x
    if isinstance(x, float):
        return x if math.isnan(x) else -x
    return ~x if dtype.startswith("int") else all_bits(dtype) - x


# ---- one round


def ask(region: Region, pattern: Pattern, number: int) -> None:
    region.view("uint64", 1)[0] = number
    for dtype in DTYPES:
        write_block(region, dtype, number % WAYS, [value(dtype, pattern.bits(number, dtype, k)) for k in range(ELEMENTS)])
    region.write(text(number), TEXT_AT)


def expect_text(region: Region, number: int, wanted: bytes) -> None:
    if region.read(TEXT_AT, TEXT_SIZE) != wanted:
        raise SystemExit(f"round {number}: another text")


def check_question(region: Region, pattern: Pattern, number: int) -> None:
    found = region.view("uint64", 1).max()
    if found != number:
        raise SystemExit(f"round {number}: the number is {found}")
    for dtype in DTYPES:
        wanted = [pattern.bits(number, dtype, k) for k in range(ELEMENTS)]
        expect_block(region, number, dtype, (number + 1) % WAYS, wanted)
    expect_text(region, number, text(number))


def give_answer(region: Region, number: int) -> None:
    for dtype in DTYPES:
        questions = read_block(region, dtype, (number + 2) % WAYS)
        write_block(region, dtype, (number + 1) % WAYS, [turn(dtype, x) for x in questions[::-1]])
    region.write(region.read(TEXT_AT, TEXT_SIZE)[::-1].translate(INVERTED), TEXT_AT)


def check_answer(region: Region, pattern: Pattern, number: int) -> None:
    for dtype in DTYPES:
        wanted = [answer(dtype, pattern.bits(number, dtype, ELEMENTS - 1 - k)) for k in range(ELEMENTS)]
        expect_block(region, number, dtype, number % WAYS, wanted)
    expect_text(region, number, text(number)[::-1].translate(INVERTED))


# ---- both sides


def wait_for(semaphore: Semaphore) -> None:
    if not semaphore.acquire(PATIENCE):
        raise SystemExit(f"{semaphore.name}: nothing came in {PATIENCE} seconds")


def expect_value(semaphore: Semaphore, wanted: int) -> None:
    if semaphore.value != wanted:
        raise SystemExit(f"{semaphore.name}: value {semaphore.value} instead of {wanted}")


def count_units(ping: Semaphore, pong: Semaphore) -> None:
    """Three units given at once are three to take."""
    wait_for(ping)
    expect_value(ping, 0)
    for left in (3, 2, 1):
        expect_value(pong, left)
        if not pong.acquire(0):
            raise SystemExit(f"only {3 - left} of three units came")
    if pong.acquire(0):
        raise SystemExit("there were more than three units")


def first(pattern: Pattern, name: str, count: int) -> None:
    with Region.create(name, REGION_SIZE) as region:
        ping = Semaphore.create(f"{name}.ping", 0)
        pong = Semaphore.create(f"{name}.pong", 0)
        for number in range(count):
            ask(region, pattern, number)
            ping.release()
            wait_for(pong)
            check_answer(region, pattern, number)
        count_units(ping, pong)
        Region.unlink(name)
        Semaphore.unlink(f"{name}.ping")
        Semaphore.unlink(f"{name}.pong")
        ping.close()
        pong.close()
    print(f"{count} rounds")


def attach_when_it_appears(name: str) -> Region:
    try:
        Region.attach(name).close()
    except FileNotFoundError:
        print("waiting", flush=True)
        return Region.attach(name, timeout=PATIENCE)
    raise SystemExit(f"{name} is there already")


def second(pattern: Pattern, name: str, count: int) -> None:
    with attach_when_it_appears(name) as region:
        if region.size != REGION_SIZE:
            raise SystemExit("the region has another size")
        ping = Semaphore.attach(f"{name}.ping", timeout=PATIENCE)
        pong = Semaphore.attach(f"{name}.pong", timeout=PATIENCE)
        for number in range(count):
            wait_for(ping)
            check_question(region, pattern, number)
            give_answer(region, number)
            pong.release()
        pong.release(3)
        ping.release()
        ping.close()
        pong.close()
    print(f"{count} rounds")
