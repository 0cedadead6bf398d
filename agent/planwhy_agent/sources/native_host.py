"""The small process that a browser starts to reach the agent.

In: the extension's messages on standard input. Out: the same messages on the agent's Unix socket, and the agent's
on standard output. Never: a message kept. While the agent is away messages are counted and let go; once it is
back, the extension is asked for its present state. It lives exactly as long as the browser holds its end. An extension
that sends too much loses its port; the next one is not read from before a pause is over, and stands there meanwhile.
"""

import json
import os
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from planwhy_agent.sources.flood import Bucket, Flooded, KeptPauses
from planwhy_agent.sources.frames import Frames, FrameTooLong, framed

SOCKET_NAME = "browser.sock"
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 5.0
SEND_S = 5.0
CHUNK_BYTES = 64 << 10
LOOK_S = 5.0
"""How often to see whether the browser lives while nothing of it is read."""


class Relay:
    """Two pipes to the browser and, where the agent runs, one socket to it."""

    def __init__(self, from_browser: int, to_browser: int, path: Path, browser_pid: int) -> None:
        """Take the browser's descriptors, the agent's socket, and the browser's process id."""
        self._from_browser, self._to_browser = from_browser, to_browser
        self._path, self._browser_pid = path, browser_pid
        self._selector = selectors.DefaultSelector()
        self._pauses, self._bucket = KeptPauses(path.parent), Bucket(time.monotonic())
        self._listens_at = time.monotonic() + self._pauses.wait_s(browser_pid)
        self._listening = False
        self._incoming, self._outgoing = Frames(), Frames()
        self._agent: socket.socket | None = None
        self._dropped = 0
        self._wait_s, self._next_try = FIRST_WAIT_S, 0.0

    def run(self) -> None:
        """Relay until the browser closes its end. Raises FrameTooLong, Flooded, BrokenPipeError."""
        while self._listening or os.getppid() == self._browser_pid:
            self._connect_when_due()
            self._listen_when_due()
            for key, _ in self._selector.select(self._patience()):
                if key.fd != self._from_browser:
                    self._hear_agent()
                elif not self._hear_browser():
                    return

    def give_up(self) -> None:
        """The extension sent what cannot be relayed: tell the agent, and pause before the next port is read from."""
        self._pauses.strike(self._browser_pid)
        self._send_agent(b'{"type":"flood"}')

    def _patience(self) -> float | None:
        """Seconds to wait for news: for ever while the agent is connected and no pause is on."""
        now = time.monotonic()
        waits = [] if self._agent else [self._next_try - now]
        if not self._listening:
            waits.append(min(LOOK_S, self._listens_at - now))
        return max(0.0, min(waits)) if waits else None

    def _listen_when_due(self) -> None:
        """Begin to read what the extension says, once the pause is over."""
        if not self._listening and time.monotonic() >= self._listens_at:
            self._selector.register(self._from_browser, selectors.EVENT_READ)
            self._listening = True

    def _connect_when_due(self) -> None:
        """Try to reach the agent; on success say who we are and have the extension tell its state again."""
        if self._agent or time.monotonic() < self._next_try:
            return
        agent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        agent.settimeout(SEND_S)
        try:
            agent.connect(str(self._path))
        except OSError:
            agent.close()
            self._next_try = time.monotonic() + self._wait_s
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
            return
        self._agent, self._wait_s, self._outgoing = agent, FIRST_WAIT_S, Frames()
        self._selector.register(agent, selectors.EVENT_READ)
        self._introduce()

    def _introduce(self) -> None:
        """Tell the agent which browser this is and how much it missed, and ask the extension for its state."""
        hello = {"type": "host", "browser_pid": self._browser_pid, "dropped": self._dropped}
        self._dropped = 0
        self._send_agent(json.dumps(hello).encode())
        self._send_browser(b'{"type":"ask"}')

    def _hear_browser(self) -> bool:
        """Pass on what the extension says; False at the end. Raises FrameTooLong, Flooded."""
        data = os.read(self._from_browser, CHUNK_BYTES)
        messages = self._incoming.feed(data)
        if not self._bucket.take(max(1, len(messages)), time.monotonic()):
            raise Flooded
        for message in messages:
            self._send_agent(message)
        return bool(data)

    def _hear_agent(self) -> None:
        """Pass on what the agent says; let go of it at its end."""
        if self._agent is None:
            return
        try:
            data = self._agent.recv(CHUNK_BYTES)
            messages = self._outgoing.feed(data)
        except (OSError, FrameTooLong):
            data, messages = b"", []
        for message in messages:
            self._send_browser(message)
        if not data:
            self._lose_agent()

    def _send_agent(self, message: bytes) -> None:
        """Send one message to the agent, or count it as dropped."""
        if self._agent is None:
            self._dropped += 1
            return
        try:
            self._agent.sendall(framed(message))
        except OSError:
            self._dropped += 1
            self._lose_agent()

    def _lose_agent(self) -> None:
        """Close the socket; the next try comes after a pause."""
        if self._agent is not None:
            self._selector.unregister(self._agent)
            self._agent.close()
        self._agent = None
        self._next_try = time.monotonic() + self._wait_s

    def _send_browser(self, message: bytes) -> None:
        """Write one whole message to the extension."""
        rest = framed(message)
        while rest:
            rest = rest[os.write(self._to_browser, rest) :]


def main(arguments: Sequence[str] | None = None) -> int:
    """Relay between the browser that started us and the agent, whose runtime folder is the first argument.

    Gives 0 when the browser closed its end, 1 when it sent what cannot be relayed, 2 without a folder.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if not given:
        sys.stderr.write("native host: the agent's runtime folder is missing\n")
        return 2
    relay = Relay(0, 1, Path(given[0]) / SOCKET_NAME, os.getppid())
    try:
        relay.run()
    except (FrameTooLong, Flooded, BrokenPipeError) as error:
        sys.stderr.write(f"native host: {type(error).__name__}\n")
        if not isinstance(error, BrokenPipeError):
            relay.give_up()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
