"""What X11 tells of one window: title, process, program.

In: the id of a window, which may vanish at any moment. Out: a Window with clean, short texts. Never: more of a
property than fits into a title, however long it is; an error for what a window says or does not say.
"""

import socket
from collections.abc import Callable
from typing import Any

import Xlib.display
import Xlib.error
from planwhy_shared import limits
from Xlib import X, Xatom
from Xlib.ext import res

from planwhy_agent.sources.base import Titled, Window, every_title
from planwhy_agent.sources.programs import Programs
from planwhy_agent.sources.texts import clean, from_compound, from_latin1, from_utf8

TEXT_BYTES = 4 * limits.TITLE_CHARS
"""How much of a text property is read: UTF-8 takes at most four bytes a character."""
_ACTIVE, _MANAGER, _NAME, _PID = "_NET_ACTIVE_WINDOW", "_NET_SUPPORTING_WM_CHECK", "_NET_WM_NAME", "_NET_WM_PID"


class WindowReader:
    """Reads properties of windows of one display."""

    def __init__(self, display: Xlib.display.Display, titled: Titled = every_title) -> None:
        """Take an open display; the names of the properties are asked for once."""
        self._display, self._titled = display, titled
        self._programs = Programs()
        self._here = socket.gethostname()
        self._atoms = {name: display.intern_atom(name) for name in (_ACTIVE, _MANAGER, _NAME, _PID)}
        utf8, compound = display.intern_atom("UTF8_STRING"), display.intern_atom("COMPOUND_TEXT")
        self._readers: dict[int, Callable[[bytes], str]] = {
            utf8: from_utf8,
            compound: from_compound,
            Xatom.STRING: from_latin1,
        }

    def window(self, window_id: int) -> Any:
        """Make the library's object for a window; whether there is such a window shows when it is used."""
        return self._display.create_resource_object("window", window_id)

    def tells_active(self, atom: int) -> bool:
        """Whether a property of the root window names the window in front."""
        return atom == self._atoms[_ACTIVE]

    def tells_title(self, atom: int) -> bool:
        """Whether a property holds a window's title."""
        return atom in {self._atoms[_NAME], Xatom.WM_NAME}

    def tells_program(self, atom: int) -> bool:
        """Whether a property says which program a window belongs to."""
        return atom in {self._atoms[_PID], Xatom.WM_CLASS}

    def active(self, root: Any) -> int | None:
        """The id of the window in front; None where there is none, or where it is said to be the background."""
        front = self._number(root, self._atoms[_ACTIVE], Xatom.WINDOW)
        return front if front and front != root.id else None

    def manager(self, root: Any) -> str | None:
        """The window manager's name, `?` without one; None where no manager runs that keeps to the standard."""
        check = self._number(root, self._atoms[_MANAGER], Xatom.WINDOW)
        if not check or self._number(self.window(check), self._atoms[_MANAGER], Xatom.WINDOW) != check:
            return None
        return self.title(check) or "?"

    def read(self, window_id: int) -> Window | None:
        """Read all there is to know of a window; parts it does not tell are None. None where it is not shown.

        Some window managers go on naming the last window when it has been closed or hidden.
        """
        window = self.window(window_id)
        try:
            if window.get_attributes().map_state != X.IsViewable:
                return None
        except Xlib.error.XError:
            return None
        app, pid = self.program(window_id)
        return Window(app, self.allowed_title(window_id, app, pid), pid, window_id)

    def program(self, window_id: int) -> tuple[str | None, int | None]:
        """The program of a window and its process; None for what it does not tell."""
        window = self.window(window_id)
        pid = self._pid(window)
        return (self._programs.name_of(pid) if pid is not None else None) or self._class(window), pid

    def allowed_title(self, window_id: int, app: str | None, pid: int | None) -> str | None:
        """The title, where it may be read; else it never leaves the display."""
        return self.title(window_id) if self._titled(app, pid) else None

    def title(self, window_id: int) -> str | None:
        """The title, from the property that modern programs set, else from the old one."""
        window = self.window(window_id)
        for atom in (self._atoms[_NAME], Xatom.WM_NAME):
            if title := clean(self._text(window, atom), limits.TITLE_CHARS):
                return title
        return None

    def _pid(self, window: Any) -> int | None:
        """The process: the one the window names where that is plausible, else the one connected to the display.

        A window of another machine has none here; a number from inside a container is nobody's or another's.
        """
        machine = self._text(window, Xatom.WM_CLIENT_MACHINE)
        if machine and machine.partition(".")[0] != self._here.partition(".")[0]:
            return None
        named = self._number(window, self._atoms[_PID], Xatom.CARDINAL)
        if named and self._programs.is_ours(named):
            return named
        return self._connected_pid(window)

    def _connected_pid(self, window: Any) -> int | None:
        """The process that holds the connection on which the window was made."""
        if not self._display.has_extension("X-Resource"):
            return None
        try:
            answer = self._display.res_query_client_ids([{"client": window.id, "mask": res.LocalClientPIDMask}])
        except Xlib.error.XError:
            return None
        pids = [int(value) for one in answer.ids for value in one.value]
        return next((pid for pid in pids if pid > 0), None)

    def _class(self, window: Any) -> str | None:
        """The class a window gives itself, for windows whose program cannot be looked up."""
        names = [name for name in self._text(window, Xatom.WM_CLASS).split("\0") if name]
        return clean(names[-1], limits.APP_CHARS) or None if names else None

    def _text(self, window: Any, atom: int) -> str:
        """The start of a text property; empty where there is none."""
        found = self._property(window, atom, X.AnyPropertyType, TEXT_BYTES // 4)
        if found is None or found.format != 8:
            return ""
        return self._readers.get(found.property_type, from_latin1)(bytes(found.value))

    def _number(self, window: Any, atom: int, kind: int) -> int | None:
        """The first number of a property; None where there is none."""
        found = self._property(window, atom, kind, 1)
        return int(found.value[0]) if found is not None and found.format == 32 and len(found.value) else None

    @staticmethod
    def _property(window: Any, atom: int, kind: int, words: int) -> Any:
        """Up to `words` times four bytes of a property; None where the window or the property is not there."""
        try:
            return window.get_property(atom, kind, 0, words)
        except Xlib.error.XError:
            return None
