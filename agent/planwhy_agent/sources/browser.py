"""The tabs that browser extensions report, for the window in front.

In: connections of native hosts over a channel that only this user can reach. Out: the tab to credit.
Never: a tab of a browser that is gone or of a window without the focus; more held than a message per connection.
While a connected browser is in front but says that none of its ordinary windows has the focus, or has said nothing
since it came to the front, the answer is a private tab: no address, and no title either, for the window manager
would show a private window's title. Browsers leave out some changes of focus, therefore they are asked at each.
"""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec

from planwhy_agent.sources.base import OPEN_AT_MOST, OpenSite, Tab, Window
from planwhy_agent.sources.channel import Link, Listener, listen
from planwhy_agent.sources.flood import Bucket, Flooded, Pauses
from planwhy_agent.sources.frames import Frames, FrameTooLong, framed
from planwhy_agent.sources.messages import (
    FloodMessage,
    HelloMessage,
    HostMessage,
    Message,
    Numbered,
    OpenMessage,
)
from planwhy_agent.sources.native_host import LONGEST_WAIT_S
from planwhy_agent.sources.programs import Programs

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
ASK_S = 1.0
"""The shortest time between two questions to the same browser because the title of its window changed."""
ASK_BLIND_S = 0.1
"""The same where the system does not tell windows apart: another title may be another window."""
ACCEPTED_PER_S = 5.0
"""Connections per second that are taken in for ever; twice CONNECTIONS at once."""
BROWSERS = frozenset(
    {"brave", "browser", "chrome", "chromium", "chromium-browser", "firefox", "firefox-esr", "google-chrome"}
    | {"librewolf", "msedge", "opera", "vivaldi", "vivaldi-bin", "yandex_browser"}
)
"""Programs that are browsers, for the time right after our start only."""

_ASK = framed(b'{"type":"tell"}')
_PRIVATE = Tab(url=None, title=None, private=True, since_ms=0)


@dataclass(frozen=True, slots=True)
class BrowserCounts:
    """What did not go as it should, since the start.

    `refused` messages were not understood or came twice; `missed` messages never came though later ones did;
    `dropped` messages found no agent; `closed` connections were over a limit, `floods` of them because they sent too
    much or too long.
    """

    refused: int = 0
    missed: int = 0
    dropped: int = 0
    closed: int = 0
    floods: int = 0


class _Connection:
    """One browser profile: its process, and what its extension said last."""

    def __init__(self, link: Link, now: float) -> None:
        self.link, self.frames, self.bucket = link, Frames(), Bucket(now)
        self.pid: int | None = None
        self.paused = False
        self.greeted = False
        self.seq: int | None = None
        self.tab: Tab | None = None
        self.fresh = False
        self.sites: list[tuple[str, int]] = []

    def ask(self) -> None:
        """Ask the extension which tab is in front; an answer that never comes leaves the browser private."""
        with suppress(OSError):
            self.link.send(_ASK)


