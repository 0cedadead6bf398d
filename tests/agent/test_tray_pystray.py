"""The tray of Windows and macOS against a stand-in for pystray: what it is given, and what its clicks do."""

import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agent_parts import policy
from planwhy_agent import pause
from planwhy_agent.config import Settings
from planwhy_agent.identity import Identity, save_identity
from planwhy_agent.policy import PolicyStore
from planwhy_agent.system.instance_lock import InstanceLock
from planwhy_agent.tray import with_pystray as tray_pystray
from planwhy_agent.tray.process import Tray
from planwhy_agent.words import Words
from planwhy_shared.wire import Notice


class Icon:
    """As pystray's: `run` calls `setup` beside its own loop and returns after `stop`."""

    def __init__(self, name: str, title: str, menu: "Menu") -> None:
        self.menu, self.title = menu, title
        self.icon: Any = None
        self.visible = False
        self.notes: list[tuple[str, str]] = []
        self._stopped = threading.Event()

    def run(self, setup: Callable[["Icon"], None]) -> None:
        threading.Thread(target=setup, args=(self,)).start()
        assert self._stopped.wait(20)

    def stop(self) -> None:
        self._stopped.set()

    def update_menu(self) -> None:
        """Nothing is kept here."""

    def notify(self, message: str, title: str) -> None:
        self.notes.append((title, message))


class Menu:
    """As pystray's, with one function that gives the items."""

    SEPARATOR = types.SimpleNamespace(text="", enabled=False)

    def __init__(self, items: Callable[[], list[Any]]) -> None:
        self.items = items


def item(text: str, action: Callable[[], None], enabled: bool) -> Any:
    """As pystray's MenuItem."""
    return types.SimpleNamespace(text=text, action=action, enabled=enabled)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    module = types.SimpleNamespace(Icon=Icon, Menu=Menu, MenuItem=item)
    image = types.SimpleNamespace(frombytes=lambda mode, size, data: (mode, size, len(data)))
    monkeypatch.setitem(sys.modules, "pystray", module)
    monkeypatch.setitem(sys.modules, "PIL", types.SimpleNamespace(Image=image))
    monkeypatch.setattr(tray_pystray, "is_installed", lambda: True)
    settings = Settings(data_dir=str(tmp_path / "data"), runtime_dir=str(tmp_path / "run"))
    save_identity(settings.data, Identity("http://x", "d1", "e1", "One", "file", 1))
    PolicyStore(settings.data).save(policy(), Notice("n1", "read me"), None)
    return settings


def test_the_system_tray_shows_the_same_and_a_click_there_does_the_same(settings: Settings) -> None:
    lock = InstanceLock(settings.lock)
    tray = Tray(settings, Words("en"), lambda: 1_792_065_600_000)
    shown = tray_pystray.open_shown(settings, tray, lifeline=False)
    assert shown is not None
    ran = threading.Thread(target=lambda: shown.drive(lambda: tray.run(shown)))
    ran.start()
    while not shown.system.visible:
        threading.Event().wait(0.01)
    entries = {entry.text: entry for entry in shown.system.menu.items()}
    assert shown.system.icon == ("RGBA", (48, 48), 48 * 48 * 4) and not entries[""].enabled
    lock.release()
    entries["Private time: 15 minutes"].action()
    ran.join(20)
    assert pause.paused_until(settings.data) == 1_792_065_600_000 + 900_000
    assert shown.system.notes[0][0] == "What is recorded here has to be read"


def test_without_the_extra_there_is_no_tray(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tray_pystray, "is_installed", lambda: False)
    tray = Tray(settings, Words("en"), lambda: 0)
    assert tray_pystray.open_shown(settings, tray, lifeline=False) is None
