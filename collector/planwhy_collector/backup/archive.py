"""A backup of PostgreSQL as one zip file: `manifest.json`, and each table as COPY wrote it.

In: blocks of COPY text. Out: an archive, or its manifest and members. Never: a database; a member held in memory.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from planwhy_collector.errors import InvalidInput

FORMAT = 1
MANIFEST = "manifest.json"
_BLOCK = 1 << 18
_LEVEL = 3
"""Rows of numbers shrink about as well at this level as at the highest, in a fraction of the time."""

Tell = Callable[[str, int], None]
"""Told a table and how many of its bytes are done."""


class TableEntry(Struct, frozen=True):
    """One table: its columns in order, its rows, and size and SHA-256 of its member before compression."""

    name: str
    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str


class Partition(Struct, frozen=True):
    """A part of a partitioned table, with its bounds as the database writes them."""

    table: str
    name: str
    bounds: str


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What an archive holds; tables in the order in which they may be filled again."""

    planwhy_backup: int
    planwhy: str
    revision: str
    created: str
    tables: tuple[TableEntry, ...]
    partitions: tuple[Partition, ...] = ()


def write_table(archive: zipfile.ZipFile, name: str, columns: tuple[str, ...], blocks: Iterable[bytes]) -> TableEntry:
    """Write one member, block by block. COPY text ends each row with a line feed and holds none within."""
    digest, size, rows = hashlib.sha256(), 0, 0
    with archive.open(_member(name), "w", force_zip64=True) as target:
        for block in blocks:
            target.write(block)
            digest.update(block)
            size, rows = size + len(block), rows + block.count(b"\n")
    return TableEntry(name, columns, rows, size, digest.hexdigest())


def write_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Write the manifest as the last member."""
    archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))


def new_archive(file: Path) -> zipfile.ZipFile:
    """Open an archive for writing."""
    return zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)


def opened_archive(file: Path) -> tuple[zipfile.ZipFile, Manifest]:
    """Open an archive whose seal was checked. Raises InvalidInput for what is none of ours."""
    try:
        archive = zipfile.ZipFile(file)
        manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (zipfile.BadZipFile, KeyError, msgspec.MsgspecError, UnicodeDecodeError):
        raise InvalidInput(f"{file}: is not a whole backup of Planwhy") from None
    if manifest.planwhy_backup != FORMAT:
        raise InvalidInput(f"{file}: was made by another release of Planwhy")
    return archive, manifest


def blocks_of(archive: zipfile.ZipFile, table: TableEntry, tell: Tell) -> Iterator[bytes]:
    """Read a member in blocks. Raises InvalidInput at its end where it is not what the manifest says."""
    digest, size, rows = hashlib.sha256(), 0, 0
    with archive.open(_member(table.name)) as source:
        while block := source.read(_BLOCK):
            digest.update(block)
            size, rows = size + len(block), rows + block.count(b"\n")
            yield block
            tell(table.name, size)
    if (rows, size, digest.hexdigest()) != (table.rows, table.bytes, table.sha256):
        raise InvalidInput(f"table {table.name} of the backup is damaged")


def _member(table: str) -> str:
    return f"tables/{table}.copy"
