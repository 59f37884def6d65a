"""The workers' languages: how a worker of each is started, and what is said where that cannot be.

memwell itself is looked for in this tree's build/, where the package of each language is built, unless the language's own
variable for that (LUA_CPATH, CLASSPATH, RUBYLIB, PERL5LIB) says where it is.
"""

# SPDX-License-Identifier: MIT
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"


class MissingLanguageError(Exception):
    """No worker of this language can be started here; the text says what is missing, and what to do."""


def interpreter(language: str, variable: str, *names: str) -> str:
    """The one that the variable names, or the first on the path."""
    found = os.environ.get(variable) or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise MissingLanguageError(f"no {names[0]} on the path: install it, or leave {language} out of --workers")
    return found


def python() -> list[str]:
    return [sys.executable, str(HERE / "worker.py")]


def lua() -> list[str]:
    return [interpreter("lua", "LUA", "lua5.4", "lua"), str(HERE / "worker.lua")]


def package(language: str, variable: str, file: str) -> None:
    """The language's package is in build/, or the variable says where else."""
    if variable not in os.environ and not (BUILD / file).exists():
        raise MissingLanguageError(f"memwell is not built for it: sh tools/build.sh {language}, or set {variable}")


def java() -> list[str]:
    """Java compiles a program of one file when it starts it. The small collector leaves the processors to the workers."""
    command = [interpreter("java", "JAVA", "java"), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", str(HERE / "Worker.java")]
    package("java", "CLASSPATH", "java/classes/org/memwell/Region.class")
    return command


def ruby() -> list[str]:
    command = [interpreter("ruby", "RUBY", "ruby"), str(HERE / "worker.rb")]
    package("ruby", "RUBYLIB", "ruby/lib/memwell/native.so")
    return command


def perl() -> list[str]:
    command = [interpreter("perl", "PERL", "perl"), str(HERE / "worker.pl")]
    package("perl", "PERL5LIB", "perl/blib/arch/auto/Memwell/Native/Native.so")
    return command


COMMANDS: dict[str, Callable[[], list[str]]] = {"python": python, "lua": lua, "java": java, "ruby": ruby, "perl": perl}
"""How to start a worker, by language."""

PLACES = {
    "LUA_CPATH": f"{BUILD}/lua/?.so;;",
    "CLASSPATH": f"{BUILD}/java/classes",
    "RUBYLIB": f"{BUILD}/ruby/lib:{HERE.parent.parent}/bindings/swig/ruby/lib",
    "PERL5LIB": f"{BUILD}/perl/blib/lib:{BUILD}/perl/blib/arch",
}
"""Where each language finds memwell in this tree, unless somebody chose another place."""

OTHER_NAMES = {"LUA_CPATH": {"LUA_CPATH_5_4"}}
"""Variables that say the same."""


def command_of(language: str) -> list[str]:
    """How a worker of this language is started."""
    return COMMANDS[language]()


def environment() -> dict[str, str]:
    """The workers' environment."""
    chosen = os.environ.keys()
    places = {name: place for name, place in PLACES.items() if not ({name} | OTHER_NAMES.get(name, set())) & chosen}
    return {**os.environ, **places}


def available(languages: list[str], say: Callable[[str], None]) -> list[str]:
    """Those of the languages that can be started here; of each of the others a word is said."""
    missing = set()
    for language in dict.fromkeys(languages):
        try:
            command_of(language)
        except MissingLanguageError as error:
            missing.add(language)
            say(f"no {language} workers: {error}")
    return [language for language in languages if language not in missing]
