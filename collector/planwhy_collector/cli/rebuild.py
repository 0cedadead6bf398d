"""`planwhy rebuild`: derived data made again from the raw spans."""

import sys
from datetime import datetime

import click

from planwhy_collector.cli.context import opened_database
from planwhy_collector.jobs.settle import rebuild as rebuild_days
from planwhy_collector.services import wall_clock_ms

Day = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--from", "first", type=Day, required=True, help="The first day, such as 2026-10-01.")
@click.option("--to", "last", type=Day, required=True, help="The last day, included.")
@click.option("--employee", help="Only this employee.")
def rebuild(first: datetime, last: datetime, employee: str | None) -> None:
    """Recompute the totals of days from the raw spans. Running it twice changes nothing."""
    stderr, total = sys.stderr, 0
    with opened_database() as database:
        steps = rebuild_days(database, first.date(), last.date(), wall_clock_ms(), employee)
        with click.progressbar(length=len(steps), label="settling", file=stderr, hidden=not stderr.isatty()) as shown:
            for step in steps:
                total += step()
                shown.update(1)
    click.echo(f"{total} days settled")
