"""Classifies a file of sites, programs and titles. In: a CSV. Out: the same rows, judged. Never: a row left out.

A row of kind `domain` asks what the site is, `program` what the program is by itself, `title` what was in front.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from planwhy_collector.classify.contexts import context_of
from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Context

KINDS = ("domain", "program", "title")
ADDED = ("label", "category", "area", "rule")
Row = dict[str, str]


def classify_file(source: Path, target: Path, rules: RuleSet) -> int:
    """Judge each row of a CSV and write them in the same order; return how many.

    Columns `label`, `category`, `area`, `rule` are added, or overwritten. Raises InvalidInput with file and line.
    """
    columns, rows = _read(source)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*columns, *(name for name in ADDED if name not in columns)])
    writer.writeheader()
    for line, row in rows:
        if row["kind"] not in KINDS:
            raise InvalidInput(f"{source}:{line}: kind: {row['kind']!r} is not one of {', '.join(KINDS)}")
        writer.writerow(row | judged_row(row, rules))
    _write(target, out.getvalue())
    return len(rows)


def judged_row(row: Mapping[str, str], rules: RuleSet) -> Row:
    """Judge one row; fields that are absent count as empty. Returns the added columns, empty where not classified."""
    profile = rules.profile_of(row.get("position", ""))
    if row["kind"] == "program":
        return _added(rules.judge_program(row.get("process", ""), profile))
    return _added(rules.judge(_context(row), profile))


def _context(row: Mapping[str, str]) -> Context:
    domain = row.get("domain", "").strip()
    url = row.get("url", "").strip() or (domain if "://" in domain else domain and f"https://{domain}/")
    if url and "://" not in url:
        url = f"https://{url}"
    return context_of(row.get("process") or None, url or None, row.get("title") or None)


def _added(verdict: Verdict) -> Row:
    values = (verdict.label, verdict.category, verdict.area, verdict.rule)
    return {name: value or "" for name, value in zip(ADDED, values, strict=True)}


def _read(source: Path) -> tuple[list[str], list[tuple[int, Row]]]:
    try:
        text = source.read_text(encoding="utf-8-sig")
        head = text.partition("\n")[0]
        reader = csv.DictReader(
            io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",", strict=True
        )
        columns = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        rows = [(reader.line_num, row) for row in _whole(reader, source)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{source}: {error}") from None
    if "kind" not in columns:
        raise InvalidInput(f"{source}:1: there is no column kind")
    return columns, rows


def _whole(reader: "csv.DictReader[str]", source: Path) -> Iterator[Row]:
    for row in reader:
        if None in row or None in row.values():
            raise InvalidInput(f"{source}:{reader.line_num}: as many fields as the header has are expected")
        yield row


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidInput(f"{target}: {error}") from None
