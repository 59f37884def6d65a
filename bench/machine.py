"""The facts about the machine and the programs that a figure is worth nothing without.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import toolchain
from contest import AbsentError


def first_match(path: str, pattern: str, otherwise: str) -> str:
    try:
        match = re.search(pattern, Path(path).read_text(), re.M)
    except OSError:
        match = None
    return match[1].strip() if match else otherwise


def said_by(*command: str) -> str:
    try:
        return toolchain.run(list(command)).split("\n")[0].strip()
    except AbsentError:
        return "none"


def package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def facts(python: str) -> dict[str, str]:
    """What there is here, by what it is."""
    virtual = " (virtual machine)" if re.search(r"^flags.*\bhypervisor\b", Path("/proc/cpuinfo").read_text(), re.M) else ""
    try:
        other_python = toolchain.python_facts(toolchain.find_python("3.13"))["version"]
    except AbsentError:
        other_python = "none"
    return {
        "processor": first_match("/proc/cpuinfo", r"^model name\s*:(.*)$", platform.machine()) + virtual,
        "processors": str(len(os.sched_getaffinity(0))),
        "governor": first_match("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", r"(.*)", "none to see"),
        "kernel": f"{platform.system()} {re.sub(r'-.*', '', platform.release())}",
        "libc": " ".join(platform.libc_ver()),
        "compiler": said_by(toolchain.compiler(), "--version"),
        "python": toolchain.python_facts(python)["version"],
        "python 3.13": other_python,
        "lua": re.sub(r"^Lua (\S+).*", r"\1", said_by("lua5.4", "-v")),
        "luajit": re.sub(r"^LuaJIT (\S+).*", r"\1", said_by("luajit", "-v")),
        "memwell": package("memwell"),
        "numpy": package("numpy"),
        "posix_ipc": package("posix_ipc"),
        "sysv_ipc": package("sysv_ipc"),
        "pyzmq": package("pyzmq"),
        "iceoryx2": package("iceoryx2"),
        "UltraDict": package("UltraDict"),
        "boost": first_match("/usr/include/boost/version.hpp", r'^#define BOOST_LIB_VERSION "(.*)"', "none").replace("_", "."),
    }


def load() -> str:
    """How many processes wanted a processor in the last minute."""
    return f"{os.getloadavg()[0]:.2f}"
