"""The decisions of the macOS source, against a stand-in that speaks the values which Apple documents."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.sources.base import OPEN_AT_MOST, OpenProgram, SourceLost, Window
from planwhy_agent.sources.macos import LONGEST_IDLE_S, MacDesktop
from planwhy_agent.sources.texts import clean
from planwhy_shared.limits import APP_CHARS, TITLE_CHARS

SAFARI, CHROME = 501, 502
AX_CANNOT_COMPLETE, AX_API_DISABLED, AX_NO_VALUE, AX_INVALID = -25204, -25211, -25212, -25202
UNLOCKED = {"kCGSSessionUserIDKey": 501, "kCGSSessionOnConsoleKey": True, "kCGSessionLoginDoneKey": True}


def window(pid: int, number: int, layer: int = 0, alpha: float = 1.0, width: float = 900, height: float = 600) -> Any:
    bounds = {"X": 0.0, "Y": 25.0, "Width": width, "Height": height}
    return {
        "kCGWindowNumber": number, "kCGWindowOwnerPID": pid, "kCGWindowLayer": layer, "kCGWindowAlpha": alpha,
        "kCGWindowBounds": bounds, "kCGWindowOwnerName": "any", "kCGWindowSharingState": 1,
    }  # fmt: skip


@dataclass
class Mac:
    """A session with Safari in front of Chrome. What is in front changes only when the run loop turns."""

    next_front: tuple[int, str | None] | None = (SAFARI, "Safari")
    told_front: tuple[int, str | None] | None = None
    granted: bool = True
    focused: tuple[int, Any] = (0, "a window")
    title: tuple[int, Any] = (0, "Start")
    shown: list[Mapping[str, Any]] = field(default_factory=lambda: [window(SAFARI, 71), window(CHROME, 72)])
    hidden: list[Mapping[str, Any]] = field(default_factory=list)
    apps: list[tuple[int, int, str | None]] = field(
        default_factory=lambda: [(SAFARI, 0, "Safari"), (CHROME, 0, "Google Chrome"), (99, 1, "Spotlight")]
    )
    seconds: float = 0.0
    says: Mapping[str, Any] | None = field(default_factory=lambda: UNLOCKED)
    asked: list[str] = field(default_factory=list)

    def turn(self) -> None:
        self.told_front = self.next_front

    def front(self) -> tuple[int, str | None] | None:
        return self.told_front

    def running(self) -> list[tuple[int, int, str | None]]:
        return self.apps

    def trusted(self) -> bool:
        return self.granted

    def application(self, pid: int) -> Any:
        return f"application {pid}"

    def attribute(self, element: Any, name: str) -> tuple[int, Any]:
        self.asked.append(name)
        return {"AXFocusedWindow": self.focused, "AXTitle": self.title}[name]

    def shown_windows(self) -> list[Mapping[str, Any]]:
        return self.shown

    def all_windows(self) -> list[Mapping[str, Any]]:
        return self.shown + self.hidden

    def seconds_since_input(self) -> float:
        return self.seconds

    def session(self) -> Mapping[str, Any] | None:
        return self.says


def test_the_program_in_front_is_told_with_title_and_number() -> None:
    assert MacDesktop(Mac()).read() == Window("Safari", "Start", SAFARI, 71)


def test_a_switch_is_seen_at_the_next_look() -> None:
    mac = Mac()
    desktop = MacDesktop(mac)
    desktop.read()
    mac.next_front = (CHROME, "Google Chrome")
    assert desktop.read() == Window("Google Chrome", "Start", CHROME, 72)


def test_no_program_in_front_is_no_window() -> None:
    assert MacDesktop(Mac(next_front=None)).read() is None


def test_without_the_permission_nothing_is_asked_and_no_title_is_told() -> None:
    mac = Mac(granted=False)
    assert MacDesktop(mac).read() == Window("Safari", None, SAFARI, 71)
    assert mac.asked == []
    assert not MacDesktop(mac).titles()


def test_a_title_that_may_not_be_read_is_never_asked_for() -> None:
    mac = Mac()
    desktop = MacDesktop(mac, lambda app, pid: (app, pid) != ("Safari", SAFARI))
    assert desktop.read() == Window("Safari", None, SAFARI, 71)
    assert mac.asked == []


@pytest.mark.parametrize("error", [AX_API_DISABLED, AX_NO_VALUE, AX_INVALID, AX_CANNOT_COMPLETE])
@pytest.mark.parametrize("which", ["focused", "title"])
def test_a_window_that_does_not_answer_has_no_title(which: str, error: int) -> None:
    mac = Mac()
    setattr(mac, which, (error, None))
    assert MacDesktop(mac).read() == Window("Safari", None, SAFARI, 71)


@pytest.mark.parametrize("which", ["focused", "title"])
def test_a_busy_program_keeps_its_title_and_loses_it_with_its_window(which: str) -> None:
    mac = Mac()
    desktop = MacDesktop(mac)
    desktop.read()
    setattr(mac, which, (AX_CANNOT_COMPLETE, None))
    assert desktop.read() == Window("Safari", "Start", SAFARI, 71)
    mac.shown = [window(SAFARI, 73)]
    assert desktop.read() == Window("Safari", None, SAFARI, 73)


def test_a_window_that_was_closed_meanwhile_keeps_no_title() -> None:
    mac = Mac()
    desktop = MacDesktop(mac)
    desktop.read()
    mac.title = (AX_INVALID, None)
    assert desktop.read() == Window("Safari", None, SAFARI, 71)


@given(st.text() | st.none() | st.integers() | st.binary())
def test_whatever_stands_in_a_title_arrives_clean(said: object) -> None:
    found = MacDesktop(Mac(title=(0, said))).read()
    assert found is not None
    assert found.title != ""
    assert clean(found.title or "", TITLE_CHARS) == (found.title or "")


@pytest.mark.parametrize("name", ["", None, "\u202e\u0007"])
def test_a_program_without_a_name_of_its_own_is_looked_up_by_its_process(name: str | None) -> None:
    found = MacDesktop(Mac(next_front=(os.getpid(), name))).read()
    assert found is not None
    assert found.app
    assert len(found.app) <= APP_CHARS


def test_the_number_is_that_of_the_foremost_ordinary_window() -> None:
    menu, ghost, helper = window(SAFARI, 1, layer=25), window(SAFARI, 2, alpha=0), window(SAFARI, 3, height=20)
    mac = Mac(shown=[menu, ghost, window(CHROME, 4), helper, window(SAFARI, 5), window(SAFARI, 6)])
    found = MacDesktop(mac).read()
    assert found is not None
    assert found.id == 5


def test_a_session_that_ends_is_lost() -> None:
    with pytest.raises(SourceLost):
        MacDesktop(Mac(says=None)).read()


@pytest.mark.parametrize(
    ("session", "locked"),
    [
        (UNLOCKED, False),
        (UNLOCKED | {"CGSSessionScreenIsLocked": True}, True),
        (UNLOCKED | {"CGSSessionScreenIsLocked": 1}, True),
        (UNLOCKED | {"CGSSessionScreenIsLocked": 0}, False),
        (UNLOCKED | {"kCGSSessionOnConsoleKey": False}, True),
        (UNLOCKED | {"kCGSSessionOnConsoleKey": 0}, True),
        ({}, False),
        (None, False),
    ],
)
def test_a_locked_screen_and_another_persons_session_lock(session: Mapping[str, Any] | None, locked: bool) -> None:
    assert MacDesktop(Mac(says=session)).locked() is locked


@pytest.mark.parametrize(
    ("seconds", "idle_ms"),
    [
        (0.0, 0),
        (1.25, 1250),
        (-1.0, 0),
        (math.nan, 0),
        (math.inf, LONGEST_IDLE_S * 1000),
        (1e18, LONGEST_IDLE_S * 1000),
    ],
)
def test_idle_time_comes_in_seconds_and_may_be_absurd(seconds: float, idle_ms: float) -> None:
    assert MacDesktop(Mac(seconds=seconds)).idle_ms() == idle_ms


def test_programs_of_the_dock_are_counted_with_their_hidden_windows() -> None:
    hidden = [window(CHROME, 73), window(CHROME, 74, width=10), window(CHROME, 75, layer=3), window(99, 76)]
    assert MacDesktop(Mac(hidden=hidden)).programs() == (OpenProgram("Google Chrome", 2), OpenProgram("Safari", 1))


def test_of_very_many_programs_those_with_most_windows_are_named() -> None:
    apps = [(1000 + n, 0, f"Program {n:03}") for n in range(OPEN_AT_MOST + 10)]
    shown = [window(pid, pid) for pid, _, _ in apps] + [window(apps[-1][0], 1)]
    found = MacDesktop(Mac(apps=apps, shown=shown)).programs()
    assert len(found) == OPEN_AT_MOST
    assert found[0] == OpenProgram(apps[-1][2], 2)


def test_it_is_looked_at_once_a_second_and_needs_no_patience() -> None:
    desktop = MacDesktop(Mac())
    assert (desktop.filenos(), desktop.poll_ms(), desktop.settle_ms(), desktop.remote()) == ((), 1000, 0, False)
    desktop.close()
