"""The lists of v2fly/domain-list-community. In: the texts of its files by name. Out: the entries of the first of them.

A line is `domain:a.example` or `a.example`, `full:…` (that host alone), `keyword:…`, `regexp:…`, or `include:name`;
`@attribute`s may follow, of which an include may ask for some (`@ads`) and refuse others (`@-ads`), and `&name`s of
lists that the entry belongs to as well. `#` begins a comment. Never: a file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planwhy_collector.errors import InvalidInput

DEEPEST = 50
"""Includes within includes."""
MOST_TAKEN = 5_000_000
"""Entries that all includes bring together, the same ones again and again included."""
_KINDS = {"domain": "domain", "full": "full", "keyword": "pattern", "regexp": "pattern", "regex": "pattern"}
_NAME = re.compile(r"[\w!][\w!.+-]*")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: its place, kind, value, attributes, and the other lists it belongs to."""

    place: str
    kind: str
    value: str
    attributes: frozenset[str]
    lists: frozenset[str]


def v2fly_entries(texts: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The entries of the first text, its includes resolved: place, kind (domain, full, pattern), value.

    Raises InvalidInput with file and line for an include that leads nowhere or back, and for a line that is none.
    """
    lists = _Lists({name.lower(): _lines(name, text) for name, text in texts.items()})
    return [(line.place, line.kind, line.value) for line in lists.entries(next(iter(texts)).lower(), ())]


def included(name: str, text: str) -> list[tuple[str, str]]:
    """The names that a text includes, with their places. Raises InvalidInput for what is not a plain name."""
    return [(line.place, line.value) for line in _lines(name, text) if line.kind == "include"]


def _lines(name: str, text: str) -> list[_Line]:
    return [_line(f"{name}:{number}", words) for number, words in _words(text) if words]


def _words(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        yield number, raw.partition("#")[0].split()


def _line(place: str, words: Sequence[str]) -> _Line:
    kind, colon, value = words[0].partition(":")
    kind, value = (kind.lower(), value) if colon else ("domain", kind)
    marks = frozenset(word.lower() for word in words[1:])
    attributes = frozenset(mark[1:] for mark in marks if mark.startswith("@"))
    lists = frozenset(mark[1:] for mark in marks if mark.startswith("&"))
    if (kind != "include" and kind not in _KINDS) or not value or len(attributes) + len(lists) < len(marks):
        raise InvalidInput(f"{place}: {' '.join(words)[:100]!r} is not an entry")
    if kind == "include" and not _NAME.fullmatch(value):
        raise InvalidInput(f"{place}: {value[:100]!r} is not the name of a list")
    return _Line(place, _KINDS.get(kind, kind), value, attributes, lists)


class _Lists:
    """Lists with their includes: each is put together once."""

    def __init__(self, lines: Mapping[str, list[_Line]]) -> None:
        self._lines = lines
        self._known: dict[str, list[_Line]] = {}
        self._belonging: dict[str, list[_Line]] = {}
        self._taken_so_far = 0
        for line in (line for each in lines.values() for line in each if line.kind != "include"):
            for name in line.lists:
                self._belonging.setdefault(name, []).append(line)

    def entries(self, name: str, above: tuple[str, ...]) -> list[_Line]:
        """The entries of a list, those of included ones in their place, then those of others that belong to it too."""
        if name not in self._known:
            found: dict[_Line, None] = {}
            for line in self._lines[name]:
                found |= dict.fromkeys(self._taken(line, (*above, name)) if line.kind == "include" else [line])
            self._known[name] = list(found | dict.fromkeys(self._belonging.get(name, ())))
        return self._known[name]

    def _taken(self, line: _Line, above: tuple[str, ...]) -> list[_Line]:
        """What an include takes of a list: entries with all attributes it asks for and none that it refuses."""
        name = line.value.lower()
        if name not in self._lines:
            raise InvalidInput(f"{line.place}: there is no list {line.value!r}")
        if name in above:
            raise InvalidInput(f"{line.place}: {line.value} includes itself, by {' → '.join((*above, name))}")
        if len(above) > DEEPEST:
            raise InvalidInput(f"{line.place}: includes lie more than {DEEPEST} deep")
        refused = {one[1:] for one in line.attributes if one.startswith("-")}
        wanted = {one for one in line.attributes if not one.startswith("-")}
        entries = self.entries(name, above)
        self._taken_so_far += len(entries)
        if self._taken_so_far > MOST_TAKEN:
            raise InvalidInput(f"{line.place}: includes bring more than {MOST_TAKEN:,} entries")
        return [one for one in entries if wanted <= one.attributes and not refused & one.attributes]
