"""Which clock counts sleep is another one on every system."""

import importlib
import sys
import time
from collections.abc import Iterator

import pytest
from planwhy_agent.system import clock


@pytest.fixture
def on_macos(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clocks of a Mac that was awake for 100 s and asleep for 50 s: what Python and the system call them there."""
    clocks = {6: 150_000_000_000, 4: 150_000_000_001, 8: 100_000_000_000}
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    monkeypatch.setattr(time, "CLOCK_MONOTONIC_RAW", 4)
    monkeypatch.setattr(time, "clock_gettime_ns", clocks.__getitem__)
    monkeypatch.setattr(time, "monotonic_ns", lambda: clocks[8])
    importlib.reload(clock)
    yield
    monkeypatch.undo()
    importlib.reload(clock)


def test_on_macos_the_difference_of_the_clocks_is_the_time_asleep(on_macos: None) -> None:
    moment = clock.now()
    assert moment.mono_ms - moment.awake_ms == 50_000


def test_here_the_clock_that_counts_sleep_never_falls_behind() -> None:
    moments = [clock.now() for _ in range(100)]
    assert all(one.mono_ms >= one.awake_ms for one in moments)
    assert sorted(moments, key=lambda one: one.mono_ms) == moments
