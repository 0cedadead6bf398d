"""Planted secrets, looked for in everything that a program leaves: files, and its memory as a dump would show it."""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

PIECE = 1 << 24


def planted(kind: str) -> str:
    """A word that stands nowhere else, Cyrillic and ASCII, so that every encoding of it can be looked for."""
    return f"Тайна{kind}{secrets.token_hex(6)}"


def encodings(secret: str) -> tuple[bytes, ...]:
    """How a text may lie in a file or in memory: UTF-8, UTF-16 as most systems have it, UTF-32, escaped as in JSON."""
    escaped = secret.encode("ascii", "backslashreplace")
    return tuple(dict.fromkeys((secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-32-le"), escaped)))


def in_files(folders: Iterable[Path], planted_secrets: Mapping[str, str]) -> dict[str, list[str]]:
    """Which secret stands in which files under the folders, their names included."""
    found: dict[str, list[str]] = {}
    for path in (p for folder in folders for p in (folder, *folder.rglob("*"))):
        content = path.read_bytes() if path.is_file() else b""
        for kind in _kinds(content + str(path).encode(), planted_secrets):
            found.setdefault(kind, []).append(path.name)
    return found


def in_memory(pid: int, planted_secrets: Mapping[str, str]) -> set[str]:
    """Which secrets stand in the writable memory of a process, which is what a dump of it would hold."""
    return {kind for piece in _memory(pid) for kind in _kinds(piece, planted_secrets)}


def _kinds(content: bytes, planted_secrets: Mapping[str, str]) -> Iterator[str]:
    for kind, secret in planted_secrets.items():
        if any(form in content for form in encodings(secret)):
            yield kind


def _memory(pid: int) -> Iterator[bytes]:
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    with Path(f"/proc/{pid}/mem").open("rb") as memory:
        for first, last in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) rw", maps, re.MULTILINE):
            yield _region(memory, int(first, 16), int(last, 16))


def _region(memory: BinaryIO, first: int, last: int) -> bytes:
    try:
        memory.seek(first)
        return b"".join(iter(lambda: _piece(memory, last), b""))
    except OSError:  # a region that the kernel does not show
        return b""


def _piece(memory: BinaryIO, last: int) -> bytes:
    at: int = memory.tell()
    return bytes(memory.read(min(PIECE, last - at))) if at < last else b""
