"""Region.stream, by what it is for: csv, zipfile, pickle, buffered files.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import csv
import errno
import io
import os
import pickle
import zipfile

import pytest

import memwell
from memwell import Region


def test_is_a_raw_file() -> None:
    with Region.anonymous(100) as region, region.stream() as stream:
        assert isinstance(stream, io.RawIOBase)
        assert (stream.readable(), stream.writable(), stream.seekable(), stream.isatty()) == (True, True, True, False)
        with pytest.raises(io.UnsupportedOperation):
            stream.fileno()
        with pytest.raises(io.UnsupportedOperation, match="resize"):
            stream.truncate(5)


def test_places() -> None:
    with Region.anonymous(100) as region, region.stream(10, 20) as stream:
        region.write(bytes(range(100)))
        assert stream.read(3) == bytes([10, 11, 12])
        assert stream.tell() == 3
        assert stream.seek(-2, os.SEEK_END) == 18
        assert stream.read() == bytes([28, 29])
        assert stream.read(5) == b""
        assert stream.seek(1000) == 1000
        assert stream.read() == stream.readline() == b""
        assert stream.seek(-5, os.SEEK_CUR) == 995
        for wrong in [(-1,), (0, 5), (-21, os.SEEK_END)]:
            with pytest.raises(ValueError):
                stream.seek(*wrong)
        stream.seek(0)
        target = bytearray(30)
        assert stream.readinto(target) == 20
        assert target == bytes(range(10, 30)) + bytes(10)


def test_writes_up_to_the_end() -> None:
    with Region.anonymous(100) as region, region.stream(90, 8) as stream:
        assert stream.write(b"0123456789") == 8
        assert stream.write(b"") == 0
        with pytest.raises(OSError) as caught:
            stream.write(b"x")
        assert caught.value.errno == errno.ENOSPC
        assert region.read(88, 12) == b"\0\x0001234567\0\0"
        writer = io.BufferedWriter(region.stream(98))
        writer.write(b"abc")
        with pytest.raises(OSError):
            writer.flush()
        assert region.read(98, 2) == b"ab"
        writer.raw.close()


def test_lines() -> None:
    content = b"one\n\nthree\nlast"
    with Region.anonymous(len(content)) as region:
        region.write(content)
        with region.stream() as stream:
            assert list(stream) == [b"one\n", b"\n", b"three\n", b"last"]
            stream.seek(0)
            assert (stream.readline(2), stream.readline()) == (b"on", b"e\n")


def test_csv() -> None:
    with Region.anonymous(1000) as region:
        with io.TextIOWrapper(io.BufferedWriter(region.stream()), newline="") as text:
            csv.writer(text).writerows([["a", "b, c"], [1, "ü"]])
        size = region.find(b"\0")
        with io.TextIOWrapper(io.BufferedReader(region.stream(0, size)), newline="") as text:
            assert list(csv.reader(text)) == [["a", "b, c"], ["1", "ü"]]


def test_zipfile() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", b"x" * 5000)
    with Region.anonymous(len(packed.getvalue())) as region:
        region.write(packed.getvalue())
        with zipfile.ZipFile(region.stream()) as archive:
            assert archive.read("inner.txt") == b"x" * 5000


def test_pickle() -> None:
    values = {"a": [1, 2.5, "text"], "b": bytes(10_000)}
    with Region.anonymous(20_000) as region, region.stream() as stream:
        pickle.dump(values, stream)
        pickle.dump("second", stream)
        stream.seek(0)
        assert (pickle.load(stream), pickle.load(stream)) == (values, "second")


def test_buffered_both_ways() -> None:
    with Region.anonymous(100) as region, io.BufferedRandom(region.stream()) as both:
        both.write(b"abc")
        both.seek(1)
        assert both.read(1) == b"b"
        both.write(b"X")
        both.flush()
        assert region.read(0, 3) == b"abX"


def test_readonly(name: str) -> None:
    Region.create(name, 100).close()
    with Region.attach(name, readonly=True) as region, region.stream() as stream:
        assert not stream.writable()
        with pytest.raises(TypeError):
            stream.write(b"x")


def test_keeps_the_region_and_ends_with_it() -> None:
    region = Region.anonymous(10)
    stream = region.stream()
    del region
    assert stream.read() == bytes(10)
    owner = stream._region  # type: ignore[attr-defined]
    owner.close()
    for use in (stream.read, stream.readline, stream.tell, stream.writable, lambda: stream.seek(0)):
        with pytest.raises(memwell.ClosedError):
            use()
    stream.close()
    with pytest.raises(ValueError, match="closed"):
        stream.read()


def test_follows_the_size() -> None:
    with Region.anonymous(10) as region, region.stream() as all_of_it, region.stream(2, 8) as part:
        region.resize(20)
        assert len(all_of_it.readall()) == 20
        region.resize(5)
        assert part.readall() == bytes(3)
        for wrong in [(6,), (0, 6), (2, 4), (2**62, 2**62)]:
            with pytest.raises(ValueError, match="past the end"):
                region.stream(*wrong)
