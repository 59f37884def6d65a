"""Lost pages: a file that was cut under numpy, memoryview and views is an error and not a death, whatever else handles SIGBUS.

Each program runs in a process of its own, so that a death is a failure of one test.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from memwell import FaultError, Region

SIZE = 64 * 4096

PREAMBLE = f"""
import os
import sys
import memwell

SIZE = {SIZE}
path = sys.argv[1]

def mapped(**options):
    return memwell.Region.file(path, "r+", size=SIZE, **options)

def cut(size=4096):
    os.truncate(path, size)

def is_lost(call):
    try:
        call()
    except memwell.FaultError:
        return True
    return False
"""


def run(program: str, path: Path) -> subprocess.CompletedProcess[str]:
    path.write_bytes(b"\1" * SIZE)
    source = PREAMBLE + textwrap.dedent(program)
    return subprocess.run([sys.executable, "-c", source, str(path)], capture_output=True, text=True, check=False)


def survives(program: str, path: Path) -> None:
    done = run(program, path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


# Who reads and writes -----------------------------------------------------------------------------------------------------------


def test_numpy(path: Path) -> None:
    survives(
        """
        import numpy
        region = mapped()
        array = numpy.asarray(region.view("uint8"))
        cut()
        assert array.sum() == 4096             # zeros where the file was
        array[:] = 7
        assert array.sum() == 7 * SIZE
        assert is_lost(region.check) and is_lost(lambda: region.read(0, 1)) and is_lost(lambda: region.view())
        region.close()
        assert array[-1] == 7
        assert os.path.getsize(path) == 4096
        """,
        path,
    )


def test_dlpack(path: Path) -> None:
    survives(
        """
        import numpy
        region = mapped()
        array = numpy.from_dlpack(region.view("int32"))
        cut(0)
        assert not array.any()
        assert is_lost(lambda: region.view("int32").__dlpack__())
        region.close()
        """,
        path,
    )


def test_memoryview(path: Path) -> None:
    survives(
        """
        region = mapped()
        memory = memoryview(region)
        cut()
        assert bytes(memory) == b"\\1" * 4096 + bytes(SIZE - 4096)
        memory[SIZE - 1] = 5
        assert memory[SIZE - 1] == 5
        assert is_lost(lambda: memoryview(region)) and is_lost(lambda: region[0])
        memory.release()
        region.close()
        """,
        path,
    )


USES = [
    "view.sum()",
    "view.max()",
    "view.tolist()",
    "view.tobytes()",
    "view.fill(3)",
    "view.copy_from([1] * len(view))",
    "view.index(77)",
    "view.count(0)",
    "view.take([1, 5000])",
    "view.atomic_load(5000)",
    "view.atomic_add(5000)",
    "view.wait(5000, 0, 1)",
    "view == memoryview(b'\\1' * SIZE).cast('i')",
    "region.read(0, SIZE)",
    "region.write(b'x', SIZE - 1)",
    "region.fill(9)",
    "bytes(region)",
]


@pytest.mark.parametrize("use", USES)
def test_calls_that_touch_a_lost_page_say_so(use: str, path: Path) -> None:
    survives(f"region = mapped()\nview = region.view('int32')\ncut()\nassert is_lost(lambda: {use})\nregion.close()", path)


@pytest.mark.parametrize(
    "use", ["view[5000]", "view.__setitem__(5000, 1)", "region[SIZE - 1]", "region.__setitem__(SIZE - 1, 1)", "list(view)"]
)
def test_single_elements_say_so_at_the_next_call_at_the_latest(use: str, path: Path) -> None:
    program = f"""
        region = mapped()
        view = region.view("int32")
        cut()
        is_lost(lambda: {use})
        assert is_lost(lambda: view[0]) and is_lost(lambda: view.__setitem__(0, 1)) and is_lost(region.check)
        region.close()
    """
    survives(program, path)


def test_a_file_that_grew_again_is_lost_all_the_same(path: Path) -> None:
    survives(
        """
        region = mapped()
        view = region.view()
        cut(0)
        assert is_lost(view.sum)
        cut(SIZE)
        assert is_lost(view.sum)
        region.close()
        """,
        path,
    )


def test_in_this_process(path: Path) -> None:
    """Under pytest, whose faulthandler was there before us."""
    path.write_bytes(bytes(SIZE))
    with Region.file(path, "r+") as region:
        memory = memoryview(region)
        path.write_bytes(b"")
        assert not any(memory)
        with pytest.raises(FaultError, match=r"Region\.check") as caught:
            region.check()
        assert str(path) in str(caught.value.filename)
        assert isinstance(caught.value, OSError)
        memory.release()


# Who else handles SIGBUS --------------------------------------------------------------------------------------------------------

LOSE_TWICE = """
for _ in range(2):
    with mapped() as region:
        cut(0)
        assert is_lost(region.view().sum)
