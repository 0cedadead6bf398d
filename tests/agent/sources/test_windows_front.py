"""What is made of the window in front while it changes, with windows given by hand. Runs on every system."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from planwhy_agent.sources import settling, windows, windows_window
from planwhy_agent.sources.base import Window, every_title
from planwhy_agent.sources.settling import SETTLE_MS
from planwhy_agent.sources.windows import TRIES, WindowsDesktop


class Screen:
    """Tells of a series of windows in front, the last one for ever."""

    def __init__(self, *fronts: int | None) -> None:
        self.fronts, self.now_s = list(fronts), 100.0

    def front(self) -> int | None:
        return self.fronts.pop(0) if len(self.fronts) > 1 else self.fronts[0]

    def read(self, window_id: int) -> Window | None:
        return Window("program.exe", str(window_id), 1, window_id)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    screen = Screen(None)
    monkeypatch.setattr(windows_window, "front", screen.front)
    monkeypatch.setattr(windows.WindowReader, "read", lambda _, window_id: screen.read(window_id))
    monkeypatch.setattr(settling, "time", SimpleNamespace(monotonic=lambda: screen.now_s))
    return screen


@pytest.fixture
def source(screen: Screen) -> Iterator[WindowsDesktop]:
    source = WindowsDesktop(every_title, lambda: None)
    yield source
    source.close()


@pytest.mark.parametrize(
    ("fronts", "seen"),
    [([7], 7), ([7, 8], 8), ([7, 8, 8, 9], 9), ([7, None], None), ([None, 7], 7), ([1, 2, 3, 4, 5, 6], 2 * TRIES - 1)],
)
def test_what_is_told_belongs_to_a_window_that_stayed_in_front(
    screen: Screen, source: WindowsDesktop, fronts: list[int | None], seen: int | None
) -> None:
    screen.fronts = fronts
    window = source.read()
    assert (window.id if window else None) == seen


def test_a_state_without_a_window_has_to_last(screen: Screen, source: WindowsDesktop) -> None:
    assert source.read() is None
    assert source.settle_ms() == SETTLE_MS
    screen.now_s += SETTLE_MS / 2000
    assert (source.read(), source.settle_ms()) == (None, SETTLE_MS // 2)
    screen.now_s += 1
    assert source.settle_ms() == 0
    screen.fronts = [7]
    assert source.read() is not None
    assert source.settle_ms() == 0
    screen.fronts = [None]
    assert (source.read(), source.settle_ms()) == (None, SETTLE_MS)
