"""`planwhy rules suggest`: what a model proposes for hosts and programs that no rule knows, and how good it is."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click
import msgspec
from planwhy_shared.times import HOUR_MS

from planwhy_collector.classify.rule import Category
from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.services import wall_clock_ms

if TYPE_CHECKING:
    from planwhy_collector.suggest.proposal import Proposal


@click.command()
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="How far to look back.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="How many to show at most.")
@click.option("--report", is_flag=True, help="Measure how good proposals are, by cross-validation.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def suggest(days: int, limit: int, report: bool, as_json: bool) -> None:
    """Propose categories for hosts and programs that no rule knows. Nothing is labelled: rules do that.

    The model learns anew from the rules in force and from what they decided in the last days.
    """
    click.echo(_report(days, as_json) if report else _proposals(days, limit, as_json))


def _proposals(days: int, limit: int, as_json: bool) -> str:
    from planwhy_collector.jobs.suggesting import proposed, seen_windows  # noqa: PLC0415  heavy: when it is needed

    with opened_database() as database:
        seen = seen_windows(database, days, wall_clock_ms())
    shown = [_shown(one, seen.rules.categories) for one in proposed(seen, settings(), limit)]
    if as_json:
        return msgspec.json.encode(shown).decode()
    return "\n".join(map(_line, shown)) or f"nothing unclassified in the last {days} days"


class _Guess(msgspec.Struct):
    """A category, the label that it has by default, and how likely it is."""

    category: str
    label: str
    confidence: float


class _Shown(msgspec.Struct):
    """A host or program with its hours. `suggestion` is None where the model is unsure."""

    kind: str
    name: str
    hours: float
    suggestion: str | None
    guesses: list[_Guess]


def _shown(one: "Proposal", categories: Mapping[str, Category]) -> _Shown:
    guesses = [_Guess(g.category, categories[g.category].label, round(g.confidence, 3)) for g in one.guesses]
    suggestion = guesses[0].category if one.sure else None
    return _Shown(one.subject.kind, one.subject.name, round(one.ms / HOUR_MS, 2), suggestion, guesses)


def _line(one: _Shown) -> str:
    first, *others = one.guesses
    said = f"{first.category} ({first.label}) {first.confidence:.0%}" if one.suggestion else "no suggestion"
    rest = others if one.suggestion else one.guesses
    return f"{one.hours:7.1f} h  {one.kind:<7}  {one.name:<32} {said:<34} {_next(rest)}".rstrip()


def _next(guesses: Sequence[_Guess]) -> str:
    return "or " + ", ".join(f"{one.category} {one.confidence:.0%}" for one in guesses) if guesses else ""


def _report(days: int, as_json: bool) -> str:
    from planwhy_collector.cli.suggest_text import report_text  # noqa: PLC0415  heavy: when it is needed
    from planwhy_collector.jobs.embedding import told  # noqa: PLC0415
    from planwhy_collector.jobs.suggesting import measured, seen_windows  # noqa: PLC0415

    with opened_database() as database:
        seen = seen_windows(database, days, wall_clock_ms())
    click.echo("learning and asking, five times over …", err=True)
    began = time.monotonic()
    quality = measured(seen, settings())
    took_s, embedding = time.monotonic() - began, told(settings())
    if as_json:
        return msgspec.json.encode({"embedding": embedding, "seconds": round(took_s, 1), "quality": quality}).decode()
    labels = {one.id: one.label for one in seen.rules.categories.values()}
    return report_text(quality, labels, embedding, took_s)
