"""The tabs that browser extensions report, for the window in front.

In: connections of native hosts on a Unix socket that only this user can reach. Out: the tab to credit.
Never: a tab of a browser that is gone or of a window without the focus; more held than a message per connection.
While a connected browser is in front but says that none of its ordinary windows has the focus, or has said nothing
since it came to the front, the answer is a private tab: no address, and no title either, for the window manager
would show a private window's title. Browsers leave out some changes of focus, therefore they are asked at each.
"""

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
from planwhy_shared import limits

from planwhy_agent.sources.base import OpenSite, SourceLost, Tab, Window
from planwhy_agent.sources.frames import Frames, FrameTooLong, framed
from planwhy_agent.sources.native_host import LONGEST_WAIT_S, SOCKET_NAME
from planwhy_agent.sources.programs import Programs
from planwhy_agent.sources.texts import clean

CONNECTIONS = 32
"""Browsers (one per profile) that may be connected at once."""
READ_BYTES = 256 << 10
"""What one call to `read` takes from one connection, so that a flood delays nobody else."""
CHUNK_BYTES = 64 << 10
AWAY_S = 35.0
"""How long a browser that lost its connection stays private: its extension comes back within this time."""
START_S = LONGEST_WAIT_S + 1.0
"""How long after our start browsers are private: native hosts that wait for us come within this time."""
SETTLE_S = 0.15
ASK_S = 0.1
"""The shortest time between two questions to the same browser about one window after the other."""
BROWSERS = frozenset(
    {"brave", "browser", "chrome", "chromium", "chromium-browser", "firefox", "firefox-esr", "google-chrome"}
    | {"librewolf", "msedge", "opera", "vivaldi", "vivaldi-bin", "yandex_browser"}
)
"""Programs that are browsers, for the time right after our start only."""

_ASK = framed(b'{"type":"tell"}')
_PRIVATE = Tab(url=None, title=None, private=True, since_ms=0)


class HostMessage(msgspec.Struct, tag_field="type", tag="host"):
    """The native host's first words: the browser's process, and messages dropped while the agent was away."""

    browser_pid: int
    dropped: int = 0


class HelloMessage(msgspec.Struct, tag_field="type", tag="hello"):
    """The extension's first words."""

    seq: int
    browser: str


class TabMessage(msgspec.Struct, tag_field="type", tag="tab"):
    """The tab in the focused ordinary window; `url` is None where it is no web page."""

    seq: int
    url: str | None
    title: str


class BlurMessage(msgspec.Struct, tag_field="type", tag="blur"):
    """No ordinary window of this browser has the focus."""

    seq: int


Message = HostMessage | HelloMessage | TabMessage | BlurMessage


@dataclass(frozen=True, slots=True)
class BrowserCounts:
    """What did not go as it should, since the start.

    `refused` messages were not understood or came twice; `missed` messages never came though later ones did;
    `dropped` messages found no agent; `closed` connections were over a limit.
    """

    refused: int = 0
    missed: int = 0
    dropped: int = 0
    closed: int = 0


class _Connection:
    """One browser profile: its process, and what its extension said last."""

    def __init__(self, link: socket.socket) -> None:
        self.link, self.frames = link, Frames()
        self.pid: int | None = None
        self.greeted = False
        self.seq: int | None = None
        self.tab: Tab | None = None
        self.fresh = False

    def ask(self) -> None:
        """Ask the extension which tab is in front; an answer that never comes leaves the browser private."""
        with suppress(OSError):
            self.link.send(_ASK)