class BrowserTabs:
    """Listens for native hosts. Keeps the protocol `Browsers`."""

    def __init__(self, listener: Listener, clock: Callable[[], float]) -> None:
        """Take a listener, and a clock in seconds; use `open`."""
        self._listener, self._clock = listener, clock
        self._connections: dict[int, _Connection] = {}
        self._away: dict[int, float] = {}
        self._started = clock()
        self._front: Window | None = None
        self._unclear_since: float | None = None
        self._asked = -ASK_S
        self._programs = Programs()
        self._accepting = Bucket(clock(), ACCEPTED_PER_S, 2 * CONNECTIONS)
        self._pauses = Pauses(clock)
        self._decoder = msgspec.json.Decoder(Message)
        self.counts = BrowserCounts()

    @classmethod
    def open(cls, runtime_dir: Path, clock: Callable[[], float] = time.monotonic) -> "BrowserTabs":
        """Listen for native hosts that know the folder. Raises SourceLost where another agent listens."""
        return cls(listen(runtime_dir, CONNECTIONS), clock)

    def filenos(self) -> tuple[int, ...]:
        """Descriptors to wait on; they change as browsers come and go."""
        accepting = self._accepting.wait_s(self._clock()) == 0
        return (*((self._listener.fileno(),) if accepting else ()), *self._connections)

    def read(self) -> None:
        """Take in pending connections and messages without blocking."""
        self._accept()
        for fd, connection in list(self._connections.items()):
            try:
                open_still = self._read_from(connection)
            except (FrameTooLong, Flooded):
                self._hold_off(connection)
                open_still = False
            if not open_still:
                self._forget(fd)

    def tab_of(self, window: Window) -> Tab | None:
        """The tab to credit while this window is in front; None where no browser speaks for it."""
        mine = self._speakers(window.app, window.pid)
        if self._front is None or _named(window) != _named(self._front):
            self._turn_to(window, mine)
        told = [c.tab for c in mine if c.fresh and c.tab is not None]
        if told:
            return max(told, key=lambda tab: tab.since_ms)
        return _PRIVATE if mine or self._may_come_back(window.app, window.pid) else None

    def speaks_for(self, app: str | None, pid: int | None) -> bool:
        """Whether an extension speaks for the windows of a process, or is about to: then their titles are not used."""
        return bool(self._speakers(app, pid)) or self._may_come_back(app, pid)

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

    def trouble(self) -> dict[str, int]:
        """The counts that are not 0."""
        return {name: count for name, count in asdict(self.counts).items() if count}

    def sites(self) -> tuple[OpenSite, ...]:
        """What ordinary (not private) tabs are open, by program and host; those with the most tabs first."""
        counts: Counter[tuple[str, str]] = Counter()
        for connection in self._connections.values():
            app = self._programs.name_of(connection.pid) if connection.pid is not None else None
            for host, tabs in connection.sites if app else ():
                counts[app or "", host] += tabs
        return tuple(OpenSite(app, host, tabs) for (app, host), tabs in counts.most_common(OPEN_AT_MOST))

    def close(self) -> None:
        """Let go of all connections, and listen no more."""
        for fd in list(self._connections):
            self._forget(fd)
        self._listener.close()

    def _turn_to(self, window: Window, mine: list[_Connection]) -> None:
        """Another window, or another title, is in front: what was said of the one before is to be said again."""
        before = self._front
        came = before is None or (before.pid, before.id) != (window.pid, window.id) or not mine
        self._front, now = window, self._clock()
        if came:
            self._unclear_since = now if mine else None
        if not came and now < self._asked + (ASK_BLIND_S if window.id is None else ASK_S):
            return
        for connection in mine:
            connection.fresh = connection.fresh and not came
            connection.ask()
        self._asked = now

    def _accept(self) -> None:
        """Take new connections; those over the limit are closed at once and counted."""
        now = self._clock()
        while self._accepting.wait_s(now) == 0:
            link = self._listener.accept()
            if link is None:
                return
            self._accepting.take(1, now)
            if len(self._connections) >= CONNECTIONS:
                link.close()
                self._count(closed=1)
                continue
            self._connections[link.fileno()] = _Connection(link, now)

    def _read_from(self, connection: _Connection) -> bool:
        """Take in what one connection sent; False at its end. Raises FrameTooLong, Flooded."""
        taken = 0
        while taken < READ_BYTES:
            data = connection.link.receive(CHUNK_BYTES)
            if data is None:
                return not connection.paused
            if not data:
                return False
            taken += len(data)
            frames = connection.frames.feed(data)
            if not connection.bucket.take(max(1, len(frames)), self._clock()):
                raise Flooded
            for frame in frames:
                self._take(connection, frame)
        return not connection.paused

    def _take(self, connection: _Connection, frame: bytes) -> None:
        """Take in one message; what is not understood changes nothing and is counted."""
        try:
            message = self._decoder.decode(frame)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._count(refused=1)
            return
        if isinstance(message, HostMessage):
            self._greet(connection, message)
        elif isinstance(message, FloodMessage):
            self._count(closed=1, floods=1)
        elif self._in_order(connection, message.seq):
            self._apply(connection, message)

    def _greet(self, connection: _Connection, message: HostMessage) -> None:
        """Learn which browser this is; one that sent too much has to wait."""
        connection.pid = message.browser_pid
        connection.paused = self._pauses.wait_s(message.browser_pid) > 0
        self._count(dropped=max(0, message.dropped), closed=int(connection.paused))
        self._away.pop(message.browser_pid, None)

    def _hold_off(self, connection: _Connection) -> None:
        """Listen no more to a connection that sent too much, nor for a while to its browser."""
        self._count(closed=1, floods=1)
        if connection.pid is not None:
            self._pauses.strike(connection.pid)

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

    def _apply(self, connection: _Connection, message: Numbered) -> None:
        """Let the connection's state be what the extension says."""
        if isinstance(message, HelloMessage):
            connection.greeted = True
        elif isinstance(message, OpenMessage):
            connection.sites = message.sites
        else:
            connection.fresh = True
            connection.tab = message.tab(connection.tab)

    def _forget(self, fd: int) -> None:
        """Drop a connection with its tab; its browser stays private for a while if it lives on."""
        connection = self._connections.pop(fd)
        connection.link.close()
        if connection.pid is not None:
            self._away[connection.pid] = self._clock() + self._pauses.wait_s(connection.pid) + AWAY_S

    def _speakers(self, app: str | None, pid: int | None) -> list[_Connection]:
        """The connections of the browser that a window belongs to."""
        return [c for c in self._connections.values() if c.pid is not None and self._is_of(app, pid, c.pid)]

    def _may_come_back(self, app: str | None, pid: int | None) -> bool:
        """Whether an extension of this window's browser is likely to connect in a moment."""
        now = self._clock()
        if now < self._started + START_S and app is not None and app.removesuffix(".exe") in BROWSERS:
            return True
        self._away = {gone: end for gone, end in self._away.items() if end > now}
        return any(self._is_of(app, pid, gone) for gone in self._away)

    def _is_of(self, app: str | None, pid: int | None, browser_pid: int) -> bool:
        """Whether a window belongs to a browser: its process, or a relative of it that is the same program."""
        if pid == browser_pid:
            return True
        if app is None or self._programs.name_of(browser_pid) != app:
            return False
        return pid is None or self._programs.related(pid, browser_pid)

    def _count(self, refused: int = 0, missed: int = 0, dropped: int = 0, closed: int = 0, floods: int = 0) -> None:
        """Add to the counts."""
        old = self.counts
        self.counts = replace(
            old,
            refused=old.refused + refused,
            missed=old.missed + missed,
            dropped=old.dropped + dropped,
            closed=old.closed + closed,
            floods=old.floods + floods,
        )


def _named(window: Window) -> object:
    """What tells a window from others: the system's own number, for its title is not read while an extension speaks."""
    return window if window.id is None else (window.pid, window.id)
