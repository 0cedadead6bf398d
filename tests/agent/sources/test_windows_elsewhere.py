"""The Windows sources can be imported on every system, and say what they are not."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.sources.base import SourceUnsupported, every_title
from planwhy_agent.sources.microphone_windows import recording_programs
from planwhy_agent.sources.win32 import DWORD, function, room_for, text_of
from planwhy_agent.sources.windows import WindowsDesktop
from planwhy_agent.sources.windows_processes import ProgramNames, running
from planwhy_agent.sources.windows_session import is_remote, is_shown
from planwhy_agent.sources.windows_window import WindowReader, front

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="about all other systems")


def test_the_desktop_is_named_as_unsupported() -> None:
    with pytest.raises(SourceUnsupported, match="not Windows"):
        WindowsDesktop.open()


def test_what_windows_does_not_tell_is_none_or_nothing() -> None:
    reader = WindowReader(every_title)
    assert (front(), reader.read(1), reader.programs(), ProgramNames().name_of(1)) == (None, None, (), None)
    assert (list(running()), recording_programs(), is_remote(), is_shown()) == ([], frozenset(), False, False)


def test_a_function_that_is_not_there_answers_nothing() -> None:
    assert function("kernel32", "GetTickCount", DWORD)() == 0


@given(st.lists(st.integers(0, 0xFFFF), max_size=40), st.integers(0, 40))
def test_no_units_of_a_buffer_are_an_error(units: list[int], length: int) -> None:
    buffer = room_for(41)
    buffer[: len(units)] = units
    text = text_of(buffer, length)
    assert "\0" not in text
    assert len(text) <= length


@pytest.mark.parametrize("text", ["Сделка", "🙂", "half \ud83d", ""])
def test_a_buffer_is_read_up_to_its_end_mark(text: str) -> None:
    buffer, data = room_for(16), text.encode("utf-16-le", "surrogatepass") + b"\0\0x\0"
    buffer[: len(data) // 2] = memoryview(data).cast("H")
    assert text_of(buffer, 16) == text
    assert text_of(buffer, 0) == ""
