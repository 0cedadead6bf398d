"""How fast a collector with millions of stored spans answers, and changes its rules, on SQLite and on PostgreSQL.

In: sizes. Out: a table and JSON: what was found beside the target and beside a plain reading in the same run; what
misses its target is shown as missed, and the exit code is 1. Run it as `make bench-scale` or
`python -m tests.bench.scale`; `--spans 200000` is a quick look. It may be ended and begun again with `--keep DIR`.
"""

import gc
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click
from planwhy_collector.classify.load import builtin_rules
from planwhy_collector.db import Database
from planwhy_collector.facts import Person
from planwhy_collector.jobs.rule_change import apply
from planwhy_collector.jobs.settle import settle
from planwhy_shared.times import HOUR_MS, day_bounds

from tests.bench.company import shown
from tests.bench.scale_fill import LONG_STAYERS, fill_spans, fill_year, hire_all, plan_all, size_of
from tests.bench.scale_measure import Figure, Scene, one_person, rule_change, week_of_all

LAST = date(2026, 10, 30)
"""The last recorded day, a Friday at the end of a month."""


def spans_scene(database: Database, folder: Path, spans: int, a_day: int, people: int) -> Iterator[Figure]:
    """So many stored spans: filled, settled, then read and changed."""
    size = size_of(spans, a_day, people)
    scene = _scene(database, hire_all(database, size.people))
    start = time.perf_counter()
    stored = sum(shown(fill_spans(database, scene.people, size, LAST, folder / "spans.json"), "storing"))
    took = time.perf_counter() - start
    if stored:
        yield Figure("storing 1,000 spans", took / stored * 1e6, None, None, f"{stored} spans")
    plan_all(database, scene.people[:LONG_STAYERS], scene.month, scene.now_ms)
    yield from _settling(scene)
    yield from one_person(scene, scene.people[:LONG_STAYERS])
    yield from week_of_all(scene)
    yield from _changing(scene)


def year_scene(database: Database, folder: Path, people: int, days: int, contexts: int) -> Iterator[Figure]:
    """Twelve months of settled days."""
    scene = _scene(database, hire_all(database, people))
    sum(shown(fill_year(database, scene.people, LAST, days, contexts, folder / "year.json"), "a year"))
    yield from week_of_all(scene)
    yield from _changing(scene)


def _scene(database: Database, people: Sequence[Person]) -> Scene:
    return Scene(database, people, LAST, day_bounds(LAST, people[0].zone).end_ms + HOUR_MS)


def _settling(scene: Scene) -> Iterator[Figure]:
    """Settle all days, one person at a time, so that progress shows."""
    start, days = time.process_time(), 0
    for one in shown(list(scene.people), "settling"):
        days += settle(scene.database, scene.now_ms, one.id)
    if days:
        yield Figure("settling a day, CPU", (time.process_time() - start) * 1000 / days, 30, None, f"{days} days")


def _changing(scene: Scene) -> Iterator[Figure]:
    """Change the rules; a database that is kept goes back to the rules it had."""
    apply(scene.database, "", "bench", scene.now_ms)
    settle(scene.database, scene.now_ms)
    yield from rule_change(scene)


def lines(found: dict[str, list[Figure]]) -> Iterator[str]:
    """The table."""
    for scene, figures in found.items():
        yield ""
        yield f"{scene:52}{'found ms':>12}{'cpu ms':>12}{'target':>10}{'plain ms':>12}{'ratio':>8}"
        for one in figures:
            target = f"{one.target:>10,.0f}" if one.target is not None else f"{'':10}"
            cpu = f"{one.cpu:>12,.2f}" if one.cpu is not None else f"{'':12}"
            plain = f"{one.reference:>12,.2f}{one.found / one.reference:>8,.1f}" if one.reference else f"{'':20}"
            mark = "  MISSED" if one.missed else ""
            yield f"{one.name:52}{one.found:>12,.2f}{cpu}{target}{plain}{mark}  {one.of}".rstrip()


@contextmanager
def _database(folder: Path, postgres: bool) -> Iterator[Database]:
    if not postgres:
        with Database(f"sqlite:///{folder / 'planwhy.sqlite3'}") as database:
            database.upgrade()
            yield database
        return
    sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
    from postgres_server import PostgresServer, why_not

    if reason := why_not():
        raise click.ClickException(reason)
    server = PostgresServer()
    try:
        with Database(server.copy()) as database:
            yield database
    finally:
        server.stop()


@click.command()
@click.option("--spans", type=click.IntRange(0), default=20_000_000, show_default=True, help="Stored; 0: none.")
@click.option("--spans-a-day", type=click.IntRange(10), default=3_000, show_default=True)
@click.option("--people", type=click.IntRange(6), default=1_000, show_default=True, help="At most, with spans.")
@click.option("--year", type=click.IntRange(0), default=1_000, show_default=True, help="People with a year; 0: none.")
@click.option("--year-days", type=click.IntRange(5), default=250, show_default=True, help="Working days of a year.")
@click.option("--contexts", type=click.IntRange(10, 220), default=100, show_default=True, help="Of a day of the year.")
@click.option("--postgres", is_flag=True, help="On a server of its own instead of SQLite.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the databases there.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write all figures there as well.")
def main(
    *, spans: int, spans_a_day: int, people: int, year: int, year_days: int, contexts: int, postgres: bool,
    keep: Path | None, path: Path | None,
) -> None:  # fmt: skip
    """Fill a collector's database and measure what takes how long."""
    if postgres and keep:
        raise click.UsageError("--keep keeps SQLite databases only")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whoever ends it ends what it started
    builtin_rules()
    gc.freeze()  # as a served collector does
    folder = keep or Path(tempfile.mkdtemp(prefix="planwhy-bench-"))
    found: dict[str, list[Figure]] = {}
    try:
        if spans:
            with _database(_made(folder / "spans"), postgres) as database:
                listed = spans_scene(database, folder / "spans", spans, spans_a_day, people)
                found |= _told(f"{spans:,} spans", listed)
        if year:
            with _database(_made(folder / "year"), postgres) as database:
                listed = year_scene(database, folder / "year", year, year_days, contexts)
                found |= _told(f"{year_days} days of {year} people", listed)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    if path:
        told = {name: [asdict(one) | {"missed": one.missed} for one in listed] for name, listed in found.items()}
        path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if any(one.missed for listed in found.values() for one in listed) else 0)


def _told(scene: str, listed: Iterator[Figure]) -> dict[str, list[Figure]]:
    """Measure a scene, and show its part of the table as soon as it is there."""
    found = {scene: list(listed)}
    click.echo("\n".join(lines(found)))
    return found


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
