"""The way between native hosts and the agent on one machine: nobody but this user can take it.

In: the agent's runtime folder. Out: a listener for the agent, a link for each end. Never: a port, a token, a wait where
`receive` or `accept` is called. Unix has sockets with a name in the folder, Windows pipes with a name made of it.
"""

import sys
from pathlib import Path
from typing import Protocol

if sys.platform == "win32":
    from planwhy_agent.sources import channel_windows as way
else:
    from planwhy_agent.sources import channel_unix as way


class Link(Protocol):
    """One end of a connection."""

    def fileno(self) -> int:
        """What to wait on until `receive` has something; it stays the same."""

    def receive(self, size: int) -> bytes | None:
        """What has come, at most so much; None where nothing has, nothing (`b""`) at the end."""

    def send(self, data: bytes) -> None:
        """Pass all of it on. Raises OSError where it cannot be, or not soon enough."""

    def close(self) -> None:
        """Let go of the connection."""


class Listener(Protocol):
    """The agent's door."""

    def fileno(self) -> int:
        """What to wait on until `accept` has something; it stays the same."""

    def accept(self) -> Link | None:
        """A new connection; None where there is none now."""

    def close(self) -> None:
        """Let nobody in any more."""


def listen(runtime_dir: Path, backlog: int) -> Listener:
    """Let native hosts in. Raises SourceLost where another agent does so, or nobody can."""
    return way.listen(runtime_dir, backlog)


def connect(runtime_dir: Path, patience_s: float) -> Link:
    """Reach the agent; sending may take so long. Raises OSError where no agent of this user listens."""
    return way.connect(runtime_dir, patience_s)