class BrowserTabs:
    """Listens for native hosts. Keeps the protocol `Browsers`."""

    def __init__(self, listener: socket.socket, path: Path, clock: Callable[[], float]) -> None:
        """Take a listening socket, its path, and a clock in seconds; use `open`."""
        self._listener, self._path, self._clock = listener, path, clock
        self._connections: dict[int, _Connection] = {}
        self._away: dict[int, float] = {}
        self._started = clock()
        self._front: Window | None = None
        self._unclear_since: float | None = None
        self._asked = -ASK_S
        self._programs = Programs()
        self._decoder = msgspec.json.Decoder(Message)
        self.counts = BrowserCounts()

    @classmethod
    def open(cls, runtime_dir: Path, clock: Callable[[], float] = time.monotonic) -> "BrowserTabs":
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
        listener.listen(CONNECTIONS)
        listener.setblocking(False)
        return cls(listener, path, clock)

    def filenos(self) -> tuple[int, ...]:
        """Descriptors to wait on; they change as browsers come and go."""
        return (self._listener.fileno(), *self._connections)

    def read(self) -> None:
        """Take in pending connections and messages without blocking."""
        self._accept()
        for fd, connection in list(self._connections.items()):
            try:
                open_still = self._read_from(connection)
            except FrameTooLong:
                self._count(closed=1)
                open_still = False
            if not open_still:
                self._forget(fd)

    def tab_of(self, window: Window) -> Tab | None:
        """The tab to credit while this window is in front; None where no browser speaks for it."""
        mine = [c for c in self._connections.values() if c.pid is not None and self._is_of(window, c.pid)]
        if window != self._front:
            self._turn_to(window, mine)
        told = [c.tab for c in mine if c.fresh and c.tab is not None]
        if told:
            return max(told, key=lambda tab: tab.since_ms)
        return _PRIVATE if mine or self._may_come_back(window) else None

    def settle_ms(self) -> int:
        """How much longer to wait before believing `tab_of`: an extension tells of a focus a little late."""
        if self._unclear_since is None or self._front is None:
            return 0
        tab = self.tab_of(self._front)
        if tab is None or not tab.private:
            return 0
        return max(0, round(1000 * (self._unclear_since + SETTLE_S - self._clock())))

    def connected(self) -> int:
        """How many browsers are connected and have greeted."""
        return sum(c.greeted for c in self._connections.values())

    def sites(self) -> tuple[OpenSite, ...]:
        """None are told yet."""
        return ()

    def close(self) -> None:
        """Let go of all connections and of the socket's name."""
        for fd in list(self._connections):
            self._forget(fd)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _turn_to(self, window: Window, mine: list[_Connection]) -> None:
        """Another window, or another title, is in front: what was said of the one before is to be said again."""
        came = self._front is None or self._front.pid != window.pid or not mine
        self._front, now = window, self._clock()
        if came:
            self._unclear_since = now if mine else None
        for connection in mine:
            connection.fresh = connection.fresh and not came
            if came or now >= self._asked + ASK_S:
                connection.ask()
        self._asked = now

    def _accept(self) -> None:
        """Take new connections; those over the limit are closed at once and counted."""
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            if len(self._connections) >= CONNECTIONS:
                link.close()
                self._count(closed=1)
                continue
            link.setblocking(False)
            self._connections[link.fileno()] = _Connection(link)

    def _read_from(self, connection: _Connection) -> bool:
        """Take in what one connection sent; False at its end. Raises FrameTooLong."""
        taken = 0
        while taken < READ_BYTES:
            try:
                data = connection.link.recv(CHUNK_BYTES)
            except (BlockingIOError, InterruptedError):
                return True
            except OSError:
                return False
            if not data:
                return False
            taken += len(data)
            for frame in connection.frames.feed(data):
                self._take(connection, frame)
        return True

    def _take(self, connection: _Connection, frame: bytes) -> None:
        """Take in one message; what is not understood changes nothing and is counted."""
        try:
            message = self._decoder.decode(frame)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._count(refused=1)
            return
        if isinstance(message, HostMessage):
            self._greet(connection, message)
        elif self._in_order(connection, message.seq):
            self._apply(connection, message)

    def _greet(self, connection: _Connection, message: HostMessage) -> None:
        """Learn which browser this is."""
        connection.pid = message.browser_pid
        self._count(dropped=max(0, message.dropped))
        self._away.pop(message.browser_pid, None)

    def _in_order(self, connection: _Connection, seq: int) -> bool:
        """Whether a message is newer than the last; counts what lies between, and what comes again."""
        last = connection.seq
        if last is not None and seq <= last:
            self._count(refused=1)
            return False
        if last is not None:
            self._count(missed=seq - last - 1)
        connection.seq = seq
        return True

    def _apply(self, connection: _Connection, message: HelloMessage | TabMessage | BlurMessage) -> None:
        """Let the connection's state be what the extension says."""
        if isinstance(message, HelloMessage):
            connection.greeted = True
            return
        connection.fresh = True
        if isinstance(message, BlurMessage):
            connection.tab = None
        else:
            connection.tab = _told(message, connection.tab)

    def _forget(self, fd: int) -> None:
        """Drop a connection with its tab; its browser stays private for a while if it lives on."""
        connection = self._connections.pop(fd)
        connection.link.close()
        if connection.pid is not None:
            self._away[connection.pid] = self._clock() + AWAY_S

    def _may_come_back(self, window: Window) -> bool:
        """Whether an extension of this window's browser is likely to connect in a moment."""
        now = self._clock()
        if now < self._started + START_S and window.app is not None and window.app.removesuffix(".exe") in BROWSERS:
            return True
        self._away = {pid: end for pid, end in self._away.items() if end > now}
        return any(self._is_of(window, pid) for pid in self._away)

    def _is_of(self, window: Window, browser_pid: int) -> bool:
        """Whether a window belongs to a browser: its process, or a relative of it that is the same program."""
        if window.pid == browser_pid:
            return True
        if window.app is None or self._programs.name_of(browser_pid) != window.app:
            return False
        return window.pid is None or self._programs.related(window.pid, browser_pid)

    def _count(self, refused: int = 0, missed: int = 0, dropped: int = 0, closed: int = 0) -> None:
        """Add to the counts."""
        old = self.counts
        self.counts = replace(
            old,
            refused=old.refused + refused,
            missed=old.missed + missed,
            dropped=old.dropped + dropped,
            closed=old.closed + closed,
        )


def _told(message: TabMessage, before: Tab | None) -> Tab:
    """Make the tab of a message; the same page told again is the tab before."""
    address, title = _address(message.url), clean(message.title, limits.TITLE_CHARS) or None
    if before is not None and (before.url, before.title) == (address, title):
        return before
    return Tab(address, title, private=False, since_ms=time.time_ns() // 1_000_000)


def _address(url: str | None) -> str | None:
    """Keep only web addresses, without what the extension should have cut off already."""
    if url is None or not url.startswith(("http://", "https://")) or len(url) > limits.URL_CHARS:
        return None
    return clean(url.partition("#")[0].partition("?")[0], limits.URL_CHARS)


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
