"""What numbers and names of Windows mean.

In: tick counts, paths, session codes, keys of the registry. Out: idle time, program names, locked or not. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from planwhy_shared import limits

from planwhy_agent.sources.texts import clean

TURN_MS = 1 << 32
"""The tick of the last input has 32 bits and begins anew after 49.7 days."""
AHEAD_MS = 60_000
"""How far the tick of an input may lie in the future: programs that type for a person set it themselves."""

CONSOLE_CONNECT, CONSOLE_DISCONNECT, REMOTE_CONNECT, REMOTE_DISCONNECT = 1, 2, 3, 4
LOGON, LOGOFF, LOCK, UNLOCK = 5, 6, 7, 8
"""What WM_WTSSESSION_CHANGE tells of a session."""
_ACTIVE, _SHADOWING = 0, 3
"""States of a session in which a person sits before it; in all others it is disconnected or not in use."""
_FLAG_LOCKED, _FLAG_UNLOCKED = 0, 1


@dataclass(frozen=True, slots=True)
class LastInput:
    """The last input: its tick as told, its time and the time of the last look on the clock of 64 bits."""

    tick: int
    at_ms: int
    looked_ms: int


def last_input(before: LastInput | None, tick: int, now_ms: int) -> LastInput:
    """Take in the tick of the last input, as told now.

    A tick that is still the same lies ever longer ago, also beyond the turn. Another one means that there was an
    input since the last look, whatever time it claims.
    """
    if before is not None and tick == before.tick:
        return replace(before, looked_ms=now_ms)
    ago = (now_ms - tick) % TURN_MS
    if ago > TURN_MS - AHEAD_MS:
        ago = 0
    if before is not None:
        ago = min(ago, now_ms - before.looked_ms)
    return LastInput(tick, now_ms - ago, now_ms)


def program_name(path: str) -> str | None:
    """The program's name without its folders: they may hold the name of a person."""
    return clean(path.replace("/", "\\").rpartition("\\")[2], limits.APP_CHARS) or None


@dataclass(frozen=True, slots=True)
class Seat:
    """Whether the session is locked, and whether it is away: disconnected, or another person's is in front."""

    locked: bool = False
    away: bool = False


def seat_after(seat: Seat, notice: int) -> Seat:
    """The seat after a notice of the session; notices that tell nothing of it leave it as it was."""
    if notice in {LOCK, UNLOCK}:
        return Seat(notice == LOCK, seat.away and notice == LOCK)
    if notice in {CONSOLE_DISCONNECT, REMOTE_DISCONNECT, LOGOFF}:
        return replace(seat, away=True)
    if notice in {CONSOLE_CONNECT, REMOTE_CONNECT}:
        return replace(seat, away=False)
    return Seat() if notice == LOGON else seat


def seat_told(state: int, flags: int, windows: tuple[int, int]) -> Seat | None:
    """The seat by the session's state and flags; None where they leave open whether it is locked.

    Windows 7 and Server 2008 R2 tell the flags the wrong way round.
    """
    away = state not in {_ACTIVE, _SHADOWING}
    if flags not in {_FLAG_LOCKED, _FLAG_UNLOCKED}:
        return Seat(False, True) if away else None
    told = _FLAG_UNLOCKED if windows == (6, 1) else _FLAG_LOCKED
    return Seat(flags == told, away)


@dataclass(frozen=True, slots=True)
class Recording:
    """A note that a program began to use the microphone: `key` names a package or, with `#` for `\\`, a path."""

    key: str
    packaged: bool
    since: int


@dataclass(frozen=True, slots=True)
class Running:
    """A process: path of its program, family of its package where it has one, start; times as Windows counts them."""

    path: str
    family: str | None
    created: int


def in_use(key: str, packaged: bool, start: object, stop: object) -> Recording | None:
    """The note behind two values of the registry; None where the microphone was let go, or they say nothing."""
    if not isinstance(start, int) or not isinstance(stop, int) or start <= 0 or stop != 0:
        return None
    return Recording(key.casefold(), packaged, start)


def recording_now(notes: Iterable[Recording], running: Iterable[Running]) -> frozenset[str]:
    """Names of programs that were noted and still run.

    A program that crashed leaves its note behind; one that started later than the note says is not the one.
    """
    since = {(note.key, note.packaged): note.since for note in notes}
    names = (program_name(one.path) for one in running if _noted(one, since))
    return frozenset(name for name in names if name)


def _noted(one: Running, since: dict[tuple[str, bool], int]) -> bool:
    by_path = since.get((one.path.replace("\\", "#").casefold(), False), 0)
    by_family = since.get((one.family.casefold(), True), 0) if one.family else 0
    return one.created <= max(by_path, by_family)
