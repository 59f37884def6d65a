"""Build the extension module memwell._memwell; everything else about the package is in pyproject.toml.

One wheel serves CPython 3.11 and later: the extension uses the stable ABI only. The C sources are listed in core/sources.txt
and bindings/python/sources.txt, which CMake reads as well.

SPDX-License-Identifier: MIT
"""

import re
import sysconfig
from pathlib import Path

from setuptools import Extension, setup

ROOT = Path(__file__).resolve().parent


def sources(listing: str) -> list[str]:
    """The paths in a source list, relative to the root, without its comments."""
    lines = (ROOT / listing).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def headers() -> list[str]:
    """What a rebuild depends on besides the sources."""
    return sorted(str(path.relative_to(ROOT)) for top in ("core", "bindings/python") for path in (ROOT / top).rglob("*.h"))


def version() -> str:
    """The one version number of the project."""
    text = (ROOT / "core/include/memwell/version.h").read_text(encoding="utf-8")
    found = re.search(r'#define MW_VERSION "([^"]+)"', text)
    if found is None:
        raise SystemExit("setup.py: core/include/memwell/version.h has no MW_VERSION")
    return found.group(1)


if sysconfig.get_config_var("Py_GIL_DISABLED"):
    raise SystemExit("memwell: free-threaded builds of CPython are not supported yet; use the ordinary build")

setup(
    version=version(),
    ext_modules=[
        Extension(
            "memwell._memwell",
            sources=sources("bindings/python/sources.txt") + sources("core/sources.txt"),
            depends=headers(),
            include_dirs=["core/include", "core/src", "bindings/python/src"],
            define_macros=[("Py_LIMITED_API", "0x030B0000"), ("MW_EMBEDDED", "1")],
            py_limited_api=True,
            # Link-time optimisation takes the call into the core out of view[i], which is a seventh of its time.
            extra_compile_args=["-std=c11", "-fvisibility=hidden", "-pthread", "-flto"],
            extra_link_args=["-pthread", "-flto"],
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
