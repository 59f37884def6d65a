"""A table of user records of 64 bytes each in a mapped file, and batch look-up by index. examples/README.md draws a record.

records.py make PATH COUNT        make a table of COUNT users
records.py show PATH INDEX ...    look users up, all at once; indices count from 0
"""

# SPDX-License-Identifier: MIT
import sys

import memwell

RECORD = 64


def field(file: memwell.Region, dtype: str, offset: int) -> memwell.View:
    """One field of every record: a view whose elements are 64 bytes apart."""
    every = file.view(dtype)
    column: memwell.View = every[offset // every.itemsize :: RECORD // every.itemsize]
    return column


def make(path: str, count: int) -> None:
    with memwell.Region.file(path, "w+", size=count * RECORD) as file:
        field(file, "int64", 0).copy_from(range(1000, 1000 + count))
        field(file, "int32", 8).copy_from([18 + i * 7 % 60 for i in range(count)])
        field(file, "bool", 12).copy_from([i % 3 != 0 for i in range(count)])
        field(file, "float64", 16).copy_from([i * 1.25 for i in range(count)])
        for i in range(count):
            file.write(b"user-%04d" % i, i * RECORD + 24)
    print(f"{path}: {count} users")


def show(path: str, indices: list[int]) -> None:
    with memwell.Region.file(path, "r") as file:
        ids = field(file, "int64", 0).take(indices)  # every index is checked before any element is read
        ages = field(file, "int32", 8).take(indices)
        active = field(file, "bool", 12).take(indices)
        balances = field(file, "float64", 16).take(indices)
        names = [file.read(i * RECORD + 24, 40).rstrip(b"\0").decode() for i in indices]
    for number, name, age, balance, here in zip(ids, names, ages, balances, active, strict=True):
        print(f"{number}  {name:<12}  {age:3}  {balance:9.2f}  {'active' if here else 'away'}")
    print(f"{len(indices)} users, balance {sum(balances):.2f}")


def main() -> None:
    try:
        match sys.argv[1:]:
            case ["make", path, count]:
                make(path, int(count))
            case ["show", path, _, *_]:
                show(path, [int(index) for index in sys.argv[3:]])
            case _:
                sys.exit("usage: records.py make PATH COUNT, or records.py show PATH INDEX ...")
    except (OSError, ValueError, IndexError) as error:
        sys.exit(f"records: {error}")


if __name__ == "__main__":
    main()
