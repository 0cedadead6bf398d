"""Whether the person is in a call although no key is pressed, and what tells it.

In: who has the microphone open, windows of known call programs, the page in front. Out: the name of a signal.
Never: asked while somebody types, or more often than every ASK_MS; whom a call is with; a title kept.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from planwhy_agent.sources import call_defaults as known
from planwhy_agent.sources.base import CallWindows, Desktop, Tab, Window
from planwhy_agent.sources.microphone import recording_programs

MICROPHONE, CALL_WINDOW = "microphone", "call_window"
ASK_MS = 10_000
"""How often is asked while nothing is typed; a call may have ended so long before it is noticed."""


class Calls:
    """Remembers the last answer, and when a call was last seen."""

    def __init__(self, recording: Callable[[], frozenset[str]] = recording_programs) -> None:
        self._recording = recording
        self._asked_ms: int | None = None
        self._signal: str | None = None
        self._seen_ms: int | None = None

    def look(self, mono_ms: int, desktop: Desktop, window: Window | None, tab: Tab | None) -> str | None:
        """The signal of a running call; None where there is none."""
        if self._asked_ms is None or not 0 <= mono_ms - self._asked_ms < ASK_MS:
            self._asked_ms, self._signal = mono_ms, self._ask(desktop, window, tab)
            if self._signal:
                self._seen_ms = mono_ms
        return self._signal

    def rest(self) -> None:
        """Somebody is at the keys, or nothing may be asked: forget the last answer."""
        self._asked_ms = self._signal = None

    def quiet_ms(self, mono_ms: int, idle_ms: int) -> int:
        """Time since the last sign of the person: input, or a call that was seen."""
        return idle_ms if self._seen_ms is None else min(idle_ms, max(0, mono_ms - self._seen_ms))

    def _ask(self, desktop: Desktop, window: Window | None, tab: Tab | None) -> str | None:
        if speaks(self._recording()):
            return MICROPHONE
        if tab is not None and is_room(tab.url):
            return CALL_WINDOW
        if window is not None and shows_call(window.app, window.title):
            return CALL_WINDOW
        if isinstance(desktop, CallWindows) and desktop.any_call(known.CALL_PROGRAMS, shows_call):
            return CALL_WINDOW
        return None


def speaks(programs: frozenset[str]) -> bool:
    """Whether one of the programs that have the microphone open is one for calls, or a browser."""
    return any(_plain(name) in known.CALL_PROGRAMS | known.BROWSERS for name in programs)


def shows_call(app: str | None, title: str | None) -> bool:
    """Whether a window is that of a running call; never where its title may not be read."""
    name = _plain(app or "")
    if name not in known.CALL_PROGRAMS or not title:
        return False
    return known.CALL_TITLES.get(name, known.OTHER_CALLS).search(title.strip()) is not None


def is_room(url: str | None) -> bool:
    """Whether an address is that of a meeting's room."""
    try:
        parts = urlsplit(url or "")
        labels = (parts.hostname or "").split(".")
    except ValueError:
        return False
    hosts = (".".join(labels[at:]) for at in range(len(labels)))
    path = next((known.CALL_PAGES[host] for host in hosts if host in known.CALL_PAGES), None)
    return path is not None and path.fullmatch(parts.path.rstrip("/")) is not None


def _plain(name: str) -> str:
    """A program's name as the tables have it."""
    return name.strip().lower().removesuffix(".exe").removesuffix("-bin").removesuffix(" helper")
