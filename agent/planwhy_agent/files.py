"""Small files of the agent: whole or absent, readable by their owner only.

In: a path and bytes. Out: the file, replaced in one step. Never: a half-written file, or one that others can read.
On Windows the owner's profile folder is what others may not enter, and a file that another program has open (a virus
scanner, `status`) can be neither replaced nor removed; that is tried again for a moment.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

_Given = TypeVar("_Given")
TRIES = 40 if sys.platform == "win32" else 1
AGAIN_S = 0.05

STALE_S = 3600
"""Age of a half-written file that nobody will finish."""


def owned_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter; an existing one is narrowed to that."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if sys.platform != "win32" and path.stat().st_mode & 0o077 and path.stat().st_uid == os.getuid():
        path.chmod(0o700)
    return path


def write_whole(path: Path, content: bytes, durable: bool = True) -> None:
    """Replace a file in one step; after a crash it is either the old one or the new one. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # one that is there may be other programs' too
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            if durable:
                os.fsync(out.fileno())
        move(part, path)
        if durable:
            settle(path.parent)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def settle(folder: Path) -> None:
    """Bring the names in a folder to the disk: without it a power cut may undo a rename. Raises OSError."""
    if os.name != "posix":  # a folder cannot be opened there, and its names are in a journal
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clear_parts(folder: Path) -> None:
    """Remove what killed processes left half-written."""
    for part in folder.glob(".*.part"):
        with suppress(OSError):  # a folder that takes no changes keeps them
            if time.time() - part.stat().st_mtime > STALE_S:
                part.unlink()


def read_or_none(path: Path) -> bytes | None:
    """Read a file; None where there is none."""
    try:
        return _patiently(path.read_bytes)
    except FileNotFoundError:
        return None


def move(path: Path, target: Path) -> None:
    """Give a file another name, in the place of the one that has it. Raises OSError."""
    _patiently(lambda: path.replace(target))


def remove(path: Path) -> None:
    """Remove a file, if there is one. Raises OSError."""
    _patiently(lambda: path.unlink(missing_ok=True))


def _patiently(act: Callable[[], _Given]) -> _Given:
    """Do what another program's open file may prevent for a moment. Raises OSError."""
    for _ in range(TRIES - 1):
        try:
            return act()
        except PermissionError:
            time.sleep(AGAIN_S)
    return act()
