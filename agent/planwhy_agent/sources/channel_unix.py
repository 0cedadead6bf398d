"""Unix sockets between native hosts and the agent, in a folder that only their user may enter.

In: the folder. Out: a listener, links. Never: a socket taken from an agent that lives.
"""

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from planwhy_agent.sources.base import SourceLost

assert sys.platform != "win32"  # noqa: S101  for the type checker: what follows exists on Unix only

SOCKET_NAME = "browser.sock"


class SocketLink:
    """A connected socket."""

    def __init__(self, link: socket.socket) -> None:
        """Take a socket; whether its calls wait is up to whoever made it."""
        self._link = link

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._link.fileno()

    def receive(self, size: int) -> bytes | None:
        """What has come; None where nothing has, nothing at the end."""
        try:
            return self._link.recv(size)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return b""

    def send(self, data: bytes) -> None:
        """Pass all of it on. Raises OSError."""
        self._link.sendall(data)

    def close(self) -> None:
        """Close the socket."""
        self._link.close()


class SocketListener:
    """A listening socket and its name."""

    def __init__(self, listener: socket.socket, path: Path) -> None:
        """Take a socket that listens."""
        self._listener, self._path = listener, path

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._listener.fileno()

    def accept(self) -> SocketLink | None:
        """A new connection, whose calls do not wait; None where there is none now."""
        try:
            link, _ = self._listener.accept()
        except OSError:
            return None
        link.setblocking(False)
        return SocketLink(link)

    def close(self) -> None:
        """Close the socket and take its name away."""
        self._listener.close()
        self._path.unlink(missing_ok=True)


def listen(runtime_dir: Path, backlog: int) -> SocketListener:
    """Listen in the folder, which becomes the owner's alone. Raises SourceLost where another agent listens."""
    runtime_dir.mkdir(parents=True, exist_ok=True)
    runtime_dir.chmod(0o700)
    path = runtime_dir / SOCKET_NAME
    if _answers(path):
        raise SourceLost("another agent of this user listens for browsers already")
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise SourceLost(f"cannot listen for browsers: {error.strerror or error}") from error
    path.chmod(0o600)
    listener.listen(backlog)
    listener.setblocking(False)
    return SocketListener(listener, path)


def connect(runtime_dir: Path, patience_s: float) -> SocketLink:
    """Reach the agent's socket. Raises OSError."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(patience_s)
    try:
        link.connect(str(runtime_dir / SOCKET_NAME))
    except OSError:
        link.close()
        raise
    return SocketLink(link)


def _answers(path: Path) -> bool:
    """Whether a live process listens on the socket; one that a dead agent left behind does not count."""
    if not path.exists():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        with suppress(OSError):
            probe.connect(os.fspath(path))
            return True
    return False
