"""The package as it is installed: what it shows, documents and weighs.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import inspect
import mmap
import pydoc
import re
from pathlib import Path

import pytest

import memwell

ROOT = Path(__file__).resolve().parents[2]
CLASSES = [
    memwell.Region,
    memwell.View,
    memwell.Semaphore,
    memwell.Well,
    memwell.Mutex,
    memwell.RobustSemaphore,
    memwell.Event,
]
ERRORS = {"ClosedError", "Error", "FaultError", "FormatError", "FullError", "KindError", "OwnerDiedError"}
PLAIN = {"__new__", "__repr__", "__len__", "__getitem__", "__setitem__", "__delitem__", "__iter__", "__hash__", "__del__"}


def methods(owner: type) -> list[tuple[str, object]]:
    return [(name, value) for name, value in vars(owner).items() if callable(getattr(owner, name)) and name not in PLAIN]


def test_what_is_public() -> None:
    infos = {"ObjectInfo", "ParticipantInfo"}
    names = {owner.__name__ for owner in CLASSES} | ERRORS | infos | {"PAGE_SIZE", "__version__", "ftok"}
    assert set(memwell.__all__) == names
    assert {name for name in dir(memwell) if not name.startswith("_")} == names - {"__version__"}
    assert all(hasattr(memwell, name) for name in names)


def test_version_is_that_of_the_core() -> None:
    header = (ROOT / "core/include/memwell/version.h").read_text()
    found = re.search(r'MW_VERSION "(.*)"', header)
    assert found is not None
    assert memwell.__version__ == found.group(1)


def test_page_size() -> None:
    assert memwell.PAGE_SIZE == mmap.PAGESIZE


def test_is_typed_and_of_the_stable_abi() -> None:
    folder = Path(memwell.__file__).parent
    assert (folder / "py.typed").exists()
    assert (folder / "_memwell.pyi").exists()
    assert memwell._memwell.__file__.endswith("_memwell.abi3.so")


@pytest.mark.parametrize("owner", CLASSES, ids=lambda owner: owner.__name__)
def test_every_method_has_a_signature_and_a_docstring(owner: type) -> None:
    assert owner.__module__ == "memwell"
    assert owner.__doc__
    for name, value in methods(owner):
        method = getattr(owner, name)
        assert method.__doc__, name
        inspect.signature(method)
        assert not isinstance(value, property)
    for name, value in vars(owner).items():
        if inspect.isgetsetdescriptor(value) and not name.startswith("__"):
            assert value.__doc__, name


def test_signatures_say_the_defaults() -> None:
    signature = inspect.signature(memwell.Region.file)
    assert str(signature) == (
        "(path, mode='r', *, offset=0, size=None, permissions=384, guard=True, on_fault='error', keep_fd=True)"
    )
    assert str(inspect.signature(memwell.Semaphore.acquire)) == "(self, /, timeout=None)"
    assert str(inspect.signature(memwell.Region.unlink)) == "(name, *, missing_ok=False)"


def test_help_reads_well() -> None:
    text = pydoc.plain(pydoc.render_doc(memwell))
    for word in (
        "Region.create",
        "attach(name, *, timeout=0",
        "Waits up to timeout seconds",
        "Wait until the value is positive",
        "class View",
        "permissions",
    ):
        assert word in text
    prose = (line for line in text.splitlines() if "__" not in line and not line.endswith(" from builtins.type"))
    assert max(map(len, prose)) < 140


def test_classes_cannot_be_changed() -> None:
    for owner in CLASSES:
        with pytest.raises(TypeError):
            owner.extra = 1
