"""Builds the workers in C and the bare modules, each when its sources are newer than it is, into build/bench/.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from contest import AbsentError

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "bench"
BUILD = Path(os.environ.get("MEMWELL_BUILD", ROOT / "build"))
OUTPUT = BUILD / "bench"
FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-pthread"]
MODULE = ["-shared", "-fPIC"]
CORE_HEADERS = [f"-I{ROOT / 'core' / 'include'}", f"-I{ROOT / 'core' / 'src'}"]
WITH_THE_CORE = (
    *("core_calls", "handover_calls", "hot_calls", "kind_calls", "lock_calls", "lock_contests", "pingpong_calls"),
    *("growth_calls", "queue_contests", "read_calls"),
)


def compiler() -> str:
    return os.environ.get("CC") or "cc"


def run(command: list[str]) -> str:
    """What a command prints; AbsentError with its complaint where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise AbsentError(f"{command[0]}: {problem}") from None
    if done.returncode != 0:
        raise AbsentError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[:500]}")
    return done.stdout


def built(product: Path, sources: list[Path], options: list[str]) -> Path:
    """The product, compiled anew where it is missing or older than one of its sources or than a header beside them."""
    folders = {source.parent for source in sources} | {ROOT / "core" / "include" / "memwell"}
    headers = [header for folder in folders for header in folder.glob("*.h")]
    newest = max(path.stat().st_mtime for path in [*sources, *headers])
    if product.exists() and product.stat().st_mtime >= newest:
        return product
    product.parent.mkdir(parents=True, exist_ok=True)
    fresh = product.with_name(f"{product.name}.{os.getpid()}")
    run([compiler(), *FLAGS, "-o", str(fresh), *map(str, sources), *options])
    fresh.replace(product)
    return product


def sources_of(part: str) -> list[Path]:
    """What the list of sources of a part of the tree names, "core" or "bindings/lua"."""
    lines = (ROOT / part / "sources.txt").read_text().split("\n")
    return [ROOT / name for line in lines if (name := line.partition("#")[0].strip())]


def core() -> Path:
    """All of the core as one object, compiled once for every program that has it in itself."""
    options = ["-fPIC", "-fvisibility=hidden", "-r", "-nostdlib", *CORE_HEADERS]
    return built(OUTPUT / "core.o", sources_of("core"), options)


def program(name: str) -> Path:
    """A worker in C. The limits know nothing of memwell; the others are built with the core itself."""
    if name not in WITH_THE_CORE:
        return built(OUTPUT / name, [BENCH / f"{name}.c"], [])
    return built(OUTPUT / name, [BENCH / f"{name}.c", core()], CORE_HEADERS)


def program_in_cpp(name: str) -> Path:
    """A peer that is there for C++ only."""
    product = OUTPUT / name
    source = BENCH / f"{name}.cpp"
    if not product.exists() or product.stat().st_mtime < max(path.stat().st_mtime for path in [source, *BENCH.glob("*.h")]):
        product.parent.mkdir(parents=True, exist_ok=True)
        run([os.environ.get("CXX") or "c++", "-std=c++17", "-O2", "-pthread", "-o", str(product), str(source)])
    return product


def bare_lua() -> Path:
    """The folder that has the bare Lua module."""
    flags = run(["pkg-config", "--cflags", "lua5.4"]).split()
    return built(OUTPUT / "lua" / "bare_lua.so", [BENCH / "bare_lua.c"], [*MODULE, *flags]).parent


@lru_cache
def python_facts(python: str) -> dict[str, str]:
    """What an interpreter says of itself."""
    probe = "import json, sys, sysconfig; print(json.dumps({'version': '%d.%d.%d' % sys.version_info[:3],"
    probe += " 'tag': sys.implementation.cache_tag, 'include': sysconfig.get_path('include')}))"
    facts: dict[str, str] = json.loads(run([python, "-c", probe]))
    return facts


def bare_python(python: str) -> Path:
    """The folder that has the bare Python module for an interpreter."""
    facts = python_facts(python)
    folder = OUTPUT / facts["tag"]
    options = [*MODULE, f"-isystem{facts['include']}"]
    return built(folder / "bare_python.so", [BENCH / "bare_python.c"], options).parent


