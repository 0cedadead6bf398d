"""Real windows of other programs on a Windows desktop, or on Wine's.

Wine tells of no window that comes to the front, so what has to be seen here is seen by looking.
"""

import sys
import time
from collections.abc import Iterator

import pytest

if sys.platform != "win32":
    pytest.skip("needs Windows or Wine", allow_module_level=True)

from planwhy_agent.sources.base import OpenProgram, Window
from planwhy_agent.sources.open_desktop import open_desktop
from planwhy_agent.sources.settling import SETTLE_MS
from planwhy_agent.sources.windows import WindowsDesktop
from planwhy_shared.limits import TITLE_CHARS
from windows_desk import Program, named_copy, wait_for, windows_program

TOOL, ON_TASKBAR, HIDE, MINIMISE = 0x80, 0x40000, 0, 6


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with windows_program() as program:
        yield program


@pytest.fixture
def source() -> Iterator[WindowsDesktop]:
    source = WindowsDesktop.open()
    yield source
    source.close()


def until(source: WindowsDesktop, program: Program, window: int, title: str | None) -> Window:
    """Bring a window to the front until it is seen there with the title."""

    def seen() -> Window | None:
        program.bring(window)
        found = source.read()
        return found if found and (found.id, found.title) == (window, title) else None

    return wait_for(seen)


def shown(source: WindowsDesktop, program: Program, title: str) -> int:
    """Open a window and wait until it is seen."""
    window = program("open", title)
    until(source, program, window, title)
    return window


def test_a_state_without_a_window_has_to_last(source: WindowsDesktop) -> None:
    with windows_program() as lone:
        shown(source, lone, "lone")
    if wait_for(lambda: (seen := source.read()) is None or seen.title != "lone") and source.read():
        pytest.skip("another window came to the front, as on every desktop in use")
    assert 0 < source.settle_ms() <= SETTLE_MS
    wait_for(lambda: source.read() is None and source.settle_ms() == 0)


def test_the_window_in_front_is_seen_with_program_title_and_number(program: Program, source: WindowsDesktop) -> None:
    window = program("open", "Сделка №5 — Битрикс24")
    seen = until(source, program, window, "Сделка №5 — Битрикс24")
    assert seen == Window("python.exe", "Сделка №5 — Битрикс24", program.pid, window)


def test_two_hundred_switches_are_all_seen_by_looking(program: Program, source: WindowsDesktop) -> None:
    windows = [program("open", f"switch {n}") for n in range(3)]
    for turn in range(200):
        until(source, program, windows[turn % 3], f"switch {turn % 3}")


def test_windows_of_two_programs_are_told_apart(program: Program, source: WindowsDesktop) -> None:
    copy = named_copy("softphone.exe")
    try:
        with windows_program(str(copy)) as other:
            seen = until(source, other, other("open", "same title"), "same title")
            assert (seen.app, seen.pid) == ("softphone.exe", other.pid)
            assert until(source, program, program("open", "same title"), "same title").app == "python.exe"
    finally:
        copy.unlink()


@pytest.mark.parametrize(
    ("text", "times", "title"),
    [
        ("日本語 🙂", 1, "日本語 🙂"),
        ("safe\u202etxt.exe", 1, "safetxt.exe"),
        ("a\r\n\tb\x1b[31m", 1, "a   b [31m"),
        ("half \ud83d of a pair \udc00", 1, "half  of a pair"),
        ("A", 1 << 20, "A" * TITLE_CHARS),
        ("🙂", 1 << 19, "🙂" * TITLE_CHARS),
        ("\u200b", 1 << 20, None),
        ("", 1, None),
    ],
)
def test_hostile_titles_become_short_clean_lines(
    program: Program, source: WindowsDesktop, text: str, times: int, title: str | None
) -> None:
    window = shown(source, program, "before")
    program("retitle", window, text, times)
    until(source, program, window, title)


def test_a_title_that_may_not_be_read_is_not_there_and_was_asked_for_by_program(program: Program) -> None:
    asked = []
    source = WindowsDesktop.open(lambda app, pid: bool(asked.append((app, pid))))
    until(source, program, program("open", "secret"), None)
    assert set(asked) >= {("python.exe", program.pid)}
    source.close()


def test_reading_sends_no_message_to_a_window_so_one_that_hangs_is_read(
    program: Program, source: WindowsDesktop
) -> None:
    shown(source, program, "hangs")
    before = program("titles_asked_for")
    program("hang", 2)
    began = time.monotonic()
    assert source.read().title == "hangs"
    assert source.programs()
    assert time.monotonic() - began < 1
    assert program("titles_asked_for") == before


def test_windows_destroyed_while_they_are_read_are_no_error(source: WindowsDesktop) -> None:
    with windows_program() as brief:
        for number in range(15):
            window = brief.front(f"brief {number}")
            source.read()
            brief("destroy", window)
            source.read()
            source.programs()
        shown(source, brief, "last")
    wait_for(lambda: (seen := source.read()) is None or seen.title != "last")


def test_a_store_program_is_named_instead_of_its_frame(source: WindowsDesktop) -> None:
    frame_copy, shown_copy = named_copy("ApplicationFrameHost.exe"), named_copy("Calculator.exe")
    try:
        with windows_program(str(frame_copy)) as frame, windows_program(str(shown_copy)) as inner:
            window = frame("open", "Calculator")
            assert until(source, frame, window, "Calculator").app == "ApplicationFrameHost.exe"
            inner("within", window, "inside")
            seen = until(source, frame, window, "Calculator")
            assert (seen.app, seen.pid) == ("Calculator.exe", inner.pid)
            assert OpenProgram("Calculator.exe", 1) in source.programs()
    finally:
        frame_copy.unlink()
        shown_copy.unlink()


def test_open_programs_are_counted_by_their_ordinary_windows(source: WindowsDesktop) -> None:
    copy = named_copy("crm.exe")
    try:
        with windows_program(str(copy)) as crm:
            first, second = crm("open", "first"), crm("open", "second")
            crm("open", "palette", TOOL)
            crm("open", "dialog", 0, first)
            crm("open", "never shown", 0, None, False)
            crm("open", "")
            crm("show", second, MINIMISE)
            crm.bring(first)
            wait_for(lambda: OpenProgram("crm.exe", 2) in source.programs())
            crm("open", "a tool on the taskbar", TOOL | ON_TASKBAR)
            wait_for(lambda: OpenProgram("crm.exe", 3) in source.programs())
            crm("show", first, HIDE)
            wait_for(lambda: OpenProgram("crm.exe", 2) in source.programs())
        wait_for(lambda: "crm.exe" not in [one.app for one in source.programs()])
    finally:
        copy.unlink()


def test_the_window_in_front_counts_even_without_a_title(program: Program, source: WindowsDesktop) -> None:
    copy = named_copy("kiosk.exe")
    try:
        with windows_program(str(copy)) as kiosk:
            until(source, kiosk, kiosk("open", ""), None)
            assert OpenProgram("kiosk.exe", 1) in source.programs()
    finally:
        copy.unlink()


def test_the_session_is_neither_locked_nor_remote_here_and_is_looked_at_every_second(source: WindowsDesktop) -> None:
    assert (source.locked(), source.remote(), source.poll_ms(), source.filenos()) == (False, False, 1000, ())


def test_the_desktop_of_this_system_is_found(source: WindowsDesktop) -> None:
    found = open_desktop({})
    assert isinstance(found, WindowsDesktop)
    found.close()
