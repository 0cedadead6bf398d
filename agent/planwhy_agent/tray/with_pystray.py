"""The tray of Windows and macOS, by pystray, which is installed with the extra `tray`.

In: a Face to show. Out: icon, menu, notifications. Never: an error where the extra is not installed: then there is
no icon, and everything works in a terminal.
"""

import importlib.util
import os
import queue
import sys
import threading
from collections.abc import Callable, Container
from typing import Any

from planwhy_agent.config import Settings
from planwhy_agent.system.instance_lock import holder
from planwhy_agent.tray import icon as tray_icon
from planwhy_agent.tray.menu import Act, Face, Item
from planwhy_agent.tray.notices import Told
from planwhy_agent.tray.process import Does

ALONE_LOOK_S = 5.0
SIZE = 48


def is_installed() -> bool:
    """Whether the extra is there."""
    return all(importlib.util.find_spec(name) is not None for name in ("pystray", "PIL"))


class SystemShown:
    """Icon and notifications. Keeps the protocol `Shown`; the system's own loop runs in the main thread."""

    def __init__(self, settings: Settings, does: Does, lifeline: bool) -> None:
        import pystray  # noqa: PLC0415  an extra

        self.settings, self.does, self.lifeline = settings, does, lifeline
        self._pystray: Any = pystray
        self._news: queue.Queue[Act | None] = queue.Queue()
        self._agent_gone = False
        self._face: Face | None = None
        self.system: Any = pystray.Icon("planwhy-agent", title="Planwhy", menu=pystray.Menu(self._items))
        if lifeline:
            threading.Thread(target=self._follow_agent, daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether the agent is gone."""
        return self._agent_gone or (not self.lifeline and holder(self.settings.lock) is None)

    def drive(self, run: Callable[[], int]) -> int:
        """The system wants its own loop in the main thread; the tray's runs beside it and ends it."""

        def beside(_icon: Any) -> None:
            try:
                run()
            finally:  # or the system's loop would go on without the tray's
                self.system.stop()

        self.system.run(setup=beside)
        return 0

    def show(self, face: Face) -> None:
        """Show the icon with its menu."""
        from PIL import Image  # noqa: PLC0415  an extra

        before, self._face = self._face, face
        if before is None or before.kind is not face.kind:
            self.system.icon = Image.frombytes("RGBA", (SIZE, SIZE), tray_icon.points(face.kind, SIZE))
        self.system.title = f"Planwhy: {face.words}"[:127]
        self.system.visible = True
        self.system.update_menu()

    def notify(self, told: Told) -> bool:
        """Show a notification."""
        try:
            self.system.notify(told.text, told.title)
        except NotImplementedError:
            return False
        return True

    def withdraw(self, over: Container[str]) -> None:
        """These systems take notifications back by themselves."""

    def wait(self, timeout_s: float | None) -> None:
        """Wait for a click, the agent or the time."""
        if not self.lifeline:
            timeout_s = min(timeout_s or ALONE_LOOK_S, ALONE_LOOK_S)
        try:
            act = self._news.get(timeout=timeout_s)
        except queue.Empty:
            return
        if act is not None:
            self.does.click(act)

    def _items(self) -> list[Any]:
        """The menu as it is now; asked for whenever it opens."""
        return [self._item(item) for item in self.does.face().items]

    def _item(self, item: Item) -> Any:
        if not item.text:
            return self._pystray.Menu.SEPARATOR
        return self._pystray.MenuItem(item.text, lambda: self._news.put(item.act), enabled=item.enabled)

    def _follow_agent(self) -> None:
        """The agent's line: each byte is a change, its end is the end."""
        while os.read(sys.stdin.fileno(), 4096):
            self._news.put(None)
        self._agent_gone = True
        self._news.put(None)


def open_shown(settings: Settings, does: Does, lifeline: bool) -> SystemShown | None:
    """The system's tray; None without the extra."""
    return SystemShown(settings, does, lifeline) if is_installed() else None
