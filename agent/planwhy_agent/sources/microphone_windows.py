"""Which programs have the microphone open, as Windows itself notes it for its privacy settings.

In: this user's notes of who uses the microphone (Windows 10 1903 and later). Out: names of programs. Never: what is
said, a device, an error where Windows keeps no such notes.
"""

import importlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from planwhy_agent.sources.win32 import ON_WINDOWS
from planwhy_agent.sources.windows_facts import Recording, in_use, recording_now
from planwhy_agent.sources.windows_processes import running

NOTES = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\microphone"
ORDINARY = "NonPackaged"
"""The key that holds programs that were not installed as packages, by path."""
NOTED = 4_096
"""Keys read at most."""


def recording_programs() -> frozenset[str]:
    """Names of programs that have the microphone open now, such as `Zoom.exe`; empty where Windows does not tell."""
    if not ON_WINDOWS:
        return frozenset()
    registry = importlib.import_module("winreg")
    notes = [*_notes(registry, NOTES, True), *_notes(registry, rf"{NOTES}\{ORDINARY}", False)]
    return recording_now(notes, running()) if notes else frozenset()


def _notes(registry: Any, path: str, packaged: bool) -> Iterator[Recording]:
    """Notes of microphones that were not let go; keys that vanish meanwhile are passed over."""
    with suppress(OSError), registry.OpenKey(registry.HKEY_CURRENT_USER, path) as folder:
        for number in range(NOTED):
            key = registry.EnumKey(folder, number)
            with suppress(OSError), registry.OpenKey(folder, key) as entry:
                start, _ = registry.QueryValueEx(entry, "LastUsedTimeStart")
                stop, _ = registry.QueryValueEx(entry, "LastUsedTimeStop")
                if note := in_use(key, packaged, start, stop):
                    yield note
