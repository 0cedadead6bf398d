"""Which programs have the microphone open on Linux: by the sound server, and by ALSA where a program uses it barely.

In: the recordings that PulseAudio or PipeWire lists, and what the kernel tells of its sound cards. Out: names of
programs. Never: sound; streams that only listen to an output, or that are halted.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from planwhy_shared import limits

from planwhy_agent.sources.programs import Programs
from planwhy_agent.sources.pulse import NoAnswer, microphone_properties
from planwhy_agent.sources.texts import clean

CARDS = Path("/proc/asound")
SERVERS = frozenset({"pulseaudio", "pipewire", "wireplumber", "jackd"})
"""Programs that hold a card for others, who are named by them."""
_STATUS = "card*/pcm*c/sub*/status"
_OWNER = re.compile(r"^owner_pid\s*:\s*(\d+)", re.MULTILINE)
_GROUP = re.compile(r"^Tgid:\s*(\d+)", re.MULTILINE)
_NAMES = ("application.process.binary", "application.name")
_programs = Programs()


def recording_programs() -> frozenset[str]:
    """Names, as the system knows them, of programs that have the microphone open now."""
    return frozenset(_by_server(os.environ)) | frozenset(_by_cards(CARDS))


def server_socket(environment: Mapping[str, str]) -> Path | None:
    """Where the sound server listens; None where it is not on this machine or nobody knows."""
    if named := environment.get("PULSE_SERVER"):
        return Path(path) if (path := named.rpartition("}")[2].removeprefix("unix:")).startswith("/") else None
    if folder := environment.get("PULSE_RUNTIME_PATH"):
        return Path(folder) / "native"
    folder = environment.get("XDG_RUNTIME_DIR")
    return Path(folder) / "pulse" / "native" if folder else None


def _by_server(environment: Mapping[str, str]) -> Iterator[str]:
    path = server_socket(environment)
    if path is None:
        return
    with suppress(NoAnswer):
        for told in microphone_properties(path):
            names = (clean(told.get(name, ""), limits.APP_CHARS) for name in _NAMES)
            yield from [name for name in names if name][:1]


def _by_cards(cards: Path) -> Iterator[str]:
    """Owners of running captures; a card may vanish while it is read."""
    for status in cards.glob(_STATUS):
        with suppress(OSError):
            found = _OWNER.search(status.read_text(encoding="ascii", errors="replace"))
            name = _programs.name_of(_process(int(found[1]))) if found else None
            if name and name not in SERVERS:
                yield name


def _process(thread: int) -> int:
    """The process of a thread: the kernel names the one that opened the card."""
    with suppress(OSError):
        found = _GROUP.search(Path(f"/proc/{thread}/status").read_text(encoding="ascii", errors="replace"))
        return int(found[1]) if found else thread
    return thread
