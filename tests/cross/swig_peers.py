"""The peers in the languages that SWIG carries memwell to: how each is started. Main entry: command_of.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cache

from driver import BUILD, HERE


class MissingPeerError(Exception):
    """The language, or memwell for it, is not there; the text says which."""


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise MissingPeerError(f"no {name} on the path")
    return found


@cache
def java() -> list[str]:
    """Compiled into build/, beside the classes that the Maven build leaves there."""
    package, own = BUILD / "java" / "classes", BUILD / "java" / "cross"
    if not (package / "org").exists():
        raise MissingPeerError(f"{package} is missing: build bindings/swig/java first")
    sources = [str(path) for path in sorted(HERE.glob("*.java"))]
    command = [program("javac"), "-Xlint:all,-try", "-Werror", "-cp", str(package), "-d", str(own), *sources]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    options = ["-XX:TieredStopAtLevel=1", "-Xcheck:jni", "-XX:+AllowUserSignalHandlers"]
    return [program("java"), *options, "-cp", f"{package}:{own}", "Peer"]


COMMANDS: dict[str, Callable[[], list[str]]] = {"java": java}


def command_of(language: str) -> list[str]:
    return COMMANDS[language]()
