"""Locked, idle, and the thread that hears of it, with real messages on a Windows desktop, or on Wine's.

Wine does not answer what state the session is in, and raises neither lock nor sleep: their messages are sent here by
hand, to the same window and through the same queue.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Iterator

import pytest

if sys.platform != "win32":
    pytest.skip("needs Windows or Wine", allow_module_level=True)

from ctypes import wintypes

from planwhy_agent.sources import windows, windows_session
from planwhy_agent.sources.base import SourceLost, SourceUnsupported
from planwhy_agent.sources.windows import WindowsDesktop
from planwhy_agent.sources.windows_events import (
    FRONT_CHANGED,
    NAME_CHANGED,
    POWER_BROADCAST,
    SESSION_CHANGE,
    WINDOW_CLASS,
)
from planwhy_agent.sources.windows_facts import (
    CONSOLE_CONNECT,
    CONSOLE_DISCONNECT,
    LOCK,
    REMOTE_CONNECT,
    REMOTE_DISCONNECT,
    UNLOCK,
)
from windows_desk import wait_for, windows_program

ONLY_MESSAGES, RESUMED, SET_SAVER, SHIFT, UP = -3, 0x12, 0x61, 0x10, 2

user = ctypes.WinDLL("user32")
user.FindWindowExW.restype = wintypes.HWND
user.FindWindowExW.argtypes = [wintypes.HWND, wintypes.HWND, wintypes.LPCWSTR, wintypes.LPCWSTR]
user.PostMessageW.argtypes = [wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM]


class Heard:
    """Counts the calls."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def source(heard: Heard) -> Iterator[WindowsDesktop]:
    source = WindowsDesktop.open(on_event=heard)
    yield source
    source.close()


def listener() -> int | None:
    return user.FindWindowExW(ONLY_MESSAGES, None, WINDOW_CLASS, None)


def send(message: int, what: int) -> None:
    assert user.PostMessageW(listener(), message, what, 0)


@pytest.mark.parametrize(
    ("away", "back"), [(LOCK, UNLOCK), (CONSOLE_DISCONNECT, CONSOLE_CONNECT), (REMOTE_DISCONNECT, REMOTE_CONNECT)]
)
def test_a_notice_of_the_session_wakes_and_tells(source: WindowsDesktop, heard: Heard, away: int, back: int) -> None:
    assert not source.locked()
    send(SESSION_CHANGE, away)
    wait_for(lambda: heard.times == 1)
    assert source.locked()
    send(SESSION_CHANGE, back)
    wait_for(lambda: heard.times == 2)
    assert not source.locked()


def test_sleep_and_waking_wake_and_change_nothing(source: WindowsDesktop, heard: Heard) -> None:
    send(POWER_BROADCAST, RESUMED)
    wait_for(lambda: heard.times == 1)
    assert not source.locked()


def test_a_window_that_comes_to_the_front_wakes_where_the_system_tells(source: WindowsDesktop, heard: Heard) -> None:
    with windows_program() as program:
        window = program.front("told")
        program("tell", FRONT_CHANGED, window)
        wait_for(lambda: heard.times == 1)


def test_names_are_heard_of_in_the_program_in_front_only(source: WindowsDesktop, heard: Heard) -> None:
    with windows_program() as behind, windows_program() as ahead:
        hidden, window = behind.front("behind"), ahead.front("ahead")
        wait_for(lambda: (seen := source.read()) and seen.title == "ahead")
        ahead("tell", FRONT_CHANGED, window)
        wait_for(lambda: heard.times == 1)
        behind("tell", NAME_CHANGED, hidden)
        ahead("tell", NAME_CHANGED, ahead("open", "not in front", 0, None, False))
        ahead("tell", NAME_CHANGED, window)
        wait_for(lambda: heard.times == 2)


def test_a_flood_of_names_wakes_a_few_times_a_second(source: WindowsDesktop, heard: Heard) -> None:
    with windows_program() as program:
        window = program.front("floods")
        wait_for(lambda: (seen := source.read()) and seen.title == "floods")
        program("tell", FRONT_CHANGED, window)
        wait_for(lambda: heard.times == 1)
        began = time.monotonic()
        for _ in range(1_000):
            program("tell", NAME_CHANGED, window)
        wait_for(lambda: heard.times > 1)
        assert heard.times - 1 <= 1 + 4 * (time.monotonic() - began)


def test_closing_ends_the_thread_and_its_window(heard: Heard) -> None:
    source = WindowsDesktop.open(on_event=heard)
    assert listener()
    assert "windows-events" in [thread.name for thread in threading.enumerate()]
    source.close()
    assert not listener()
    assert "windows-events" not in [thread.name for thread in threading.enumerate()]


def test_two_sources_at_once_harm_each_other_in_nothing(source: WindowsDesktop, heard: Heard) -> None:
    WindowsDesktop.open().close()
    send(SESSION_CHANGE, LOCK)
    wait_for(source.locked)


def test_idle_time_grows_and_a_key_ends_it(source: WindowsDesktop) -> None:
    press_shift()
    wait_for(lambda: source.idle_ms() > 300)
    before = source.idle_ms()
    press_shift()
    assert source.idle_ms() < before


def test_a_screen_saver_counts_as_locked(source: WindowsDesktop) -> None:
    assert not source.locked()
    user.SystemParametersInfoW(SET_SAVER, 1, None, 0)
    try:
        assert source.locked()
    finally:
        user.SystemParametersInfoW(SET_SAVER, 0, None, 0)
    assert not source.locked()


def test_a_desktop_that_may_not_be_opened_is_locked_where_the_session_does_not_tell(
    source: WindowsDesktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows_session, "_query", lambda *_: 0)
    monkeypatch.setattr(source._seat, "_answers", False)
    assert not source.locked()
    monkeypatch.setattr(windows_session, "_input_desktop", lambda *_: None)
    assert source.locked()


def test_without_windows_to_see_or_idle_time_the_reason_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "_input", lambda *_: 0)
    with pytest.raises(SourceLost, match="no idle time"):
        WindowsDesktop.open()
    monkeypatch.setattr(windows_session, "_about", lambda *_: 0)
    with pytest.raises(SourceUnsupported, match="a service sees no windows"):
        WindowsDesktop.open()


def press_shift() -> None:
    user.keybd_event(SHIFT, 0, 0, 0)
    user.keybd_event(SHIFT, 0, UP, 0)
