"""The windows of a macOS desktop, looked at once a second.

In: what `MacSystem` reads from the system, in the system's own words and numbers. Out: the window in front, how long
nothing was typed, whether the screen is locked. Never: a script that asks other programs (osascript), a permission
beyond Accessibility, a title that may not be read, an error for a program that hangs or ends meanwhile.

Written from Apple's documentation and tested against a stand-in that speaks its values; never run on a Mac so far.
"""

import math
from collections.abc import Mapping
from typing import Any, Protocol

from planwhy_shared import limits

from planwhy_agent.sources.base import (
    OPEN_AT_MOST,
    OpenProgram,
    SourceLost,
    SourceUnsupported,
    Titled,
    Window,
    every_title,
)  # fmt: skip
from planwhy_agent.sources.programs import Programs
from planwhy_agent.sources.texts import clean

POLL_MS = 1_000
"""AppKit would send events into a Cocoa run loop only, which the agent's one place of waiting is not."""
SMALLEST_PT = 100
"""Windows narrower or lower than this are helpers that programs keep out of sight, not windows of a person."""
LONGEST_IDLE_S = 366 * 86_400.0
"""The longest idle time that is told: where nothing was ever typed, the system reports absurd ones."""
_FOCUSED, _TITLE = "AXFocusedWindow", "AXTitle"
_SUCCESS, _CANNOT_COMPLETE = 0, -25204
_REGULAR = 0
_ON_CONSOLE, _LOCKED = "kCGSSessionOnConsoleKey", "CGSSessionScreenIsLocked"
"""The first is documented; the second is not, is there only while the screen is locked, and has been for many years."""


class MacSystem(Protocol):
    """What is asked of the system, each answer as the system's own interface gives it."""

    def turn(self) -> None:
        """Let the main run loop take in what has arrived: until then AppKit goes on telling the past."""

    def front(self) -> tuple[int, str | None] | None:
        """NSWorkspace.frontmostApplication: process id and name of the executable; None where there is none."""

    def running(self) -> list[tuple[int, int, str | None]]:
        """NSWorkspace.runningApplications: process id, activation policy (0 is regular), name of the executable."""

    def trusted(self) -> bool:
        """AXIsProcessTrusted: whether Accessibility was granted to this program."""

    def application(self, pid: int) -> Any:
        """AXUIElementCreateApplication."""

    def attribute(self, element: Any, name: str) -> tuple[int, Any]:
        """AXUIElementCopyAttributeValue: an AXError, and the value where it is 0. Waits for a quarter of a second."""

    def shown_windows(self) -> list[Mapping[str, Any]]:
        """CGWindowListCopyWindowInfo of what is on the screen, front to back, without the desktop.

        Without the permission to record the screen it tells numbers, owners and bounds, and no names.
        """

    def all_windows(self) -> list[Mapping[str, Any]]:
        """The same of all windows of the session, also hidden ones, in no order."""

    def seconds_since_input(self) -> float:
        """CGEventSourceSecondsSinceLastEventType of this session, any input event."""

    def session(self) -> Mapping[str, Any] | None:
        """CGSessionCopyCurrentDictionary; None outside of a session with a screen."""


