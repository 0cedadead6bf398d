"""Public lists of domains in the forms in which they are published. In: texts. Out: hosts, and what was left out.

`hosts`: lines of a hosts file. `domains`: a host a line, also `||host^` of ad blockers. `ut1`: a folder of the
University of Toulouse with `domains` and perhaps `urls`, `expressions`, `usage`. `v2fly`: see `v2fly_lists`. Never: a
disk, a network, or a line that is left out without being counted.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from publicsuffixlist import PublicSuffixList

from planwhy_collector.classify.pack_lines import listed_host
from planwhy_collector.classify.v2fly_lists import v2fly_entries
from planwhy_collector.errors import InvalidInput

SourceKind = Literal["v2fly", "hosts", "domains", "ut1"]
NOT_A_HOST, ADDRESS, PATTERN, OWN_NAME, PUBLIC = (
    "not a host",
    "an address with a path",
    "a word or pattern",
    "a name of the machine itself",
    "a public suffix",
)
_LABELS = re.compile(r"(?:[\w-]{1,63}\.)+[\w-]{1,63}")
_FILTER = re.compile(r"\|\|([^\s/^*$|]+)\^")
_MARKS = re.compile(r"[|^*$@]")
"""What makes a line of an ad blocker more than a host."""
_OWN_NAMES = re.compile(r"localhost(?:\..*)?|local|broadcasthost|ip6-.*|0\.0\.0\.0|.*\.localdomain")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line's host, `=` before it where it stands for itself alone, or the reason why there is none."""

    place: str
    host: str = ""
    reason: str = ""


def entries(kind: SourceKind, texts: Mapping[str, str]) -> Iterator[Entry]:
    """Read the texts of a list by their file names; the first is the list that is meant. Raises InvalidInput."""
    for name, text in texts.items():
        if "\0" in text:
            raise InvalidInput(f"{name}:{text[: text.index(chr(0))].count(chr(10)) + 1}: this is not a text")
    if kind == "v2fly":
        for place, how, value in v2fly_entries(texts):
            yield _entry(place, value, how == "full") if how in ("domain", "full") else Entry(place, reason=PATTERN)
        return
    for name, text in texts.items():
        yield from _FORMS[kind](name, text)


def _hosts(name: str, text: str) -> Iterator[Entry]:
    for place, line in _lines(name, text):
        address, *names = line.split()
        if not names or not _is_address(address):
            yield Entry(place, reason=NOT_A_HOST)
        for one in names:
            yield Entry(place, reason=OWN_NAME) if _OWN_NAMES.fullmatch(one.lower()) else _entry(place, one)


def _domains(name: str, text: str) -> Iterator[Entry]:
    for place, line in _lines(name, text):
        if line.startswith(("!", "[")):
            continue
        if found := _FILTER.fullmatch(line):
            yield _entry(place, found[1])
        else:
            yield Entry(place, reason=PATTERN) if _MARKS.search(line) else _entry(place, line.removeprefix("."))


def _ut1(name: str, text: str) -> Iterator[Entry]:
    part = name.rpartition("/")[2]
    if part == "usage":
        return
    for place, line in _lines(name, text):
        if part == "expressions":
            yield Entry(place, reason=PATTERN)
        else:
            yield Entry(place, reason=ADDRESS) if part == "urls" else _entry(place, line.removeprefix("."))


_FORMS: Mapping[SourceKind, Callable[[str, str], Iterator[Entry]]] = {"hosts": _hosts, "domains": _domains, "ut1": _ut1}


def _lines(name: str, text: str) -> Iterator[tuple[str, str]]:
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        line = re.split(r"(?:^|\s)#", raw, maxsplit=1)[0].strip()
        if line:
            yield f"{name}:{number}", line


def _entry(place: str, text: str, alone: bool = False) -> Entry:
    try:
        host = listed_host(text)
    except ValueError:
        return Entry(place, reason=_no_host(text))
    if _is_address(host):
        return Entry(place, f"={host}")
    if not _LABELS.fullmatch(host):
        return Entry(place, reason=NOT_A_HOST)
    if not alone and _suffixes().is_public(host):
        return Entry(place, reason=PUBLIC)
    return Entry(place, f"={host}" if alone else host)


def _no_host(text: str) -> str:
    if "/" in text:
        return ADDRESS
    return PUBLIC if text.isalnum() and _suffixes().is_public(text.lower()) else NOT_A_HOST


def _is_address(text: str) -> bool:
    if not (":" in text or text[-1:].isdigit()):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
