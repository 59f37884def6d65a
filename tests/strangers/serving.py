"""How a program of the tests serves requests: a line of words comes in, a line goes out. Main entry: serve.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Mapping

Request = Callable[..., object]


def serve(requests: Mapping[str, Request]) -> None:
    """Answer every line of the input: "ok" and what the request returned, or "error", the errno and what is wrong."""
    for line in sys.stdin:
        verb, *arguments = line.split()
        print(*answer(requests[verb], arguments), flush=True)


def answer(request: Request, arguments: list[str]) -> tuple[object, ...]:
    try:
        result = request(*arguments)
    except OSError as error:
        return "error", error.errno, error
    except Exception as error:
        return "error", errno.EOVERFLOW if isinstance(error, OverflowError) else 0, type(error).__name__, error
    return ("ok",) if result is None else ("ok", result)