"""


@pytest.mark.parametrize("when", ["before", "after", "twice", "never"])
def test_faulthandler(when: str, path: Path) -> None:
    enable = "import faulthandler; faulthandler.enable()\n"
    first, second = {"before": (enable, ""), "after": ("", enable), "twice": (enable, enable), "never": ("", "")}[when]
    done = run(first + "mapped().close()\n" + second + LOSE_TWICE, path)
    assert done.returncode == 0, done.stderr
    if when in ("before", "never"):
        assert done.stderr == ""


FOREIGN = """
import mmap
mapped().close()
with open(path, "r+b") as file:
    memory = mmap.mmap(file.fileno(), SIZE)
cut(0)
memory[0]
"""


def test_a_fault_of_somebody_else_kills(path: Path) -> None:
    done = run(FOREIGN, path)
    assert (done.returncode, done.stderr) == (-signal.SIGBUS, "")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_fault_of_somebody_else_is_faulthandlers(when: str, path: Path) -> None:
    enable = "import faulthandler; faulthandler.enable()\n"
    program = enable + FOREIGN if when == "before" else FOREIGN.replace("cut(0)", enable + "cut(0)")
    done = run(program, path)
    assert done.returncode == -signal.SIGBUS
    assert "Fatal Python error: Bus error" in done.stderr
    assert "most recent call first" in done.stderr


def test_a_handler_of_the_program(path: Path) -> None:
    """One that was there before gets what is sent, and no fault of ours."""
    survives(
        """
        import signal
        seen = []
        signal.signal(signal.SIGBUS, lambda number, frame: seen.append(number))
        region = mapped()
        cut(0)
        assert is_lost(region.view().sum)
        assert seen == []
        os.kill(os.getpid(), signal.SIGBUS)
        assert seen == [signal.SIGBUS]
        region.close()
        """,
        path,
    )


def test_sent_signals_kill_as_ever(path: Path) -> None:
    done = run("import signal\nmapped().close()\nos.kill(os.getpid(), signal.SIGBUS)\nprint('still here')", path)
    assert (done.returncode, done.stdout) == (-signal.SIGBUS, "")


def blocked(use: str, where: str) -> str:
    return f"""
        import signal, threading
        def use(view):
            assert is_lost(lambda: {use})
        def main():
            region = mapped()
            view = region.view("int32")
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGBUS])
            cut()
            {where}
            region.close()
        main()
    """


@pytest.mark.parametrize("use", ["view.sum()", "view.tobytes()", "view.region.read(0, SIZE)"])
def test_blocked_signal(use: str, path: Path) -> None:
    """A fault while SIGBUS is blocked is a death, whoever handles it: calls that touch much unblock it."""
    survives(blocked(use, "use(view)"), path)


@pytest.mark.parametrize("use", ["view.sum()", "view.take([5000])", "view.atomic_load(5000)", "view.region.read(SIZE - 1, 1)"])
def test_blocked_signal_in_a_new_thread(use: str, path: Path) -> None:
    """Every call that copies or counts unblocks it the first time in a thread, however little it touches."""
    where = """failed = []
            threading.excepthook = failed.append
            thread = threading.Thread(target=use, args=(view,))
            thread.start()
            thread.join()
            assert not failed, failed"""
    survives(blocked(use, where), path)


# Threads, children, interpreters ------------------------------------------------------------------------------------------------


def test_eight_threads(path: Path) -> None:
    survives(
        """
        import threading
        for _ in range(20):
            os.truncate(path, SIZE)
            with mapped() as region:
                memory = memoryview(region)
                start = threading.Barrier(9)
                lost = []
                def touch(first):
                    start.wait()
                    for place in range(first * 4096, SIZE, 8 * 4096):
                        memory[place]
                    lost.append(is_lost(region.check))
                threads = [threading.Thread(target=touch, args=(first,)) for first in range(8)]
                for thread in threads:
                    thread.start()
                cut(0)
                start.wait()
                for thread in threads:
                    thread.join()
                assert lost == [True] * 8
                memory.release()
        """,
        path,
    )


def test_fork(path: Path) -> None:
    survives(
        """
        region = mapped()
        view = region.view()
        cut(0)
        child = os.fork()
        if child == 0:
            os._exit(0 if is_lost(view.sum) and is_lost(region.check) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert is_lost(view.sum)
        region.close()
        """,
        path,
    )


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_fresh_children(method: str, path: Path) -> None:
    program = f"""
        import multiprocessing, pickle, threading
        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            with mapped() as region:
                lost, cutting = context.Event(), context.Event()
                child = context.Process(target=memwell_guard_child.look, args=(region, lost, cutting))
                child.start()
                assert cutting.wait(60)
                cut(0)
                lost.set()
                child.join(60)
                assert child.exitcode == 0
    """
    folder = path.parent
    (folder / "memwell_guard_child.py").write_text(
        "import memwell\n\ndef look(region, lost, cutting):\n"
        "    view = region.view()\n    cutting.set()\n    assert lost.wait(60)\n"
        "    try:\n        view.sum()\n    except memwell.FaultError:\n        return\n    raise SystemExit(3)\n"
    )
    survives(f"import sys\nsys.path.insert(0, {str(folder)!r})\nimport memwell_guard_child\n" + textwrap.dedent(program), path)


def test_sub_interpreters(path: Path) -> None:
    survives(
        """
        if sys.version_info >= (3, 13):
            import _interpreters as api
        else:
            import _xxsubinterpreters as api
        region = mapped()
        numbers = [api.create() for _ in range(4)]
        program = f'''
        import memwell, os
        with memwell.Region.file({path!r}, "r+", size={SIZE}) as region:
            view = region.view()
            os.truncate({path!r}, 0)
            try:
                view.sum()
            except memwell.FaultError:
                pass
            else:
                raise AssertionError("no FaultError")
        '''
        import textwrap
        for number in numbers:
            if sys.version_info >= (3, 13):
                assert api.exec(number, textwrap.dedent(program)) is None
            else:
                api.run_string(number, textwrap.dedent(program))
            os.truncate(path, 0)
            os.truncate(path, SIZE)
        for number in numbers:
            api.destroy(number)
        cut(0)
        assert is_lost(region.view().sum)
        region.close()
        """,
        path,
    )


# Without it ---------------------------------------------------------------------------------------------------------------------


def test_without_a_guard(path: Path) -> None:
    done = run("region = mapped(guard=False)\ncut(0)\nregion.view().sum()", path)
    assert (done.returncode, done.stderr) == (-signal.SIGBUS, "")


def test_to_be_aborted(path: Path) -> None:
    done = run("region = mapped(on_fault='abort')\ncut(0)\nregion.view().sum()", path)
    assert done.returncode == -signal.SIGBUS
    assert 'on_fault is "abort"' in done.stderr


def test_guarded_beside_unguarded(path: Path) -> None:
    survives(
        """
        unguarded, region = mapped(guard=False), mapped()
        cut(0)
        assert is_lost(region.view().sum)
        unguarded.close()
        region.close()
        """,
        path,
    )
