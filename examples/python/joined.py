"""Start two programs that share a Unix socket, as a shell starts two that share a pipe.

    joined.py PROGRAM [ARGUMENT ...] -- PROGRAM [ARGUMENT ...]

Each has its end as descriptor 3. The exit status is 0 if both ended well.
"""

# SPDX-License-Identifier: MIT
import socket
import subprocess
import sys


def start(command: list[str], end: socket.socket) -> "subprocess.Popen[bytes]":
    """The shell puts the socket where the program looks for it."""
    shell = ["sh", "-c", f'exec "$@" 3<&{end.fileno()}', "sh"]
    return subprocess.Popen([*shell, *command], pass_fds=(end.fileno(),))


def main() -> None:
    arguments = sys.argv[1:]
    if "--" not in arguments[1:-1]:
        sys.exit("usage: joined.py PROGRAM [ARGUMENT ...] -- PROGRAM [ARGUMENT ...]")
    middle = arguments.index("--")
    one, other = socket.socketpair()
    with one, other:
        programs = [start(arguments[:middle], one), start(arguments[middle + 1 :], other)]
    statuses = [program.wait() for program in programs]
    sys.exit(1 if any(statuses) else 0)


if __name__ == "__main__":
    main()
