"""`planwhy simulate`: raw data with known causes."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from planwhy_shared.times import day_of

from planwhy_collector.services import wall_clock_ms
from planwhy_collector.simulate.writing import Order, write

Out = click.Path(file_okay=False, path_type=Path)
Day = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--employees", type=int, required=True, help="How many people.")
@click.option("--days", type=int, required=True, help="How many days of history.")
@click.option("--seed", type=int, required=True, help="The same seed and days give the same data.")
@click.option("--out", type=Out, required=True, help="A folder that is new or empty.")
@click.option("--until", type=Day, help="The last day; yesterday by default.")
def simulate(employees: int, days: int, seed: int, out: Path, until: datetime | None) -> None:
    """Write CSV files for `planwhy import`, span batches as agents send them, and the truth behind both."""
    yesterday = day_of(wall_clock_ms(), ZoneInfo("UTC")) - timedelta(days=1)
    steps = write(Order(employees, days, seed, until.date() if until else yesterday), out)
    hidden = not sys.stderr.isatty()
    with click.progressbar(steps, length=employees, label="simulating", file=sys.stderr, hidden=hidden) as bar:
        done = sum(1 for _ in bar)
    click.echo(f"{out}: {done} employees, {days} days")
