"""A public list becomes a pack of rules. In: the texts of the list, and what its hosts are. Out: the pack's text.

Alike for alike texts: hosts are sorted, and each stands once. Never: a line that anything but this module wrote; what
the list says beyond its hosts does not reach the pack.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from planwhy_collector.classify.pack_lines import MOST_LISTED, header
from planwhy_collector.classify.public_lists import Entry, SourceKind, entries
from planwhy_collector.errors import InvalidInput

SHOWN = 1_000
"""Lines left out that are named; all are counted."""
_WIDTH = 500
_NAME = re.compile(r"[a-z0-9-]+")
_CATEGORY = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Report:
    """How many hosts a list has, how many lines were left out by reason, and the first of them with file and line."""

    hosts: int
    left_out: Mapping[str, int]
    places: tuple[tuple[str, str], ...]


def pack_text(
    name: str,
    source_kind: SourceKind,
    texts: Mapping[str, str],
    category: str,
    label: str,
    area: str | None,
    licence: str,
    origin: str,
    day: date,
) -> tuple[str, Report]:
    """Make a pack of one rule, `L-NAME`, from a list's texts by file name, the one that is meant first.

    Raises InvalidInput, with file and line where there is one, for a list without hosts or with too many, for what is
    not an entry at all, and for a name, category, label or note that a pack cannot hold.
    """
    head = _head(name, category, label, area)
    notes = {"source": _note(origin), "licence": _note(licence), "imported": day.isoformat()}
    hosts, report = _gathered(entries(source_kind, texts))
    if not hosts:
        raise InvalidInput(f"{next(iter(texts), name)}: no host is in it that a list can hold")
    comments = [f"# {what}: {said}" for what, said in notes.items()]
    comments.append(f"# hosts: {report.hosts}, left out: {sum(report.left_out.values())}")
    return "\n".join([*comments, head, *_wrapped(f"list L-{name}", hosts)]) + "\n", report


def _head(name: str, category: str, label: str, area: str | None) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{name[:100]!r} is not a name of small letters, digits and hyphens")
    if not _CATEGORY.fullmatch(category):
        raise InvalidInput(f"{category[:100]!r} is not the id of a category")
    line = f"[{' '.join(filter(None, (category, label, area)))}]"
    try:
        header(line)
    except ValueError as error:
        raise InvalidInput(str(error)) from None
    return line


def _note(text: str) -> str:
    """A note as it may stand in one comment line."""
    if not text.strip() or not text.isprintable():
        raise InvalidInput(f"{text[:100]!r} does not fit into one line of the pack")
    return text.strip()


def _gathered(found: Iterable[Entry]) -> tuple[list[str], Report]:
    hosts: set[str] = set()
    reasons: Counter[str] = Counter()
    places: list[tuple[str, str]] = []
    for entry in found:
        if entry.host:
            hosts.add(entry.host)
        else:
            reasons[entry.reason] += 1
            places += [(entry.place, entry.reason)] if len(places) < SHOWN else []
        if len(hosts) > MOST_LISTED:
            raise InvalidInput(f"{entry.place}: more than {MOST_LISTED:,} hosts")
    kept = sorted(host for host in hosts if not (host.startswith("=") and host[1:] in hosts))
    return kept, Report(len(kept), dict(sorted(reasons.items())), tuple(places))


def _wrapped(start: str, hosts: Iterable[str]) -> Iterator[str]:
    line = start
    for host in hosts:
        if len(line) > len(start) and len(line) + len(host) >= _WIDTH:
            yield line
            line = start
        line += f" {host}"
    yield line