class MacDesktop:
    """The session at the screen. Keeps the protocol `Desktop`."""

    def __init__(self, system: MacSystem, titled: Titled = every_title) -> None:
        """Take the system's interfaces; use `open`."""
        self._system, self._titled = system, titled
        self._programs = Programs()
        self._last: Window | None = None

    @classmethod
    def open(cls, titled: Titled = every_title) -> "MacDesktop":
        """Find the session that this program runs in. Raises SourceUnsupported where it has no screen."""
        try:
            from planwhy_agent.sources.macos_system import CocoaSystem  # noqa: PLC0415 - only macOS has it

            system = CocoaSystem()
        except ImportError as error:
            raise SourceUnsupported(f"unsupported: {error.name or 'pyobjc'} is not installed") from error
        if system.session() is None:
            raise SourceUnsupported("unsupported: no screen (start the agent inside the session, not by ssh)")
        return cls(system, titled)

    def filenos(self) -> tuple[int, ...]:
        """The system sends no events that could be waited for here."""
        return ()

    def poll_ms(self) -> int:
        """Look once a second."""
        return POLL_MS

    def read(self) -> Window | None:
        """The window in front now; None where no program is. Raises SourceLost when the session has ended."""
        if self._system.session() is None:
            raise SourceLost("the session has no screen any more")
        self._system.turn()
        front = self._system.front()
        self._last = self._window(*front) if front is not None else None
        return self._last

    def settle_ms(self) -> int:
        """Never: a look once a second meets no short states worth waiting for."""
        return 0

    def idle_ms(self) -> int:
        """Time since the last key or mouse event of this session, real or from a screen that is shared."""
        seconds = self._system.seconds_since_input()
        return 0 if math.isnan(seconds) else int(min(max(seconds, 0.0), LONGEST_IDLE_S) * 1000)

    def locked(self) -> bool:
        """Whether the screen is locked or another person's session is in front."""
        session = self._system.session() or {}
        return bool(session.get(_LOCKED, False)) or not session.get(_ON_CONSOLE, True)

    def remote(self) -> bool:
        """Unknown, so no: no documented interface tells whether somebody looks on by Screen Sharing."""
        return False

    def titles(self) -> bool:
        """Whether titles can be read: only where Accessibility was granted."""
        return self._system.trusted()

    def programs(self) -> tuple[OpenProgram, ...]:
        """Programs with a place in the Dock that have windows, however hidden; those with most windows first."""
        self._system.turn()
        regular = {pid: name for pid, policy, name in self._system.running() if policy == _REGULAR}
        counts: dict[str, int] = {}
        for one in self._system.all_windows():
            pid = one.get("kCGWindowOwnerPID")
            if pid in regular and _is_ordinary(one) and (app := self._app(pid, regular[pid])):
                counts[app] = counts.get(app, 0) + 1
        found = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(OpenProgram(app, windows) for app, windows in found[:OPEN_AT_MOST])

    def close(self) -> None:
        """Nothing is held."""

    def _window(self, pid: int, name: str | None) -> Window:
        app, number = self._app(pid, name), self._number(pid)
        title = self._title(pid, number) if self._titled(app, pid) and self._system.trusted() else None
        return Window(app, title, pid, number)

    def _app(self, pid: int, name: str | None) -> str | None:
        """The executable's own name, `Google Chrome`: the one in the Dock depends on the language."""
        return clean(name or "", limits.APP_CHARS) or self._programs.name_of(pid)

    def _title(self, pid: int, number: int | None) -> str | None:
        """The title of the focused window. A program too busy to answer keeps the one that it had."""
        error, window = self._system.attribute(self._system.application(pid), _FOCUSED)
        if error == _SUCCESS and window is not None:
            error, title = self._system.attribute(window, _TITLE)
            if error == _SUCCESS:
                return clean(title, limits.TITLE_CHARS) or None if isinstance(title, str) else None
        last = self._last
        same = error == _CANNOT_COMPLETE and last is not None and (last.pid, last.id) == (pid, number)
        return last.title if same and last is not None else None

    def _number(self, pid: int) -> int | None:
        """The number of the program's foremost window; None where it has none on the screen."""
        mine = (one for one in self._system.shown_windows() if one.get("kCGWindowOwnerPID") == pid)
        number = next((one.get("kCGWindowNumber") for one in mine if _is_ordinary(one)), None)
        return int(number) if number is not None else None


def _is_ordinary(window: Mapping[str, Any]) -> bool:
    """Whether a window is one of a person's: on the layer of documents, neither invisible nor tiny."""
    bounds = window.get("kCGWindowBounds") or {}
    large = min(bounds.get("Width", 0), bounds.get("Height", 0)) >= SMALLEST_PT
    return window.get("kCGWindowLayer") == 0 and window.get("kCGWindowAlpha", 1) > 0 and large
