"""The one place where the agent waits: for events of its sources, for signals, for news of the uploader, for a time.

In: descriptors and a time-out. Out: the reasons to go on. Never: a wake-up without a cause.
"""

import contextlib
import os
import select
import signal
from collections import deque
from collections.abc import Iterable
from types import FrameType
from typing import Generic, TypeVar

_News = TypeVar("_News")


class Waiting(Generic[_News]):
    """A pipe that signals and the uploader write to, waited on together with the sources.

    What to wait on is said anew each time: a descriptor that was closed and opened again is a new one.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._news: deque[_News] = deque()
        self.stopped = False
        self.nudged = False

    def take_signals(self) -> None:
        """From now on SIGTERM, SIGINT and SIGHUP stop, SIGUSR1 nudges. Only for the main thread."""
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGUSR1, self._on_nudge)

    def post(self, news: _News) -> None:
        """Pass news from another thread."""
        self._news.append(news)
        self.wake()

    def wake(self) -> None:
        """End the current wait."""
        with contextlib.suppress(OSError):  # a full pipe wakes as well
            os.write(self._write, b"\0")

    def until(self, timeout_s: float, filenos: Iterable[int]) -> list[_News]:
        """Wait for any event, at most so long; returns the news."""
        poll = select.poll()
        for descriptor in {self._read, *filenos}:
            poll.register(descriptor, select.POLLIN)
        if self._read in dict(poll.poll(max(1, round(1000 * timeout_s)))):
            self._drain()
        return [self._news.popleft() for _ in range(len(self._news))]

    def close(self) -> None:
        """Let go of the pipe; signals fall back to what they do by themselves."""
        with contextlib.suppress(ValueError):  # not in the main thread, where signals were never taken
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
                if signal.getsignal(number) in (self._on_stop, self._on_nudge):
                    signal.signal(number, signal.SIG_IGN if number == signal.SIGUSR1 else signal.SIG_DFL)
        os.close(self._read)
        os.close(self._write)

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read, 4096):
                pass

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopped = True

    def _on_nudge(self, _number: int, _frame: FrameType | None) -> None:
        self.nudged = True
