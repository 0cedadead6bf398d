"""Who has the microphone open on macOS, against a stand-in with Core Audio's layout in memory."""

import ctypes
import os
from collections.abc import Callable
from typing import Any

import pytest
from planwhy_agent.sources import microphone_macos
from planwhy_agent.sources.microphone_macos import AT_MOST, Address, programs_of, recording_programs

UNKNOWN_PROPERTY, BAD_OBJECT = 0x77686F3F, 0x216F626A  # 'who?' and '!obj', as AudioHardwareBase.h names them
NUMBER, POINTER = ctypes.c_uint32, ctypes.c_void_p
SIZE = ctypes.CFUNCTYPE(
    ctypes.c_int32, NUMBER, ctypes.POINTER(Address), NUMBER, POINTER, ctypes.POINTER(NUMBER)
)  # fmt: skip
DATA = ctypes.CFUNCTYPE(
    ctypes.c_int32, NUMBER, ctypes.POINTER(Address), NUMBER, POINTER, ctypes.POINTER(NUMBER), POINTER
)  # fmt: skip


class Audio:
    """Objects with properties, each a row of 32-bit numbers. Called as a C library is, through pointers."""

    def __init__(self, objects: dict[int, dict[str, list[int]]]) -> None:
        self.objects, self.gone = objects, set[int]()
        self.AudioObjectGetPropertyDataSize: Callable[..., int] = SIZE(self.size)
        self.AudioObjectGetPropertyData: Callable[..., int] = DATA(self.data)

    def found(self, thing: int, address: Any) -> list[int] | int:
        at = address.contents
        assert (at.scope.to_bytes(4, "big"), at.element) == (b"glob", 0)
        if thing not in self.objects or thing in self.gone:
            return BAD_OBJECT
        return self.objects[thing].get(at.selector.to_bytes(4, "big").decode(), UNKNOWN_PROPERTY)

    def size(self, thing: int, address: Any, _qualifiers: int, _qualifier: Any, size: Any) -> int:
        found = self.found(thing, address)
        if isinstance(found, int):
            return found
        size[0] = 4 * len(found)
        return 0

    def data(self, thing: int, address: Any, _qualifiers: int, _qualifier: Any, size: Any, out: int) -> int:
        found = self.found(thing, address)
        if isinstance(found, int):
            return found
        fits = found[: size[0] // 4]
        ctypes.memmove(out, (ctypes.c_int32 * len(fits))(*fits), 4 * len(fits))
        size[0] = 4 * len(fits)
        return 0


def process(pid: int, recording: int, playing: int = 0) -> dict[str, list[int]]:
    return {"ppid": [pid], "piri": [recording], "piro": [playing], "pir?": [recording or playing]}


def names(pid: int) -> str | None:
    return {700: "zoom.us", 701: "Music", 702: "Google Chrome Helper"}.get(pid)


def test_programs_that_record_are_named_and_those_that_play_are_not() -> None:
    audio = Audio({1: {"prs#": [60, 61, 62]}, 60: process(700, 1), 61: process(701, 0, 1), 62: process(702, 1, 1)})
    assert programs_of(audio, names) == {"zoom.us", "Google Chrome"}


def test_before_macos_14_2_nobody_is_named() -> None:
    assert programs_of(Audio({1: {"dIn ": [44]}, 44: {"gone": [1]}}), names) == frozenset()


def test_a_process_that_ends_while_it_is_asked_is_passed_over() -> None:
    audio = Audio({1: {"prs#": [60, 62]}, 60: process(700, 1), 62: process(702, 1)})
    audio.gone.add(60)
    assert programs_of(audio, names) == {"Google Chrome"}


def test_a_process_whose_name_is_hidden_is_not_named() -> None:
    assert programs_of(Audio({1: {"prs#": [60]}, 60: process(12345, 1)}), names) == frozenset()


def test_a_register_without_end_is_read_to_its_limit() -> None:
    objects = {1: {"prs#": list(range(100, 100 + 2 * AT_MOST))}} | {100 + n: process(n, 1) for n in range(2 * AT_MOST)}
    assert len(programs_of(Audio(objects), str)) == AT_MOST


def test_the_real_program_of_a_process_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    audio = Audio({1: {"prs#": [60]}, 60: process(os.getpid(), 1)})
    monkeypatch.setattr(microphone_macos, "_loaded", lambda: audio)
    assert len(recording_programs()) == 1


def test_where_there_is_no_core_audio_nobody_is_named() -> None:
    assert recording_programs() == frozenset()
