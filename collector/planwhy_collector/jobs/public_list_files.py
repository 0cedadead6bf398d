"""Reads a public list from the disk: path → texts by file name, for `classify.list_pack`. Never: a file outside the
list's own folder, one that is not a plain file, or more than a list may have.
"""

from pathlib import Path

from planwhy_collector.classify.public_lists import SourceKind
from planwhy_collector.classify.v2fly_lists import included
from planwhy_collector.errors import InvalidInput

LARGEST = 64 << 20
"""Bytes of all files of a list together."""
MOST_FILES = 2_000
_UT1_PARTS = ("domains", "urls", "expressions", "usage")


def read_public_list(path: Path, kind: SourceKind) -> dict[str, str]:
    """Read a list: of `ut1` a folder, or its file `domains`; of `v2fly` a file and what it includes; else one file.

    Texts are UTF-8, or else Latin-1. Raises InvalidInput that names the file, and the line of a wrong include.
    """
    if kind == "v2fly":
        return _with_includes(path)
    if kind == "ut1" and path.is_dir():
        return _parts(path)
    return {path.name: _text(path, path.name, LARGEST)}


def _parts(folder: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    left = LARGEST
    for part in _UT1_PARTS:
        if part == "domains" or (folder / part).exists():
            shown = f"{folder.name}/{part}"
            texts[shown] = _text(_inside(folder, part, shown), shown, left)
            left -= len(texts[shown])
    return texts


def _with_includes(path: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    waiting, left = [(path.name, path.name)], LARGEST
    while waiting:
        place, name = waiting.pop(0)
        if name in texts:
            continue
        if len(texts) >= MOST_FILES:
            raise InvalidInput(f"{place}: more than {MOST_FILES:,} files")
        file = path if not texts else _inside(path.parent, name, place)
        texts[name] = _text(file, place, left)
        left -= len(texts[name])
        waiting += included(name, texts[name])
    return texts


def _inside(folder: Path, name: str, place: str) -> Path:
    """A file of a folder, wherever links lead."""
    try:
        file = (folder / name).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise InvalidInput(f"{place}: there is no file {name!r} beside it") from None
    if file.parent != folder.resolve():
        raise InvalidInput(f"{place}: {name!r} lies outside the folder of the list")
    return file


def _text(file: Path, place: str, most: int) -> str:
    try:
        if not file.is_file():
            raise InvalidInput(f"{place}: this is not a file")
        with file.open("rb") as opened:
            raw = opened.read(most + 1)
    except OSError as error:
        raise InvalidInput(f"{place}: {error.strerror or error}") from None
    if len(raw) > most:
        raise InvalidInput(f"{place}: the list has more than {LARGEST >> 20} MB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
