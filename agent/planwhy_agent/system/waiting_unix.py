"""What rings while the agent waits on Unix: a pipe, which signals write to as well.

In: descriptors and a time-out. Out: that something happened. Never: a signal lost between two waits.
"""

import contextlib
import os
import select
import signal
import sys
from collections.abc import Callable, Iterable
from types import FrameType

assert sys.platform != "win32"  # noqa: S101  for the type checker: what follows exists on Unix only

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Bell:
    """A pipe that other threads and signals write to."""

    def __init__(self, on_stop: Callable[[], None], on_nudge: Callable[[], None]) -> None:
        """Take what to call when the system wants an end, and when files are to be looked at again."""
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._stop, self._nudge = on_stop, on_nudge

    def take_signals(self) -> None:
        """From now on SIGTERM, SIGINT and SIGHUP stop, SIGUSR1 nudges. Only for the main thread."""
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in STOPS:
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGUSR1, self._on_nudge)

    def ring(self) -> None:
        """End the current wait."""
        with contextlib.suppress(OSError):  # a full pipe wakes as well
            os.write(self._write, b"\0")

    def wait(self, timeout_s: float, filenos: Iterable[int]) -> None:
        """Wait for any event, at most so long."""
        poll = select.poll()
        for descriptor in {self._read, *filenos}:
            poll.register(descriptor, select.POLLIN)
        if self._read in dict(poll.poll(max(1, round(1000 * timeout_s)))):
            self._drain()

    def close(self) -> None:
        """Let go of the pipe; signals fall back to what they do by themselves."""
        with contextlib.suppress(ValueError):  # not in the main thread, where signals were never taken
            signal.set_wakeup_fd(-1)
            for number in (*STOPS, signal.SIGUSR1):
                if signal.getsignal(number) in (self._on_stop, self._on_nudge):
                    signal.signal(number, signal.SIG_IGN if number == signal.SIGUSR1 else signal.SIG_DFL)
        os.close(self._read)
        os.close(self._write)

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read, 4096):
                pass

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop()

    def _on_nudge(self, _number: int, _frame: FrameType | None) -> None:
        self._nudge()
