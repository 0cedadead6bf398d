"""The windows of an X11 desktop, by events.

In: property events of the root window and of the window in front, the screen saver's idle time, lock signals.
Out: the window in front, how long nothing was typed, whether the screen is locked. Never: polling, a window other
than the one in front, an error for a window that vanishes.
"""

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import Xlib.display
import Xlib.error
import Xlib.ext
from Xlib import X
from Xlib.protocol.event import DestroyNotify, MapNotify, PropertyNotify, UnmapNotify

from planwhy_agent.sources.base import CallTest, OpenProgram, SourceLost, SourceUnsupported, Titled, Window, every_title
from planwhy_agent.sources.lock import SessionLock
from planwhy_agent.sources.remote import is_remote
from planwhy_agent.sources.settling import Settling
from planwhy_agent.sources.x11_display import SAVER as _SAVER
from planwhy_agent.sources.x11_display import connect
from planwhy_agent.sources.x11_face import is_face_of_wayland
from planwhy_agent.sources.x11_open import OpenWindows
from planwhy_agent.sources.x11_window import WindowReader

ROUNDS = 50
"""How often one `read` looks for further events, so that a window that changes its title without end stops no one."""
_SAVER_NOTIFY, _SAVER_ON = 1, 1


class X11Desktop:
    """One X display. Keeps the protocol `Desktop`."""

    def __init__(self, display: Xlib.display.Display, lock: SessionLock, titled: Titled) -> None:
        """Take an open display and lock signals; use `open`."""
        self._display, self._lock = display, lock
        self._root = display.screen().root
        self._may_read, self._read_then = titled, False
        self._reader = WindowReader(display, self._may_title)
        self._windows = OpenWindows(display, self._reader)
        self._front: int | None = None
        self._window: Window | None = None
        self._settling = Settling()
        self._front_stale, self._title_stale = True, False
        self._idle_ms, self._saver_on = 0, False
        self._lost = False
        asked = display.query_extension
        self._remote = is_remote(os.environ, display.get_display_name(), lambda name: asked(name) is not None)
        self._poller, self._nudge = select.epoll(), os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        for fd in (display.fileno(), self._nudge, *lock.filenos()):
            self._poller.register(fd, select.EPOLLIN)

    @classmethod
    def open(cls, display: str | None = None, titled: Titled = every_title) -> "X11Desktop":
        """Connect to the display named, or to the one in the environment.

        Raises SourceLost where it cannot be reached, SourceUnsupported where it is Wayland behind an X11 face or
        tells no idle time.
        """
        connection = connect(display)
        try:
            with _display_at_risk():
                _check(connection)
                desktop = cls(connection, SessionLock(), titled)
                desktop._subscribe()
        except (SourceLost, SourceUnsupported):
            connection.display.socket.close()
            raise
        return desktop

    def filenos(self) -> tuple[int, ...]:
        """One descriptor that becomes readable when something may have changed."""
        return (self._poller.fileno(),)

    def poll_ms(self) -> None:
        """Every change of a window comes as an event."""
        return

    def read(self) -> Window | None:
        """Take in all pending events and return the window in front now; None where no window is.

        Raises SourceLost when the display is gone.
        """
        if self._lost:
            raise SourceLost("the display is gone")
        self._clear_nudge()
        self._lock.read()
        with _display_at_risk():
            self._title_stale |= self._turned()
            for _ in range(ROUNDS):
                if not self._take_events():
                    return self._window
        self._wake()
        return self._window

    def settle_ms(self) -> int:
        """How much longer to wait before believing that no window is in front; 0 when `read` can be believed."""
        return self._settling.left_ms()

    def remote(self) -> bool:
        """Whether the session is seen from another machine: by its display, its environment, or its beginning."""
        return self._remote or self._lock.remote

    def idle_ms(self) -> int:
        """Time since the last key or mouse event."""
        self._ask_saver()
        return self._idle_ms

    def locked(self) -> bool:
        """Whether the session is locked or its screen saver is on."""
        if self._lock.locked:
            return True
        self._ask_saver()
        return self._saver_on

    def programs(self) -> tuple[OpenProgram, ...]:
        """Programs with ordinary windows, on all monitors and workspaces. Raises SourceLost."""
        with _display_at_risk():
            found = self._windows.programs()
        self._wake_for_events()
        return found

    def any_call(self, programs: frozenset[str], called: CallTest) -> bool:
        """Whether a window of one of these programs shows a running call. Raises SourceLost."""
        with _display_at_risk():
            found = self._windows.any_call(programs, called)
        self._wake_for_events()
        return found

    def manager(self) -> str | None:
        """The window manager's name, `?` where it has none; None where there is none or it tells no active window."""
        with _display_at_risk():
            return self._reader.manager(self._root)

    def close(self) -> None:
        """Let go of the display and of the buses."""
        self._lock.close()
        self._poller.close()
        os.close(self._nudge)
        with suppress(Xlib.error.ConnectionClosedError, OSError):
            self._display.close()

    def _subscribe(self) -> None:
        """Ask for the root window's property events and for those of the screen saver."""
        self._root.change_attributes(event_mask=X.PropertyChangeMask)
        self._root.screensaver_select_input(_SAVER_NOTIFY)
        self._display.sync()
        self._wake()

    def _take_events(self) -> bool:
        """Handle what is queued and read what it made stale; False when nothing was to do."""
        count = self._display.pending_events()
        for _ in range(count):
            self._note(self._display.next_event())
        if self._front_stale:
            self._follow()
        elif self._title_stale:
            self._retitle()
        elif not count:
            return False
        return True

    def _note(self, event: object) -> None:
        """Remember what an event makes stale."""
        if isinstance(event, (DestroyNotify, MapNotify, UnmapNotify)):
            self._front_stale |= event.window.id == self._front
        if not isinstance(event, PropertyNotify):
            return
        window, atom = event.window.id, event.atom
        if window == self._root.id and self._reader.tells_active(atom):
            self._front_stale = True
        elif window == self._front:
            self._front_stale |= self._reader.tells_program(atom)
            self._title_stale |= self._reader.tells_title(atom)

    def _follow(self) -> None:
        """Learn which window is in front, listen to it, then read it: so no change between the two is lost."""
        self._front_stale = self._title_stale = False
        front = self._reader.active(self._root)
        if front != self._front:
            self._listen(self._front, 0)
            self._listen(front, X.PropertyChangeMask | X.StructureNotifyMask)
            self._front = front
        self._show(self._reader.read(front) if front is not None else None)

    def _retitle(self) -> None:
        """Read the title of the window in front again."""
        self._title_stale = False
        if self._front is not None and self._window is not None:
            app, pid = self._window.app, self._window.pid
            self._show(Window(app, self._reader.allowed_title(self._front, app, pid), pid, self._front))

    def _may_title(self, app: str | None, pid: int | None) -> bool:
        """Whether a title may be read; the answer is remembered for `_turned`."""
        self._read_then = self._may_read(app, pid)
        return self._read_then

    def _turned(self) -> bool:
        """Whether the answer to that has changed for the window in front."""
        front = self._window
        return front is not None and self._may_read(front.app, front.pid) != self._read_then

    def _show(self, window: Window | None) -> None:
        """Let this be the window in front."""
        self._settling.saw(window)
        self._window = window

    def _listen(self, window: int | None, mask: int) -> None:
        """Ask for a window's events, or no longer; one that vanished is passed over."""
        if window is not None:
            ignore = Xlib.error.CatchError(Xlib.error.BadWindow)
            self._reader.window(window).change_attributes(event_mask=mask, onerror=ignore)

    def _ask_saver(self) -> None:
        """Ask for idle time and screen saver; events that came with the answer wake the loop again."""
        if self._lost:
            return
        try:
            with _display_at_risk():
                answer = self._root.screensaver_query_info()
                self._idle_ms, self._saver_on = int(answer.idle), answer.state == _SAVER_ON
                self._wake_for_events()
        except SourceLost:
            self._lost = True
            self._wake()

    def _wake_for_events(self) -> None:
        """Let the loop come again for events that were read together with an answer."""
        if self._display.display.event_queue:
            self._wake()

    def _wake(self) -> None:
        """Make the descriptor of `filenos` readable."""
        os.eventfd_write(self._nudge, 1)

    def _clear_nudge(self) -> None:
        """Take back `_wake`."""
        with suppress(BlockingIOError):
            os.eventfd_read(self._nudge)


def _check(display: Xlib.display.Display) -> None:
    """Refuse a display that would lead to guesses. Raises SourceUnsupported."""
    if is_face_of_wayland(display):
        raise SourceUnsupported("unsupported: wayland")
    if not display.has_extension(_SAVER):
        raise SourceUnsupported(f"unsupported: the display tells no idle time (no {_SAVER})")


@contextmanager
def _display_at_risk() -> Iterator[None]:
    """Turn the end of the display into SourceLost."""
    try:
        yield
    except (Xlib.error.ConnectionClosedError, OSError) as error:
        raise SourceLost("the display is gone") from error
