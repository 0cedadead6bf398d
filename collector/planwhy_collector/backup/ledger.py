"""The file that remembers erasures beside the database: a line for each, only ever added.

In: erasures. Out: those that the file knows. Never: anything that names a person. With it a restore erases again whom a
backup still holds, also on another machine.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
import platformdirs

from planwhy_collector.backup.seal import make_private
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.queries.erasures import Erasure

NAME = "erasures.jsonl"


def ledger_path(settings: Settings, database: Database) -> Path:
    """Where erasures are remembered: as set, else beside an embedded database, else in the data directory."""
    if settings.erasures_path:
        return Path(settings.erasures_path)
    folder = database.path.parent if database.embedded else Path(platformdirs.user_data_dir("planwhy", appauthor=False))
    return folder / NAME


def remembered(file: Path) -> tuple[Erasure, ...]:
    """Read all erasures of the file; none where there is no file. Raises InvalidInput that names a damaged line."""
    try:
        lines = file.read_bytes().splitlines() if file.exists() else []
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror}") from None
    return tuple(_read(file, number, line) for number, line in enumerate(lines, 1) if line.strip())


def remember(file: Path, added: Iterable[Erasure]) -> None:
    """Add erasures at the end of the file, on the disk when this returns. Raises InvalidInput where it cannot be."""
    text = b"".join(msgspec.json.encode(one) + b"\n" for one in added)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            make_private(file)
        with file.open("ab") as target:
            target.write(_line_end(file) + text)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        raise InvalidInput(f"{file}: erasures cannot be remembered there: {error.strerror}") from None


def _line_end(file: Path) -> bytes:
    """What a file that was cut within its last line still needs, so that nothing is added to that line."""
    return b"" if file.read_bytes()[-1:] in (b"", b"\n") else b"\n"


def _read(file: Path, number: int, line: bytes) -> Erasure:
    try:
        return msgspec.json.decode(line, type=Erasure)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise InvalidInput(f"{file}:{number}: is not an erasure; whom it was about cannot be told") from None
