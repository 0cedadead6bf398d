"""The thin side of the macOS source, against stand-ins for the bridge, with the signatures that it documents."""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

HANDLED_SOURCE, TIMED_OUT = 4, 3
ALL, ON_SCREEN, NO_DESKTOP = 0, 1, 16


class Application:
    def __init__(self, pid: int, path: str | None, policy: int) -> None:
        self.pid, self.path, self.policy = pid, path, policy

    def processIdentifier(self) -> int:  # noqa: N802  as AppKit names it
        return self.pid

    def executableURL(self) -> Any:  # noqa: N802  as AppKit names it
        return self.path and SimpleNamespace(lastPathComponent=lambda: str(self.path).rpartition("/")[2])

    def activationPolicy(self) -> int:  # noqa: N802  as AppKit names it
        return self.policy


class Bridge:
    """What the modules answer, and how they were asked."""

    def __init__(self) -> None:
        self.front: Application | None = Application(7, "/Applications/Safari.app/Contents/MacOS/Safari", 0)
        self.apps = [self.front, Application(8, None, 2)]
        self.waiting, self.turns, self.pools = 3, 0, 0
        self.patience: dict[Any, float] = {}
        self.session: dict[str, Any] | None = {"kCGSSessionOnConsoleKey": True}

    def run_in_mode(self, mode: str, seconds: float, after_source: bool) -> int:
        assert (mode, seconds, after_source) == ("kCFRunLoopDefaultMode", 0.0, True)
        self.turns += 1
        self.waiting -= 1
        return HANDLED_SOURCE if self.waiting >= 0 else TIMED_OUT

    @contextlib.contextmanager
    def pool(self) -> Iterator[None]:
        self.pools += 1
        yield

    def windows(self, option: int, relative_to: int) -> list[dict[str, Any]] | None:
        assert relative_to == 0
        return {ALL | NO_DESKTOP: [{"kCGWindowNumber": 1}], ON_SCREEN | NO_DESKTOP: None}[option]

    def modules(self) -> dict[str, dict[str, Any]]:
        workspace = SimpleNamespace(frontmostApplication=lambda: self.front, runningApplications=lambda: self.apps)
        return {
            "objc": {"autorelease_pool": self.pool},
            "AppKit": {"NSWorkspace": SimpleNamespace(sharedWorkspace=lambda: workspace)},
            "CoreFoundation": {
                "CFRunLoopRunInMode": self.run_in_mode,
                "kCFRunLoopDefaultMode": "kCFRunLoopDefaultMode",
                "kCFRunLoopRunHandledSource": HANDLED_SOURCE,
            },
            "HIServices": {
                "AXIsProcessTrusted": lambda: 1,
                "AXUIElementCopyAttributeValue": lambda element, name, out: (0, f"{name} of {element}"),
                "AXUIElementCreateApplication": lambda pid: pid,
                "AXUIElementCreateSystemWide": lambda: "all",
                "AXUIElementSetMessagingTimeout": self.patience.__setitem__,
            },
            "Quartz": {},
            "Quartz.CoreGraphics": {
                "CGEventSourceSecondsSinceLastEventType": lambda state, kind: {(0, 0xFFFFFFFF): 2.5}[state, kind],
                "CGSessionCopyCurrentDictionary": lambda: self.session,
                "CGWindowListCopyWindowInfo": self.windows,
                "kCGAnyInputEventType": 0xFFFFFFFF,
                "kCGEventSourceStateCombinedSessionState": 0,
                "kCGNullWindowID": 0,
                "kCGWindowListExcludeDesktopElements": NO_DESKTOP,
                "kCGWindowListOptionAll": ALL,
                "kCGWindowListOptionOnScreenOnly": ON_SCREEN,
            },
        }


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bridge]:
    bridge = Bridge()
    for name, content in bridge.modules().items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    yield bridge
    sys.modules.pop("planwhy_agent.sources.macos_system", None)


@pytest.fixture
def system(bridge: Bridge) -> Any:
    return importlib.import_module("planwhy_agent.sources.macos_system").CocoaSystem()


def test_programs_are_waited_for_a_quarter_of_a_second(bridge: Bridge, system: Any) -> None:
    assert bridge.patience == {"all": 0.25}


def test_the_run_loop_is_turned_until_nothing_waits(bridge: Bridge, system: Any) -> None:
    system.turn()
    assert bridge.turns == 4


def test_a_flood_of_events_ends_a_turn_all_the_same(bridge: Bridge, system: Any) -> None:
    bridge.waiting = 1_000_000
    system.turn()
    assert bridge.turns == 50


def test_programs_come_with_the_names_of_their_executables(bridge: Bridge, system: Any) -> None:
    assert system.front() == (7, "Safari")
    assert system.running() == [(7, 0, "Safari"), (8, 2, None)]
    bridge.front = None
    assert system.front() is None


def test_accessibility_gives_error_and_value(bridge: Bridge, system: Any) -> None:
    assert system.trusted() is True
    assert system.attribute(system.application(7), "AXTitle") == (0, "AXTitle of 7")


def test_windows_input_and_session_go_on_as_they_came(bridge: Bridge, system: Any) -> None:
    assert (system.all_windows(), system.shown_windows()) == ([{"kCGWindowNumber": 1}], [])
    assert system.seconds_since_input() == 2.5
    assert system.session() == {"kCGSSessionOnConsoleKey": True}
    bridge.session = None
    assert system.session() is None


def test_what_the_bridge_hands_out_is_let_go_after_each_look(bridge: Bridge, system: Any) -> None:
    system.turn(), system.front(), system.running(), system.attribute(7, "AXTitle"), system.all_windows()
    assert bridge.pools == 5


@pytest.mark.parametrize("session", [None, {"kCGSSessionOnConsoleKey": True}])
def test_the_desktop_opens_inside_a_session_with_a_screen_only(bridge: Bridge, session: dict[str, Any] | None) -> None:
    from planwhy_agent.sources.base import SourceUnsupported
    from planwhy_agent.sources.macos import MacDesktop

    bridge.session = session
    if session is None:
        with pytest.raises(SourceUnsupported, match="no screen"):
            MacDesktop.open()
    else:
        found = MacDesktop.open().read()
        assert found is not None
        assert (found.app, found.title) == ("Safari", "AXTitle of AXFocusedWindow of 7")
