"""Real windows on a real X server."""

import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from desktop import Desk, virtual_desk, wait_for
from planwhy_agent.sources.base import SourceLost, Window
from planwhy_agent.sources.settling import SETTLE_MS
from planwhy_agent.sources.x11 import X11Desktop
from planwhy_shared.limits import TITLE_CHARS

pytestmark = pytest.mark.desktop


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with virtual_desk() as desk:
        yield desk


@pytest.fixture
def source(desk: Desk) -> Iterator[X11Desktop]:
    source = X11Desktop.open(desk.name)
    yield source
    source.close()


def until(source: X11Desktop, check: Callable[[Window | None], Any], within_s: float = 5) -> Window | None:
    """Wait for events only, never look without one, until a believable window passes the check."""
    end = time.monotonic() + within_s
    while not (check(window := source.read()) and source.settle_ms() == 0):
        wait_s = source.settle_ms() / 1000 or end - time.monotonic()
        assert time.monotonic() < end, f"still {window}"
        select.select(source.filenos(), [], [], wait_s)
    return window


def titled(title: str | None) -> Callable[[Window | None], bool]:
    return lambda window: window is not None and window.title == title


def test_every_switch_is_seen(desk: Desk, source: X11Desktop) -> None:
    windows = [desk.window(f"switch {n}") for n in range(3)]
    order, seen = [n % 3 for n in range(30)], list[str | None]()
    hand = threading.Thread(target=lambda: [(desk.focus(windows[n]), time.sleep(0.1)) for n in order])
    until(source, titled("switch 2"))
    hand.start()
    while select.select(source.filenos(), [], [], 1)[0] or hand.is_alive():
        window = source.read()
        if window and seen[-1:] != [window.title]:
            seen.append(window.title)
    hand.join()
    assert seen[-len(order) :] == [f"switch {n}" for n in order]


def test_the_program_is_named_as_the_system_knows_it(desk: Desk, source: X11Desktop) -> None:
    desk.focus(desk.terminal("Прайс-лист"))
    window = until(source, titled("Прайс-лист"))
    assert window is not None
    assert window.app == "xterm"
    assert window.pid is not None


@pytest.mark.parametrize("title", ["Сделка №5 — Битрикс24", "日本語 🙂", "a" * TITLE_CHARS])
def test_a_changed_title_is_seen(desk: Desk, source: X11Desktop, title: str) -> None:
    window = desk.window("before")
    desk.focus(window)
    until(source, titled("before"))
    desk.retitle(window, title)
    until(source, titled(title))


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b"caf\xe9 \xff", "caf\ufffd \ufffd"),
        (b"\x1b]0;x\x07\nend", "]0;x  end"),
        ("safe\u202etxt.exe".encode(), "safetxt.exe"),
        (b"A" * (1 << 20), "A" * TITLE_CHARS),
        (("Я" * (1 << 19)).encode(), "Я" * TITLE_CHARS),
    ],
)
def test_hostile_titles_become_short_clean_lines(desk: Desk, source: X11Desktop, data: bytes, title: str) -> None:
    desk.focus(desk.window(data))
    until(source, titled(title))


@pytest.mark.parametrize(
    ("kind", "data", "title"),
    [("STRING", "Überweisung".encode("latin-1"), "Überweisung"), ("COMPOUND_TEXT", b"\x1b-L\xb0\xd4", "Ад")],
)
def test_old_titles_are_read(desk: Desk, source: X11Desktop, kind: str, data: bytes, title: str) -> None:
    window = desk.window("modern")
    desk.old_title(window, kind, data)
    desk.focus(window)
    until(source, titled(title))


def test_a_window_without_a_title_has_none(desk: Desk, source: X11Desktop) -> None:
    desk.focus(desk.window(""))
    until(source, titled(None))


def test_a_process_id_from_elsewhere_is_not_believed(desk: Desk, source: X11Desktop) -> None:
    desk.focus(desk.window("contained", pid=2**30))
    window = until(source, titled("contained"))
    assert window is not None
    assert window.pid == os.getpid()


