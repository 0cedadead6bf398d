"""Cuts connections that are kept for too long. In: connections at work. Out: their sockets closed after the limit.

A server that hangs answers nothing, while its kernel confirms all that arrives: no timeout of the network or of the
server ends that wait. Never: a thread that waits for such a server for ever.
"""

import socket
import threading
import time
from contextlib import suppress
from typing import Any

LOOK_S = 0.5


class Watchdog:
    """Watches the connections of one pool; its thread begins with the first one."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._until: dict[int, tuple[Any, float]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, connection: Any) -> None:
        """Someone works with a connection from now on."""
        with self._lock:
            self._until[id(connection)] = (connection, time.monotonic() + self._limit_s)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
                self._thread.start()

    def end(self, connection: Any) -> None:
        """Nobody works with it any more."""
        with self._lock:
            self._until.pop(id(connection), None)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_S)
            now = time.monotonic()
            with self._lock:
                over = [key for key, (_, until) in self._until.items() if until < now]
                for key in over:
                    _cut(self._until.pop(key)[0])


def _cut(connection: Any) -> None:
    """Close the socket's both directions: whoever waits at it is told that the server closed the connection."""
    with suppress(Exception), socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as known:
        known.shutdown(socket.SHUT_RDWR)
