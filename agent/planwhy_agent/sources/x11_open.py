"""Which ordinary windows an X11 desktop has, on all monitors and workspaces, and which programs they belong to.

In: the window manager's list of its windows. Out: windows with their programs. Never: a title, but of a window that
is asked for by its program and whose title may be read. All is asked at once, so that many windows cost few waits.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import Xlib.display
import Xlib.error
from Xlib import X, Xatom
from Xlib.protocol import request

from planwhy_agent.sources.base import OPEN_AT_MOST, CallTest, OpenProgram
from planwhy_agent.sources.x11_window import WindowReader

WINDOWS = 512
"""How many windows are looked at; a desk with more is none that anybody works at."""
_LIST, _TYPE, _STATE, _PID = "_NET_CLIENT_LIST", "_NET_WM_WINDOW_TYPE", "_NET_WM_STATE", "_NET_WM_PID"
_ORDINARY = ("_NET_WM_WINDOW_TYPE_NORMAL", "_NET_WM_WINDOW_TYPE_DIALOG")
_APART = "_NET_WM_STATE_SKIP_TASKBAR"
"""The state of a window that is to be seen in no taskbar: part of the desktop, or of another window."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A window, its program and its process."""

    id: int
    app: str | None
    pid: int | None


class OpenWindows:
    """Lists the windows of one display."""

    def __init__(self, display: Xlib.display.Display, reader: WindowReader) -> None:
        """Take an open display and what reads single windows of it."""
        self._display, self._reader = display, reader
        names = (_LIST, _TYPE, _STATE, _PID, _APART, *_ORDINARY)
        self._atoms = {name: display.intern_atom(name) for name in names}
        self._kinds = frozenset(self._atoms[name] for name in _ORDINARY)

    def programs(self) -> tuple[OpenProgram, ...]:
        """Programs with the number of their ordinary windows, those with the most first, at most OPEN_AT_MOST."""
        counts = Counter(one.app for one in self._ordinary() if one.app)
        return tuple(OpenProgram(app, windows) for app, windows in counts.most_common(OPEN_AT_MOST))

    def any_call(self, programs: frozenset[str], called: CallTest) -> bool:
        """Whether a window of one of these programs shows a running call; a title that may not be read is None."""
        mine = (one for one in self._ordinary() if (one.app or "").lower() in programs)
        return any(called(one.app, self._reader.allowed_title(one.id, one.app, one.pid)) for one in mine)

    def _ordinary(self) -> Iterator[_Found]:
        """Ordinary windows; the parts of all of them are asked for before the first answer is waited for."""
        asked = [(window, *self._asked(window)) for window in self._list()]
        known: dict[int, str | None] = {}
        for window, kind, state, pid in asked:
            kinds, states, pids = _numbers(kind), _numbers(state), _numbers(pid)
            if kinds is None or (kinds and not self._kinds.intersection(kinds)):
                continue
            if self._atoms[_APART] in (states or ()):
                continue
            yield self._named(window, pids[0] if pids else None, known)

    def _named(self, window: int, pid: int | None, known: dict[int, str | None]) -> _Found:
        """Name a window's program; the windows of one process are looked up once."""
        if pid is None:
            return _Found(window, *self._reader.program(window))
        if pid not in known:
            app, found = self._reader.program(window)
            if found != pid:
                return _Found(window, app, found)
            known[pid] = app
        return _Found(window, known[pid], pid)

    def _list(self) -> list[int]:
        root = self._display.screen().root
        found = _numbers(self._ask(root.id, _LIST, Xatom.WINDOW, WINDOWS))
        return [window for window in found or () if window]

    def _asked(self, window: int) -> tuple[Any, Any, Any]:
        return (
            self._ask(window, _TYPE, Xatom.ATOM, 8),
            self._ask(window, _STATE, Xatom.ATOM, 16),
            self._ask(window, _PID, Xatom.CARDINAL, 1),
        )

    def _ask(self, window: int, name: str, kind: int, words: int) -> Any:
        """Ask for a property without waiting for the answer."""
        return request.GetProperty(
            display=self._display.display,
            defer=True,
            delete=False,
            window=window,
            property=self._atoms[name],
            type=kind,
            long_offset=0,
            long_length=words,
        )


def _numbers(asked: Any) -> list[int] | None:
    """Wait for an answer: numbers, none where the property is not there; None where the window is gone."""
    try:
        asked.reply()
    except Xlib.error.XError:
        return None
    found = asked.value
    return [int(one) for one in found[1]] if asked.property_type != X.NONE and found and found[0] == 32 else []