@pytest.mark.parametrize(
    ("name", "kind", "width", "data"),
    [
        ("_NET_WM_PID", "STRING", 8, b"text"),
        ("_NET_WM_PID", "CARDINAL", 32, [0xFFFFFFFF]),
        ("_NET_WM_PID", "CARDINAL", 32, []),
        ("WM_CLASS", "STRING", 8, b"\0\0\xff" * 5000),
        ("WM_CLASS", "CARDINAL", 32, [1, 2, 3]),
        ("WM_CLIENT_MACHINE", "STRING", 8, b"\xff\0another.example"),
        ("_NET_WM_NAME", "CARDINAL", 32, [1, 2]),
        ("_NET_WM_NAME", "ATOM", 16, [1, 2, 3]),
    ],
)
def test_a_property_of_the_wrong_kind_harms_nothing(
    desk: Desk, source: X11Desktop, name: str, kind: str, width: int, data: bytes | list[int]
) -> None:
    window = desk.window("before")
    desk.focus(window)
    until(source, titled("before"))
    desk.put(window, name, kind, width, data)
    source.read()
    desk.retitle(window, "after")
    until(source, titled("after"))


@pytest.mark.parametrize("bogus", [0, 1, 0x1FFFFFFF, "root"])
def test_a_made_up_window_in_front_is_none_and_the_next_real_one_is_seen(
    desk: Desk, source: X11Desktop, bogus: int | str
) -> None:
    window = desk.window("real")
    desk.put(0, "_NET_ACTIVE_WINDOW", "WINDOW", 32, [desk.root.id if bogus == "root" else bogus])
    until(source, lambda window: window is None)
    desk.put(0, "_NET_ACTIVE_WINDOW", "WINDOW", 32, [window])
    until(source, titled("real"))


def test_a_window_of_another_machine_is_named_by_its_class(desk: Desk, source: X11Desktop) -> None:
    window = desk.window("far", name="FarProgram")
    desk.put(window, "WM_CLIENT_MACHINE", "STRING", 8, b"elsewhere.example")
    desk.focus(window)
    far = until(source, titled("far"))
    assert (far.app, far.title, far.pid) == ("FarProgram", "far", None)


def test_windows_that_vanish_leave_another_or_none(desk: Desk, source: X11Desktop) -> None:
    for number in range(10):
        window = desk.window(f"brief {number}")
        desk.focus(window)
        desk.destroy(window)
        source.read()
    until(source, lambda window: window is None or not str(window.title).startswith("brief"))


def test_idle_time_grows_and_a_key_ends_it(desk: Desk, source: X11Desktop) -> None:
    desk.type("shift")
    wait_for(lambda: source.idle_ms() > 300)
    before = source.idle_ms()
    desk.type("shift")
    assert source.idle_ms() < before


def test_a_screen_saver_counts_as_locked(desk: Desk, source: X11Desktop) -> None:
    assert not source.locked()
    desk.display.force_screen_saver(1)
    desk.display.sync()
    wait_for(source.locked)
    desk.display.force_screen_saver(0)
    desk.display.sync()
    wait_for(lambda: not source.locked())


def test_nothing_happens_without_a_cause(desk: Desk, source: X11Desktop) -> None:
    window = desk.window("still")
    desk.focus(window)
    until(source, titled("still"))
    assert any(not select.select(source.filenos(), [], [], 1.0)[0] for _ in range(8) if source.read())


def test_a_state_without_a_window_has_to_last(desk: Desk, source: X11Desktop) -> None:
    window = desk.window("last")
    desk.focus(window)
    until(source, titled("last"))
    for other in desk.windows():
        desk.hide(other)
    wait_for(lambda: source.read() is None)
    assert 0 < source.settle_ms() <= SETTLE_MS
    until(source, lambda window: window is None)


def test_a_display_that_ends_is_lost() -> None:
    with virtual_desk() as desk:
        source = X11Desktop.open(desk.name)
        source.read()
    with pytest.raises(SourceLost):
        [source.idle_ms() or source.locked() or source.read() for _ in range(3)]
    source.close()


def test_a_virtual_screen_leaves_nothing_running() -> None:
    with virtual_desk() as desk:
        environment = desk.environment
    assert subprocess.run(["xdpyinfo"], env=environment, capture_output=True, check=False).returncode != 0


def test_a_title_is_forgotten_when_it_may_not_be_read_and_read_when_it_may(desk: Desk) -> None:
    may, asked = [False], list[str | None]()
    source = X11Desktop.open(desk.name, lambda app, _pid: bool(asked.append(app)) or may[0])
    try:
        desk.focus(desk.window("Private matter"))
        until(source, lambda window: window is not None and window.id == desk.active())
        assert (source.read() or Window(None, "?", None)).title is None
        may[0] = True
        assert (source.read() or Window(None, "?", None)).title == "Private matter"
        may[0] = False
        assert (source.read() or Window(None, "?", None)).title is None
    finally:
        source.close()
    assert asked
