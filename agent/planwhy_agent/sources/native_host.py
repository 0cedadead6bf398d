"""The small process that a browser starts to reach the agent.

In: the extension's messages on standard input. Out: the same messages on the agent's channel, and the agent's on
standard output. Never: a message kept. While the agent is away messages are counted and let go; once it is
back, the extension is asked for its present state. It lives exactly as long as the browser holds its end. An extension
that sends too much loses its port; the next one is not read from before a pause is over, and stands there meanwhile.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from planwhy_agent.sources.channel import Link, connect
from planwhy_agent.sources.flood import Bucket, Flooded, KeptPauses
from planwhy_agent.sources.frames import Frames, FrameTooLong, framed

if sys.platform == "win32":
    from planwhy_agent.sources.native_host_windows import Browser, Events
else:
    from planwhy_agent.sources.native_host_unix import Browser, Events

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 5.0
SEND_S = 5.0
CHUNK_BYTES = 64 << 10
LOOK_S = 5.0
"""How often to see whether the browser lives while nothing of it is read."""


class Relay:
    """Two pipes to the browser and, where the agent runs, one link to it."""

    def __init__(self, browser: Browser, runtime_dir: Path) -> None:
        """Take the browser, and the folder by which the agent is found."""
        self._browser, self._folder, self._events = browser, runtime_dir, Events()
        self._pauses, self._bucket = KeptPauses(runtime_dir), Bucket(time.monotonic())
        self._listens_at = time.monotonic() + self._pauses.wait_s(browser.pid)
        self._listening = False
        self._incoming, self._outgoing = Frames(), Frames()
        self._agent: Link | None = None
        self._dropped = 0
        self._wait_s, self._next_try = FIRST_WAIT_S, 0.0

    def run(self) -> None:
        """Relay until the browser closes its end. Raises FrameTooLong, Flooded, BrokenPipeError."""
        while self._listening or self._browser.lives():
            self._connect_when_due()
            self._listen_when_due()
            for source in self._events.among(self._patience()):
                if source is not self._browser:
                    self._hear_agent()
                elif not self._hear_browser():
                    return

    def give_up(self) -> None:
        """The extension sent what cannot be relayed: tell the agent, and pause before the next port is read from."""
        self._pauses.strike(self._browser.pid)
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
            self._events.add(self._browser)
            self._listening = True

    def _connect_when_due(self) -> None:
        """Try to reach the agent; on success say who we are and have the extension tell its state again."""
        if self._agent or time.monotonic() < self._next_try:
            return
        try:
            agent = connect(self._folder, SEND_S)
        except OSError:
            self._next_try = time.monotonic() + self._wait_s
            self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)
            return
        self._agent, self._wait_s, self._outgoing = agent, FIRST_WAIT_S, Frames()
        self._events.add(agent)
        self._introduce()

    def _introduce(self) -> None:
        """Tell the agent which browser this is and how much it missed, and ask the extension for its state."""
        hello = {"type": "host", "browser_pid": self._browser.pid, "dropped": self._dropped}
        self._dropped = 0
        self._send_agent(json.dumps(hello).encode())
        self._send_browser(b'{"type":"ask"}')

    def _hear_browser(self) -> bool:
        """Pass on what the extension says; False at the end. Raises FrameTooLong, Flooded."""
        data = self._browser.read(CHUNK_BYTES)
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
            data = self._agent.receive(CHUNK_BYTES)
            messages = self._outgoing.feed(data or b"")
        except FrameTooLong:
            data, messages = b"", []
        for message in messages:
            self._send_browser(message)
        if data == b"":
            self._lose_agent()

    def _send_agent(self, message: bytes) -> None:
        """Send one message to the agent, or count it as dropped."""
        if self._agent is None:
            self._dropped += 1
            return
        try:
            self._agent.send(framed(message))
        except OSError:
            self._dropped += 1
            self._lose_agent()

    def _lose_agent(self) -> None:
        """Close the link; the next try comes after a pause."""
        if self._agent is not None:
            self._events.drop(self._agent)
            self._agent.close()
        self._agent = None
        self._next_try = time.monotonic() + self._wait_s

    def _send_browser(self, message: bytes) -> None:
        """Write one whole message to the extension."""
        self._browser.write(framed(message))


def main(arguments: Sequence[str] | None = None) -> int:
    """Relay between the browser that started us and the agent, whose runtime folder is the first argument.

    Gives 0 when the browser closed its end, 1 when it sent what cannot be relayed, 2 without a folder.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if not given:
        sys.stderr.write("native host: the agent's runtime folder is missing\n")
        return 2
    relay = Relay(Browser(), Path(given[0]))
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
