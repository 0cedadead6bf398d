"""Which programs have the microphone open on macOS.

In: Core Audio's own register of the processes that use sound (macOS 14.2 and newer). Out: names of programs. Never:
sound, a permission (reading the register needs none), a guess: older systems tell only that *somebody* uses the device,
and of a headset that is one device not even whether it plays or records, so there the answer is nobody.

Never run so far: written from Apple's headers, and tested against a stand-in that keeps their layout in memory.
"""

import ctypes
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Protocol

from planwhy_agent.sources.programs import Programs

_LIBRARY = "/System/Library/Frameworks/CoreAudio.framework/CoreAudio"
_SYSTEM_OBJECT, _MAIN_ELEMENT = 1, 0
AT_MOST = 512
"""How many processes are looked at; the register holds those that use sound, usually fewer than twenty."""


class Address(ctypes.Structure):
    """AudioObjectPropertyAddress: which property, in which scope, of which element."""

    _fields_ = (("selector", ctypes.c_uint32), ("scope", ctypes.c_uint32), ("element", ctypes.c_uint32))


class CoreAudio(Protocol):
    """The two functions that are called; both give an OSStatus, 0 for success."""

    AudioObjectGetPropertyDataSize: Callable[..., int]
    AudioObjectGetPropertyData: Callable[..., int]


def recording_programs() -> frozenset[str]:
    """Names, as the system knows them, of programs that have the microphone open; none where nobody can tell."""
    try:
        library = _loaded()
    except (OSError, AttributeError):
        return frozenset()
    return programs_of(library, _programs().name_of)


def programs_of(library: CoreAudio, name_of: Callable[[int], str | None]) -> frozenset[str]:
    """The same with the library and the way to a program's name given.

    Browsers and programs made like them record in a process of its own, `Google Chrome Helper`: the program is meant.
    """
    names = (name_of(pid) for pid in _recording_pids(library))
    return frozenset(program for name in names if name and (program := name.partition(" Helper")[0]))


def _recording_pids(library: CoreAudio) -> Iterator[int]:
    """Processes that take in sound now. One that ends meanwhile is passed over."""
    for process in _numbers(library, _SYSTEM_OBJECT, "prs#", ctypes.c_uint32, AT_MOST):
        if any(_numbers(library, process, "piri", ctypes.c_uint32, 1)):
            yield from _numbers(library, process, "ppid", ctypes.c_int32, 1)


def _numbers(library: CoreAudio, thing: int, selector: str, kind: Any, at_most: int) -> list[int]:
    """A property's numbers; none where the object or the property is not there."""
    address = Address(int.from_bytes(selector.encode(), "big"), int.from_bytes(b"glob", "big"), _MAIN_ELEMENT)
    size = ctypes.c_uint32(0)
    if library.AudioObjectGetPropertyDataSize(thing, ctypes.byref(address), 0, None, ctypes.byref(size)):
        return []
    count = min(size.value // ctypes.sizeof(kind), at_most)
    values = (kind * count)()
    size.value = ctypes.sizeof(values)
    if library.AudioObjectGetPropertyData(thing, ctypes.byref(address), 0, None, ctypes.byref(size), values):
        return []
    return list(values)[: size.value // ctypes.sizeof(kind)]


@cache
def _programs() -> Programs:
    """Names are remembered from one question to the next."""
    return Programs()


@cache
def _loaded() -> CoreAudio:
    """Load the framework once. Raises OSError where it is not there, AttributeError where it is another."""
    library: Any = ctypes.CDLL(_LIBRARY)
    number, pointer = ctypes.c_uint32, ctypes.c_void_p
    before: list[Any] = [number, ctypes.POINTER(Address), number, pointer, ctypes.POINTER(number)]
    library.AudioObjectGetPropertyDataSize.argtypes = before
    library.AudioObjectGetPropertyData.argtypes = [*before, pointer]
    for function in (library.AudioObjectGetPropertyDataSize, library.AudioObjectGetPropertyData):
        function.restype = ctypes.c_int32
    loaded: CoreAudio = library
    return loaded