def installed_memwell() -> Path:
    """The package memwell as the runner's interpreter has it."""
    from importlib.util import find_spec

    spec = find_spec("memwell")
    if spec is None or not spec.submodule_search_locations:
        raise AbsentError("the Python package memwell is not installed here (make build)")
    return Path(next(iter(spec.submodule_search_locations)))


def borrowed_memwell(python: str) -> Path:
    """A folder with a link to the runner's memwell, for another interpreter: one abi3 module is for all of them."""
    folder = OUTPUT / python_facts(python)["tag"] / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "memwell"
    if not link.is_symlink() or link.resolve() != installed_memwell():
        link.unlink(missing_ok=True)
        link.symlink_to(installed_memwell())
    return folder


def lua_modules() -> Path:
    """The folder that has the Lua module memwell."""
    folder = BUILD / "lua"
    if not (folder / "memwell.so").exists():
        raise AbsentError("the Lua module memwell is not built here (make build)")
    return folder


def own_lua_modules() -> Path:
    """The folder that has the Lua module memwell as it is compiled here, with the flags of the other programs, whatever those of
    the tree's last build were."""
    flags = run(["pkg-config", "--cflags", "lua5.4"]).split()
    options = [*MODULE, "-fvisibility=hidden", *CORE_HEADERS, *flags]
    return built(OUTPUT / "own_lua" / "memwell.so", [*sources_of("bindings/lua"), core()], options).parent


def find_perl() -> str:
    perl = shutil.which("perl")
    if perl is None:
        raise AbsentError("perl is not on PATH")
    return perl


def perl_environment() -> dict[str, str]:
    """Where the Perl module memwell is."""
    folder = BUILD / "perl" / "blib"
    if not (folder / "arch" / "auto" / "Memwell" / "Native" / "Native.so").exists():
        raise AbsentError("the Perl module memwell is not built here (sh tools/check.sh perl)")
    return {"PERL5LIB": f"{folder}/lib:{folder}/arch"}


@lru_cache
def java_classes(program: str) -> list[Path]:
    """The folders that have the Java package memwell and a worker, compiled once in a run."""
    package, own = BUILD / "java" / "classes", OUTPUT / "java"
    if not (package / "org").exists():
        raise AbsentError("the Java package memwell is not built here (mvn -f bindings/swig/java package)")
    run(["javac", "-Xlint:all,-try", "-cp", str(package), "-d", str(own), str(BENCH / f"{program}.java")])
    return [package, own]


def find_lua() -> str:
    lua = shutil.which("lua5.4")
    if lua is None:
        raise AbsentError("lua5.4 is not on PATH")
    return lua


def find_luajit() -> str:
    luajit = shutil.which("luajit")
    if luajit is None:
        raise AbsentError("luajit is not on PATH")
    return luajit


def ruby_folders() -> list[Path]:
    """Where Ruby finds memwell: what is compiled, and the layer above it."""
    folder = BUILD / "ruby" / "lib"
    if not (folder / "memwell" / "native.so").exists():
        raise AbsentError("the Ruby module memwell is not built here (sh tools/build.sh ruby)")
    return [folder, ROOT / "bindings" / "swig" / "ruby" / "lib"]


def find_ruby() -> str:
    ruby = shutil.which("ruby")
    if ruby is None:
        raise AbsentError("ruby is not on PATH")
    return ruby


@lru_cache
def find_python(version: str) -> str:
    """A working interpreter of that version: on PATH, or among those of a version manager."""
    roots = [os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv"]
    managed = [path for root in roots if root for path in sorted(Path(root).glob(f"versions/{version}.*/bin/python{version}"))]
    on_path = [Path(folder) / f"python{version}" for folder in os.get_exec_path()]
    for path in [*on_path, *managed]:
        if not path.exists():
            continue
        try:
            if python_facts(str(path))["version"].startswith(version + "."):
                return str(path)
        except AbsentError:
            continue
    raise AbsentError(f"no working python{version} here")
