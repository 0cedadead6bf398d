"""How much processor time an explanation takes: a simulated team, settled, its last whole month explained.

In: how much to simulate. Out: a table and JSON: CPU milliseconds beside those of plainly reading the same month's
totals with sqlite3 in the same run, so that a slow machine does not pass for slow code. Exit code 1 where the goal is
missed. Run it as `make bench-explain-time` or `python -m tests.bench.explain_time`.
"""

import csv
import json
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import click
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.jobs.settle import settle
from planwhy_collector.plan.period import Period, parse_period
from planwhy_collector.queries.people import person
from planwhy_collector.services import wall_clock_ms

from tests.bench.company import Company, closing_database, company, last_of_month, shown

GOAL_MS = 200.0
BURDENED = "e1"
"""Who gets many tasks with a history in the second part."""
READ = "SELECT * FROM day_totals WHERE employee_id = ? AND day BETWEEN ? AND ?"


@dataclass(frozen=True)
class Times:
    """CPU milliseconds of explanations and of the plain reading, and how many tasks were overdue in the median."""

    median_ms: float
    high_ms: float
    read_ms: float
    overdue: float

    @property
    def ratio(self) -> float:
        """How many plain readings an explanation takes."""
        return self.median_ms / self.read_ms


def measure(
    folder: Path, port: int, employees: int, days: int, tasks: int, changes: int, rounds: int
) -> dict[str, Times]:
    """Fill a company, time its people, burden one of them, and time that one."""
    month = last_of_month(datetime.now(UTC).date())
    period = parse_period(f"{month:%Y-%m}")
    with company(folder, port) as one:
        one.fill(["--employees", str(employees), "--days", str(days), "--seed", "7"])
        keys = [member["employee_id"] for member in one.truth()["people"]]
        _burden(one, period, tasks, changes)
    database_file = folder / "planwhy.sqlite3"
    with closing_database(Database(f"sqlite:///{database_file}")) as database:
        settle(database, wall_clock_ms())
        usual = _timed(database, database_file, [key for key in keys if key != BURDENED] * rounds, period, "explaining")
        burdened = _timed(database, database_file, [BURDENED] * rounds * 3, period, "many tasks")
    return {"usual": usual, "many_tasks": burdened}


def _burden(one: Company, period: Period, tasks: int, changes: int) -> None:
    """Import tasks of one person that all run out within the period, each with its share of moved deadlines."""
    folder = one.folder / "burden"
    folder.mkdir()
    each = max(1, changes // tasks)
    days = (period.last - period.first).days - each
    due = {f"burden-{n}": period.first + timedelta(days=1 + n % days) for n in range(tasks)}
    moves = [(key, n, day + timedelta(days=n)) for key, day in due.items() for n in range(each)]
    moved = [(key, f"{day}T12:00:00+00:00", "deadline", day, day + timedelta(days=1)) for key, _, day in moves]
    rows = [
        (
            key,
            BURDENED,
            key,
            f"{day - timedelta(days=3)}T09:00:00+00:00",
            day + timedelta(days=each),
            "",
            "",
            "",
            "call",
        )
        for key, day in due.items()
    ]
    names = (
        "task_id,employee_id,title,created_at,deadline,closed_at,entity_type,entity_id,kind",
        "task_id,at,field,old,new",
    )
    for name, header, lines in zip(("tasks.csv", "task_changes.csv"), names, (rows, moved), strict=True):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header.split(","), *lines])
    one.run("import", str(folder))


def _timed(database: Database, file: Path, keys: list[str], period: Period, label: str) -> Times:
    """Explain each person's period once unmeasured, then measured."""
    settings, now_ms = Settings(), wall_clock_ms()
    told = {key: explain(database, key, period, now_ms, settings, "en") for key in set(keys)}
    spent = [
        _cpu_ms(lambda key=key: explain(database, key, period, now_ms, settings, "en")) for key in shown(keys, label)
    ]
    with database.reading() as session:
        ids = [person(session, key).id for key in keys]
    read = [ms for one in ids for ms in _reading(file, one, period.first, period.last)]
    high = quantiles(spent, n=10, method="inclusive")[-1]
    return Times(median(spent), high, median(read), median(len(one.overdue) for one in told.values()))


def _reading(file: Path, employee_id: int, first: date, last: date) -> Iterator[float]:
    with closing(sqlite3.connect(file)) as plain:
        where = (employee_id, first.isoformat(), last.isoformat())
        for _ in range(5):
            yield _cpu_ms(lambda: plain.execute(READ, where).fetchall())


def _cpu_ms(step: Callable[[], Any]) -> float:
    start = time.process_time_ns()
    step()
    return (time.process_time_ns() - start) / 1e6


def lines(found: dict[str, Times]) -> Iterator[str]:
    """The table."""
    yield f"{'':12}{'overdue':>9}{'median ms':>12}{'90 % ms':>10}{'plain read ms':>15}{'ratio':>8}"
    for name, one in found.items():
        figures = f"{one.overdue:>9.0f}{one.median_ms:>12.1f}{one.high_ms:>10.1f}{one.read_ms:>15.2f}{one.ratio:>8.0f}"
        yield f"{name:12}{figures}"


@click.command()
@click.option("--employees", type=click.IntRange(2), default=12, show_default=True)
@click.option("--days", type=click.IntRange(100), default=130, show_default=True)
@click.option("--tasks", type=click.IntRange(1), default=300, show_default=True, help="Of one person, all overdue.")
@click.option("--changes", type=click.IntRange(1), default=1_000, show_default=True, help="Of these tasks together.")
@click.option("--rounds", type=click.IntRange(2), default=5, show_default=True, help="Explanations of each person.")
@click.option("--goal", type=float, default=GOAL_MS, show_default=True, help="CPU ms that the usual median may take.")
@click.option("--port", type=int, default=8172, show_default=True)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write all figures there as well.")
def main(
    employees: int, days: int, tasks: int, changes: int, rounds: int, goal: float, port: int, path: Path | None
) -> None:
    """Time the explanations of a simulated team's last whole month."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whoever ends it ends what it started
    with tempfile.TemporaryDirectory(prefix="planwhy-bench-") as folder:
        found = measure(Path(folder), port, employees, days, tasks, changes, rounds)
    click.echo("\n".join(lines(found)))
    if path:
        told = {name: asdict(one) | {"ratio": one.ratio} for name, one in found.items()}
        path.write_text(json.dumps(told | {"goal_ms": goal}, indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if found["usual"].median_ms <= goal else 1)


if __name__ == "__main__":
    main()
