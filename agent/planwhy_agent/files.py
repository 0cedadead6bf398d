"""Small files of the agent: whole or absent, readable by their owner only.

In: a path and bytes. Out: the file, replaced in one step. Never: a half-written file, or one that others can read.
"""

import os
from pathlib import Path


def owned_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter; an existing one is narrowed to that."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.stat().st_mode & 0o077 and path.stat().st_uid == os.getuid():
        path.chmod(0o700)
    return path


def write_whole(path: Path, content: bytes, durable: bool = True) -> None:
    """Replace a file in one step; after a crash it is either the old one or the new one. Raises OSError."""
    owned_folder(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            if durable:
                os.fsync(out.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def read_or_none(path: Path) -> bytes | None:
    """Read a file; None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
