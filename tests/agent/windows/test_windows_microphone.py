"""Which programs record, by notes in a real registry, of Windows or of Wine."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

if sys.platform != "win32":
    pytest.skip("needs Windows or Wine", allow_module_level=True)

import winreg

from planwhy_agent.sources.microphone_windows import NOTES, ORDINARY, recording_programs
from planwhy_agent.sources.windows_processes import running
from windows_desk import named_copy, windows_program

LATER = 1 << 60
"""A time after every start of a process here, in units of 100 ns since 1601."""


@contextmanager
def noted(key: str, start: object, stop: object, kind: int = winreg.REG_QWORD) -> Iterator[None]:
    path = rf"{NOTES}\{key}"
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, path) as entry:
        for name, value in (("LastUsedTimeStart", start), ("LastUsedTimeStop", stop)):
            if value is not None:
                winreg.SetValueEx(entry, name, 0, kind, value)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            winreg.DeleteKey(winreg.HKEY_CURRENT_USER, path)


@pytest.fixture(scope="module")
def softphone() -> Iterator[str]:
    """The path of a program that runs now."""
    copy = named_copy("Softphone Телефон.exe")
    try:
        with windows_program(str(copy)):
            yield str(copy)
    finally:
        copy.unlink()


def key_of(path: str) -> str:
    return rf"{ORDINARY}\{path.replace(chr(92), '#')}"


def test_without_notes_nobody_records() -> None:
    assert recording_programs() == frozenset()


def test_a_program_that_records_is_named(softphone: str) -> None:
    with noted(key_of(softphone), LATER, 0):
        assert recording_programs() == {"Softphone Телефон.exe"}
    assert recording_programs() == frozenset()


def test_a_program_that_let_the_microphone_go_is_not_named(softphone: str) -> None:
    with noted(key_of(softphone), LATER, LATER + 1):
        assert recording_programs() == frozenset()


def test_a_note_left_by_a_program_that_crashed_does_not_count(softphone: str) -> None:
    with noted(key_of(r"C:\Program Files\gone.exe"), LATER, 0):
        assert recording_programs() == frozenset()
    started = min(one.created for one in running() if one.path == softphone)
    with noted(key_of(softphone), started - 1, 0):
        assert recording_programs() == frozenset()
    with noted(key_of(softphone), started, 0):
        assert recording_programs() == {"Softphone Телефон.exe"}


def test_a_package_without_a_running_program_does_not_count(softphone: str) -> None:
    with noted("Softphone_8wekyb3d8bbwe", LATER, 0), noted(key_of(softphone), LATER, 0):
        assert recording_programs() == {"Softphone Телефон.exe"}


@pytest.mark.parametrize(
    ("start", "stop", "kind"),
    [
        (None, None, winreg.REG_QWORD),
        (LATER, None, winreg.REG_QWORD),
        ("x", "0", winreg.REG_SZ),
        (b"\1", b"", winreg.REG_BINARY),
    ],
)
def test_values_of_another_kind_are_passed_over(softphone: str, start: object, stop: object, kind: int) -> None:
    with noted(key_of(softphone), start, stop, kind):
        assert recording_programs() == frozenset()
