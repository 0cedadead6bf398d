"""`planwhy simulate`: raw data with known causes."""

import sys
from datetime import date, datetime, timedelta
from math import ceil
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from planwhy_shared.times import day_of

from planwhy_collector.errors import InvalidInput
from planwhy_collector.services import wall_clock_ms
from planwhy_collector.simulate.causes import NAMES, known_causes
from planwhy_collector.simulate.history import full_months
from planwhy_collector.simulate.order import Order
from planwhy_collector.simulate.writing import write

Out = click.Path(file_okay=False, path_type=Path)
Day = click.DateTime(["%Y-%m-%d"])
Share = click.FloatRange(0, 1)


@click.command()
@click.option("--employees", type=int, help="How many people; or --per-cause.")
@click.option("--per-cause", type=click.IntRange(min=1), help="As many people as give so many months to each cause.")
@click.option("--days", type=int, required=True, help="How many days of history.")
@click.option("--seed", type=int, required=True, help="The same seed and days give the same data.")
@click.option("--out", type=Out, required=True, help="A folder that is new or empty.")
@click.option("--until", type=Day, help="The last day; yesterday by default.")
@click.option("--causes", default="", help=f"Only these, in turn in every month, with commas: {', '.join(NAMES)}.")
@click.option("--hide", type=Share, multiple=True, help="Share of days and windows not seen; several: month by month.")
@click.option("--bare", type=Share, default=0.0, help="Share of plans without assumptions.")
def simulate(
    employees: int | None, per_cause: int | None, days: int, seed: int, out: Path, until: datetime | None,
    causes: str, hide: tuple[float, ...], bare: float,
) -> None:  # fmt: skip
    """Write CSV files for `planwhy import`, span batches as agents send them, and the truth behind both."""
    if (employees is None) == (per_cause is None):
        raise click.UsageError("give either --employees or --per-cause")
    last = until.date() if until else day_of(wall_clock_ms(), ZoneInfo("UTC")) - timedelta(days=1)
    chosen = known_causes(causes) or (NAMES if per_cause else ())
    people = employees if employees is not None else _people(per_cause or 1, chosen, days, last)
    order = Order(people, days, seed, last, chosen, hide, bare)
    hidden = not sys.stderr.isatty()
    with click.progressbar(write(order, out), length=people, label="simulating", file=sys.stderr, hidden=hidden) as bar:
        done = sum(1 for _ in bar)
    click.echo(f"{out}: {done} employees, {days} days")


def _people(per_cause: int, causes: tuple[str, ...], days: int, last: date) -> int:
    """People whose full months give each cause at least so many. Causes go round, so whole rounds are counted."""
    if days < 1:
        raise InvalidInput(f"days: {days} is too few")
    months = full_months(Order(1, days, 0, last).first, last)
    if not months:
        raise InvalidInput(f"days: {days} days until {last} hold no full month")
    return ceil(per_cause * len(causes) / months / len(causes)) * len(causes)
