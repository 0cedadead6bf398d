"""How `planwhy plan` writes proposals and plans on a terminal. In: rows of words. Out: lines, free of control codes."""

from collections.abc import Iterator, Sequence

from planwhy_collector.report.language import Language
from planwhy_collector.report.planning import PlanRow, ProposalRow
from planwhy_collector.report.planning_words import COLUMNS

MARKS = {"above_cap": "!!", "many_clients": "!"}


def preview(rows: Sequence[ProposalRow], say: Language, moment: str) -> Iterator[str]:
    """A table with one line for each person, and under it what there is to say of the person.

    `moment` is a word on a period that has begun, or empty.
    """
    table = [[plain(row.name), *(_cell(row, name) for name in COLUMNS)] for row in rows]
    headings = ["", *(say.say(text) for text in COLUMNS.values())]
    widths = [max(map(len, column)) for column in zip(headings, *table, strict=True)]
    yield from [moment] if moment else []
    yield _line(headings, widths)
    for row, cells in zip(rows, table, strict=True):
        yield _line(cells, widths)
        yield from (f"    {plain(line, 400)}" for line in _remarks(row))


def shown(row: PlanRow) -> Iterator[str]:
    """A stored plan: its target, what it rests on, and how its target changed."""
    reached = f" ({row.actual})" if row.actual else ""
    yield plain(
        f"{row.name} ({row.key}), {row.period}: {row.metric} {row.target}{reached}  {row.made_by}", 400
    ).rstrip()
    yield from (f"    {figure.name:<34} {figure.value:>14}  {figure.source}" for figure in row.figures)
    yield from (f"    {plain(change, 1_200)}" for change in row.changes)


def plain(text: str, most: int = 60) -> str:
    """A text fit for a terminal: one line, no escape sequences."""
    return "".join(char if char.isprintable() else " " for char in text)[:most]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join([name.strip().ljust(widths[0]), *figures]).rstrip()


def _cell(row: ProposalRow, name: str) -> str:
    value: str = getattr(row, name) or "–"
    return f"{value}{MARKS.get(row.load, '')}" if name == "clients" else value


def _remarks(row: ProposalRow) -> Iterator[str]:
    """Why there is no target, what changed, and what a reader should know."""
    if row.refusal:
        yield f"{row.key}: {row.refusal}"
    yield from (f"--set {row.key}.{name}=…" for name in row.missing)
    yield from row.reasons
    yield from (f"! {note}" for note in row.notes)
