"""What the agent says about itself, for `status`: two small files, no title and no address in them.

In: the running agent's figures. Out: the files. Never: anything about what the person did but program and state.
"""

from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from planwhy_agent.files import read_or_none, write_whole

_Said = TypeVar("_Said", bound=Struct)


class Sending(Struct, frozen=True):
    """How sending goes: `idle` before the first attempt, `ok`, `waiting` or `locked_out`.

    `sent_ms` is the last acknowledgement, `through_ms` the end of the last acknowledged span, `next_ms` the next
    attempt; `epoch` and `seq` are the highest number acknowledged in the epoch last sent.
    """

    state: str = "idle"
    problem: str = ""
    sent_ms: int | None = None
    through_ms: int | None = None
    next_ms: int | None = None
    epoch: str = ""
    seq: int = 0


class Health(Struct, frozen=True):
    """What the running agent does now."""

    pid: int
    started_ms: int
    written_ms: int
    recording: str
    since_ms: int | None
    app: str | None
    browsers: int
    display: str
    disk_full: bool
    clock_offset_ms: int
    sending: Sending
    policy_problem: str = ""
    remote: bool = False
    browser_trouble: dict[str, int] = {}


def save_health(runtime: Path, health: Health) -> None:
    """Write what `status` shows; it need not survive a power cut."""
    write_whole(runtime / "health.json", msgspec.json.encode(health), durable=False)


def told_now(health: Health, written_ms: int) -> Health:
    """The same with the time of writing."""
    return msgspec.structs.replace(health, written_ms=written_ms)


def load_health(runtime: Path) -> Health | None:
    """Read what the running agent said last."""
    return _load(runtime / "health.json", Health)


def save_sending(folder: Path, sending: Sending) -> None:
    """Note the last acknowledgement where it survives a damaged spool."""
    write_whole(folder / "sent.json", msgspec.json.encode(sending))


def load_sending(folder: Path) -> Sending:
    """Read the last acknowledgement."""
    return _load(folder / "sent.json", Sending) or Sending()


def save_offset(folder: Path, offset_ms: int) -> None:
    """Note what the collector's clock is ahead of ours."""
    write_whole(folder / "clock-offset", str(offset_ms).encode())


def load_offset(folder: Path) -> int:
    """Read what the collector's clock was ahead of ours when last heard of; 0 where it never was."""
    raw = (read_or_none(folder / "clock-offset") or b"0").decode("ascii", "replace")
    return int(raw) if raw.strip().lstrip("-").isdigit() else 0


def _load(path: Path, kind: type[_Said]) -> _Said | None:
    raw = read_or_none(path)
    try:
        return msgspec.json.decode(raw, type=kind) if raw else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
