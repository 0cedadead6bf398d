"""The tab that ActivityWatch's published browser extension reports, for people who have that one already.

In: its heartbeats on 127.0.0.1:5600, as ActivityWatch's own server would take them. Out: the tab to credit.
Never: anything read back; a request of a web page (exact Host, an extension's Origin); an address with a query, a
fragment or credentials, which are cut off before anything is kept; a private tab. That extension does not say when
the focus leaves its tab or when a page follows another. So a tab counts only while the window in front carries its
title, and a browser that has spoken is private otherwise, title included.
"""

import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from planwhy_agent import __version__
from planwhy_agent.sources.base import OpenSite, Tab, Window
from planwhy_agent.sources.browser import BROWSERS
from planwhy_agent.sources.loopback_http import Answer, LoopbackServer, Request
from planwhy_agent.sources.messages import cut_title, tab_told

PORT = 5600
START_S = 90.0
"""How long after our start all browsers are private: a heartbeat comes every 60 s."""
LONGEST_PULSE_S = 300.0
SETTLE_S = 0.3
BUCKETS = 16
_FIREFOX = frozenset({"firefox", "firefox-esr", "librewolf"})
_BUCKET = re.compile(r"/api/0/buckets/aw-watcher-web-([a-z0-9-]{1,32})(?:_[^/]{1,255})?(/heartbeat)?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AFTER_TITLE = (" - ", " – ", " — ")
_PRIVATE = Tab(url=None, title=None, private=True, since_ms=0)


class TabData(msgspec.Struct):
    """What a heartbeat says of a tab; the rest is not looked at."""

    url: str
    title: str
    incognito: bool = False


class HeartbeatBody(msgspec.Struct):
    """A heartbeat. Its own time is not looked at: what counts is when it came."""

    data: TabData


@dataclass(frozen=True, slots=True)
class _Told:
    tab: Tab | None
    until: float


class ActivityWatchTabs:
    """Listens for heartbeats. Keeps the protocol `Browsers`."""

    def __init__(self, ids: tuple[str, ...], port: int = PORT, clock: Callable[[], float] = time.monotonic) -> None:
        """Listen. `ids` are extensions of Chromium, ids of installations in Firefox, or `firefox` for all of them:
        Firefox gives an extension another id on each machine.

        Raises OSError where the port is taken, most likely by ActivityWatch itself.
        """
        self._ids, self._clock, self._started = frozenset(ids), clock, clock()
        self._server = LoopbackServer(port, self._answer, clock)
        self._hosts = frozenset({f"127.0.0.1:{self._server.port}", f"localhost:{self._server.port}"})
        self._told: dict[str, _Told] = {}
        self._front: Window | None = None
        self._since = self._started
        self._decoder = msgspec.json.Decoder(HeartbeatBody)
        self.refused = 0

    @property
    def port(self) -> int:
        """The port."""
        return self._server.port

    def filenos(self) -> tuple[int, ...]:
        """Descriptors to wait on."""
        return self._server.filenos()

    def read(self) -> None:
        """Take in all pending requests without blocking."""
        self._server.read()

    def tab_of(self, window: Window) -> Tab | None:
        """The tab whose title the window carries; a private one for other windows of a browser that has spoken."""
        if window != self._front:
            self._front, self._since = window, self._clock()
        kind = _kind_of(window.app)
        if kind is None:
            return None
        told = [one for name, one in self._told.items() if _kind_of_client(name) == kind]
        now = self._clock()
        shown = [one.tab for one in told if one.tab and now < one.until and _carries(window.title, one.tab.title)]
        if shown:
            return max(shown, key=lambda tab: tab.since_ms)
        return _PRIVATE if told or now < self._started + START_S else None

    def speaks_for(self, _app: str | None, _pid: int | None) -> bool:
        """Never: which tab is in front is told by the window's title alone."""
        return False

    def settle_ms(self) -> int:
        """How much longer to wait: a heartbeat comes a little after the window's new title."""
        if self._front is None or not self._told or self.tab_of(self._front) != _PRIVATE:
            return 0
        return max(0, round(1000 * (self._since + SETTLE_S - self._clock())))

    def connected(self) -> int:
        """How many browsers have told of a tab lately."""
        return sum(self._clock() < one.until for one in self._told.values())

    def trouble(self) -> dict[str, int]:
        """Requests that were refused, and connections that were too slow, too many or spoke no HTTP."""
        counts = {"activitywatch_refused": self.refused, "activitywatch_closed": self._server.closed}
        return {name: count for name, count in counts.items() if count}

    def sites(self) -> tuple[OpenSite, ...]:
        """None: it tells how many tabs are open, but not which."""
        return ()

    def close(self) -> None:
        """Let go of the port."""
        self._server.close()

    def _answer(self, request: Request) -> Answer:
        """Answer one request; all refusals are counted."""
        origin = request.headers.get("origin")
        answer = self._checked(request, origin)
        self.refused += answer.status >= 400
        if origin is None or not self._allowed(origin):
            return answer
        words = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
        if request.method == "OPTIONS":
            words |= {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Content-Type"}
        return Answer(answer.status, answer.content, words)

    def _checked(self, request: Request, origin: str | None) -> Answer:
        """Who may ask at all. Reading the name of this machine needs no Origin: browsers leave it out of some reads."""
        if request.headers.get("host", "").lower() not in self._hosts:
            return Answer(403)
        if not self._allowed(origin) if origin is not None else request.method != "GET":
            return Answer(403)
        if request.method == "OPTIONS":
            return Answer(204)
        if request.method not in {"GET", "POST"}:
            return Answer(405)
        return self._routed(request)

    def _routed(self, request: Request) -> Answer:
        path, _, query = request.target.partition("?")
        if path in {"/api/0/info", "/api/0/info/"}:
            return self._info() if request.method == "GET" else Answer(405)
        bucket = _BUCKET.fullmatch(unquote(path))
        if bucket is None:
            return Answer(404)
        if request.method != "POST":
            return Answer(405)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return Answer(415)
        return self._heartbeat(bucket[1], query, request.body) if bucket[2] else Answer(200, {})

    def _info(self) -> Answer:
        return Answer(200, {"hostname": socket.gethostname(), "version": f"planwhy {__version__}", "testing": False})

    def _heartbeat(self, client: str, query: str, body: bytes) -> Answer:
        pulse_s = _pulse_s(query)
        if pulse_s is None or (client not in self._told and len(self._told) >= BUCKETS):
            return Answer(422)
        try:
            data = self._decoder.decode(body).data
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return Answer(422)
        before = self._told.get(client)
        tab = None
        if not data.incognito:
            tab = tab_told(data.url, cut_title(data.title, data.url), before.tab if before else None)
        self._told[client] = _Told(tab, self._clock() + pulse_s)
        return Answer(200, {})

    def _allowed(self, origin: str) -> bool:
        """Whether an Origin is one of the extensions; web pages have others."""
        parts = urlsplit(origin) if re.fullmatch(r"(chrome|moz)-extension://[a-z0-9-]{1,64}", origin) else None
        if parts is None:
            return False
        any_firefox = parts.scheme == "moz-extension" and "firefox" in self._ids
        return parts.netloc in self._ids or (any_firefox and bool(_UUID.fullmatch(parts.netloc)))


def _pulse_s(query: str) -> float | None:
    """For how long a heartbeat holds; None where that is not said in a number."""
    told = parse_qs(query[:200]).get("pulsetime", [""])[-1]
    return min(LONGEST_PULSE_S, float(told)) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", told) else None


def _kind_of(app: str | None) -> str | None:
    name = (app or "").lower().removesuffix(".exe")
    if name in _FIREFOX:
        return "firefox"
    return "chromium" if name in BROWSERS else None


def _kind_of_client(name: str) -> str:
    return "firefox" if name in _FIREFOX else "chromium"


def _carries(shown: str | None, title: str | None) -> bool:
    """Whether a window shows this page: browsers put their name, and sometimes more, after the page's title."""
    if not shown or not title or not shown.startswith(title):
        return False
    rest = shown[len(title) :]
    return not rest or rest.startswith(_AFTER_TITLE)
