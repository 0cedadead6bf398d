"""The last bytes of a backup: the SHA-256 of all bytes before them, so that no changed or missing byte goes unseen.

In: files. Out: files that appear whole under their name or not at all. Never: the meaning of a backup's content.
SQLite and zip readers both ignore what follows their own end, so that a sealed file can still be opened by others.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from planwhy_collector.errors import InvalidInput

MARK = b"\nplanwhy-backup sha256 "
SEAL_BYTES = len(MARK) + 64
_BLOCK = 1 << 20
_SEAL = re.compile(re.escape(MARK) + rb"([0-9a-f]{64})")


@contextmanager
def placed(file: Path, sealed: bool = True) -> Iterator[Path]:
    """Give a temporary file beside the wanted one, for its owner only; on the disk and renamed at the end.

    A backup is `sealed`. After any error nothing is left. Raises InvalidInput where the file exists or cannot be
    written.
    """
    if file.exists():
        raise InvalidInput(f"{file}: exists already")
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        make_private(temporary)
        yield temporary
        _finish(temporary, sealed)
        if file.exists():
            raise InvalidInput(f"{file}: exists already")
        temporary.rename(file)
        _sync_folder(file.parent)
    except OSError as error:
        raise InvalidInput(f"{file}: cannot be written: {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)


def make_private(file: Path) -> None:
    """Make an empty file that only its owner may read. Raises FileExistsError where it exists."""
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def content_bytes(file: Path) -> int | None:
    """How many bytes a sealed file holds before its seal, all of them checked; None where it has no seal.

    Raises InvalidInput where the seal does not fit the content.
    """
    with file.open("rb") as source:
        size = source.seek(0, os.SEEK_END) - SEAL_BYTES
        if size < 0:
            return None
        source.seek(size)
        found = _SEAL.fullmatch(source.read())
        if found is None:
            return None
        if _digest(source, size) != found[1].decode():
            raise InvalidInput(f"{file}: is damaged: its content is not what was written")
    return size


def _finish(file: Path, sealed: bool) -> None:
    with file.open("r+b") as target:
        digest = _digest(target, target.seek(0, os.SEEK_END)) if sealed else ""
        target.seek(0, os.SEEK_END)
        target.write(MARK + digest.encode() if sealed else b"")
        target.flush()
        os.fsync(target.fileno())


def _digest(source: BinaryIO, size: int) -> str:
    source.seek(0)
    digest = hashlib.sha256()
    while size > 0 and (block := source.read(min(_BLOCK, size))):
        digest.update(block)
        size -= len(block)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # other systems have no such thing
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
