"""Real windows on a Windows desktop, made by programs of their own.

with windows_program() as program:
    window = program("open", "a title")     # any verb of windows_child.Program
    program("front", window)
"""

import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("windows_child.py")
WAIT_S = 15.0


class Program:
    """A running program; calling it tells it what to do and gives back what it answers."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process, self.pid = process, process.pid

    def __call__(self, verb: str, *arguments: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([verb, *arguments]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def front(self, title: str) -> int:
        """Open a window and bring it to the front."""
        return self.bring(int(self("open", title)))

    def bring(self, window: int) -> int:
        """Bring a window to the front, until it is there: window managers change their minds once in a while."""
        return int(wait_for(lambda: (self("front", window), self("is_front", window))[1] and window))


@contextlib.contextmanager
def windows_program(executable: str = sys.executable) -> Iterator[Program]:
    """Start a program that opens windows; it ends with the block, as do its windows."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([executable, str(CHILD)], stdin=pipe, stdout=pipe, text=True, encoding="utf-8")
    try:
        yield Program(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=WAIT_S)


def named_copy(name: str) -> Path:
    """Make the interpreter available under another program name, beside itself; the caller removes it."""
    copy = Path(sys.executable).with_name(name)
    shutil.copyfile(sys.executable, copy)
    return copy


def wait_for(check: Callable[[], Any], within_s: float = WAIT_S) -> Any:
    """Wait until the check gives something true, and give that back."""
    end = time.monotonic() + within_s
    while not (found := check()):
        assert time.monotonic() < end, f"did not happen within {within_s} s"
        time.sleep(0.02)
    return found
