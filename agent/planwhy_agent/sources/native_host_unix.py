"""The native host's ends on Unix: the browser's two pipes, and what to wait on.

In: descriptors 0 and 1, as the browser gave them. Out: bytes. Never: a frame understood.
"""

import os
import selectors
import sys
from typing import Protocol

assert sys.platform != "win32"  # noqa: S101  for the type checker: what follows exists on Unix only


class Browser:
    """The browser that started this process."""

    def __init__(self) -> None:
        """Take the browser's pipes."""
        self.pid = os.getppid()

    def fileno(self) -> int:
        """What to wait on until there is something to read."""
        return 0

    def read(self, size: int) -> bytes:
        """What the extension says; nothing at the end."""
        return os.read(0, size)

    def write(self, data: bytes) -> None:
        """Tell the extension all of it. Raises BrokenPipeError."""
        while data:
            data = data[os.write(1, data) :]

    def lives(self) -> bool:
        """Whether the browser is still there, for when nothing of it is read."""
        return os.getppid() == self.pid


class _Source(Protocol):
    def fileno(self) -> int: ...


class Events:
    """Sources that are waited on together."""

    def __init__(self) -> None:
        """Start with none."""
        self._selector = selectors.DefaultSelector()

    def add(self, source: _Source) -> None:
        """Wait on this one too."""
        self._selector.register(source, selectors.EVENT_READ)

    def drop(self, source: _Source) -> None:
        """Wait on it no longer."""
        self._selector.unregister(source)

    def among(self, timeout_s: float | None) -> list[object]:
        """Wait, for ever without a time; the sources that have something."""
        return [key.fileobj for key, _ in self._selector.select(timeout_s)]
