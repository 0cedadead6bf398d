"""The one place where the agent waits: for events of its sources, for the system, for news of the uploader, for a time.

In: descriptors and a time-out. Out: the reasons to go on. Never: a wake-up without a cause.
What a system wakes with is its bell: `waiting_unix` and `waiting_windows` have one each.
"""

import sys
from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

if sys.platform == "win32":
    from planwhy_agent.system.waiting_windows import Bell
else:
    from planwhy_agent.system.waiting_unix import Bell

_News = TypeVar("_News")


class Waiting(Generic[_News]):
    """A bell that the system and the uploader ring, waited on together with the sources.

    What to wait on is said anew each time: a descriptor that was closed and opened again is a new one. On Windows
    descriptors are handles that can be waited on.
    """

    def __init__(self) -> None:
        self._bell = Bell(self._on_stop, self._on_nudge)
        self._news: deque[_News] = deque()
        self.stopped = False
        self.nudged = False

    def take_signals(self) -> None:
        """From now on the system's wish to end stops, and `instance_lock.nudge` nudges. Only for the main thread."""
        self._bell.take_signals()

    def post(self, news: _News) -> None:
        """Pass news from another thread."""
        self._news.append(news)
        self.wake()

    def wake(self) -> None:
        """End the current wait."""
        self._bell.ring()

    def until(self, timeout_s: float, filenos: Iterable[int]) -> list[_News]:
        """Wait for any event, at most so long; returns the news."""
        self._bell.wait(timeout_s, filenos)
        return [self._news.popleft() for _ in range(len(self._news))]

    def close(self) -> None:
        """Let go of the bell; signals fall back to what they do by themselves."""
        self._bell.close()

    def _on_stop(self) -> None:
        self.stopped = True

    def _on_nudge(self) -> None:
        self.nudged = True
