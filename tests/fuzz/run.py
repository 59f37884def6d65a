"""Builds the fuzz targets and runs them on the kept corpus and on what they make of it.

    .venv/bin/python tests/fuzz/run.py --seconds 15              every target for so long
    .venv/bin/python tests/fuzz/run.py --runs 1000000 calls      one target, so many executions
    .venv/bin/python tests/fuzz/run.py --keep                    put what earlier runs have found into tests/fuzz/corpus

New inputs are collected under build/fuzz/corpus. A finding ends the run; its input is kept under build/fuzz/findings, and the line
to run it again is shown.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "fuzz"
KEPT = ROOT / "tests" / "fuzz" / "corpus"
FINDINGS = BUILD / "findings"
TARGETS = ("calls", "message", "parse", "semaphore", "well", "well_flipper")
LIMITS = ("-max_len=400", "-timeout=30", "-rss_limit_mb=2560")
"""A test case is short, ends soon, and needs little memory; more is a finding too."""

CONFIGURED = {
    "CMAKE_C_COMPILER": "clang",
    "CMAKE_BUILD_TYPE": "RelWithDebInfo",
    "MEMWELL_WERROR": "ON",
    "MEMWELL_TESTS": "OFF",
    "MEMWELL_EXAMPLES": "OFF",
    "MEMWELL_LUA": "OFF",
    "MEMWELL_FUZZ": "ON",
    "MEMWELL_SANITIZE": "fuzzer-no-link,address,undefined",
}


def build(targets: list[str]) -> None:
    """Build the targets; show what the build says only if it fails."""
    configure = [
        "cmake",
        "-S",
        str(ROOT),
        "-B",
        str(BUILD),
        "-G",
        "Ninja",
        *(f"-D{key}={value}" for key, value in CONFIGURED.items()),
    ]
    compile_them = ["cmake", "--build", str(BUILD), "--target", *(f"fuzz_{target}" for target in targets)]
    for command in (configure, compile_them):
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if result.returncode:
            sys.exit(f"{result.stdout}\nfuzz: could not build: {' '.join(command)}")


def program(target: str) -> str:
    return str(BUILD / "tests" / "fuzz" / f"fuzz_{target}")


def grown_corpus(target: str) -> Path:
    folder = BUILD / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def remove_names(pid: int) -> None:
    """What a target that crashed has left; nothing, where it had a file system of its own."""
    for path in Path("/dev/shm").glob(f"*mw-fuzz-{pid}-*"):
        path.unlink(missing_ok=True)


def run(target: str, bound: str) -> bool:
    """Run one target, and tell in a line what it has done. Whether it found nothing."""
    FINDINGS.mkdir(parents=True, exist_ok=True)
    prefix = f"-artifact_prefix={FINDINGS}/{target}-"
    corpora = [str(grown_corpus(target)), str(KEPT / target)]
    command = [program(target), *corpora, bound, *LIMITS, prefix, "-print_final_stats=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        output = process.communicate()[0]
        remove_names(process.pid)
    executed = re.findall(r"stat::number_of_executed_units:\s*(\d+)", output)
    rate = re.findall(r"stat::average_exec_per_sec:\s*(\d+)", output)
    if process.returncode == 0 and executed:
        print(f"fuzz: {target}: {executed[-1]} executions, {rate[-1]} a second, no finding", flush=True)
        return True
    print(output[-20000:])
    for artifact in re.findall(r"Test unit written to (\S+)", output):
        print(f"fuzz: {target}: a finding; again: {program(target)} {artifact}")
    print(f"fuzz: {target}: exit status {process.returncode}", flush=True)
    return False


def keep(target: str) -> None:
    """Put into the kept corpus as few inputs as reach all of the code that anything has reached."""
    merged = BUILD / "merged" / target
    shutil.rmtree(merged, ignore_errors=True)
    merged.mkdir(parents=True)
    kept = KEPT / target
    kept.mkdir(parents=True, exist_ok=True)
    command = [program(target), "-set_cover_merge=1", "-use_counters=0", *LIMITS, str(merged), str(grown_corpus(target)), str(kept)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(kept)
    shutil.move(merged, kept)
    print(f"fuzz: {target}: {len(os.listdir(kept))} inputs kept")


def main() -> int:
    parser = argparse.ArgumentParser(prog="run.py", description="Run the fuzz targets.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(TARGETS)}; all of them where none is named")
    much = parser.add_mutually_exclusive_group()
    much.add_argument("--seconds", type=int, default=15, help="how long each target runs (15)")
    much.add_argument("--runs", type=int, help="how many executions of each target instead")
    much.add_argument("--keep", action="store_true", help="run nothing; minimise what there is into tests/fuzz/corpus")
    options = parser.parse_args()
    targets = options.targets or list(TARGETS)
    if unknown := set(targets) - set(TARGETS):
        parser.error(f"no target is called {', '.join(unknown)}; the targets are {', '.join(TARGETS)}")
    build(targets)
    if options.keep:
        for target in targets:
            keep(target)
        return 0
    bound = f"-runs={options.runs}" if options.runs else f"-max_total_time={options.seconds}"
    found_nothing = [run(target, bound) for target in targets]
    return 0 if all(found_nothing) else 1


if __name__ == "__main__":
    sys.exit(main())
