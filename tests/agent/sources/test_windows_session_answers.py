"""What Windows answers about a session, given by hand: Wine answers nothing. Runs on every system."""

import ctypes
from collections.abc import Callable
from typing import Any

import pytest
from planwhy_agent.sources import windows_session
from planwhy_agent.sources.windows_facts import LOCK, UNLOCK
from planwhy_agent.sources.windows_session import ASK_MS, SessionSeat

LOCKED, UNLOCKED, UNKNOWN = 0, 1, -1
ACTIVE, DISCONNECTED = 0, 4


class System:
    """Answers as WTSQuerySessionInformationW does: level, session, state, flags, and much behind them."""

    def __init__(self) -> None:
        self.state, self.flags, self.level, self.size, self.asked = ACTIVE, UNLOCKED, 1, 200, 0
        self.freed: list[int] = []
        self.now_ms, self.covered = 1_000_000, False

    def query(self, _server: Any, _session: int, kind: int, found: Any, size: Any) -> int:
        assert kind == 25
        self.asked += 1
        if self.size == 0:
            return 0
        numbers = (self.level, 0, 7, self.state, self.flags & 0xFFFFFFFF)
        self.answer = (ctypes.c_uint32 * 50)(*numbers)
        found._obj.value, size._obj.value = ctypes.addressof(self.answer), self.size
        return 1


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    system = System()
    monkeypatch.setattr(windows_session, "_query", system.query)
    monkeypatch.setattr(windows_session, "_free", lambda found: system.freed.append(found.value))
    monkeypatch.setattr(windows_session, "_input_desktop", lambda *_: None if system.covered else 1)
    monkeypatch.setattr(windows_session, "_close_desktop", lambda _: 1)
    monkeypatch.setattr(windows_session, "_parameter", lambda *_: 0)
    monkeypatch.setattr(windows_session, "_now_ms", lambda: system.now_ms)
    return system


@pytest.mark.parametrize(
    ("state", "flags", "locked"),
    [(ACTIVE, UNLOCKED, False), (ACTIVE, LOCKED, True), (DISCONNECTED, UNLOCKED, True), (DISCONNECTED, UNKNOWN, True)],
)
def test_the_answer_of_windows_counts(system: System, state: int, flags: int, locked: bool) -> None:
    system.state, system.flags = state, flags
    assert SessionSeat().locked() == locked
    assert system.freed == [ctypes.addressof(system.answer)]


def test_windows_is_asked_now_and_then_and_a_missed_notice_is_made_good(system: System) -> None:
    seat = SessionSeat()
    system.flags = LOCKED
    assert [seat.locked() for _ in range(50)] == [False] * 50
    assert system.asked == 1
    system.now_ms += ASK_MS
    assert seat.locked()


def test_a_notice_counts_at_once_and_before_an_older_answer(system: System) -> None:
    seat = SessionSeat()
    system.now_ms += ASK_MS
    seat.note(LOCK)
    assert seat.locked()
    seat.note(UNLOCK)
    assert not seat.locked()
    assert system.asked == 1


def test_a_question_for_consent_that_covers_the_screen_is_no_lock(system: System) -> None:
    seat = SessionSeat()
    system.covered = True
    assert not seat.locked()


def spoil_level(system: System) -> None:
    system.level = 2


def spoil_size(system: System) -> None:
    system.size = 12


def spoil_answer(system: System) -> None:
    system.size = 0


def spoil_flags(system: System) -> None:
    system.flags = UNKNOWN


@pytest.mark.parametrize("spoil", [spoil_level, spoil_size, spoil_answer, spoil_flags])
def test_without_an_answer_the_desktop_that_takes_the_input_counts(
    system: System, spoil: Callable[[System], None]
) -> None:
    spoil(system)
    seat = SessionSeat()
    assert not seat.locked()
    system.covered = True
    assert seat.locked()
