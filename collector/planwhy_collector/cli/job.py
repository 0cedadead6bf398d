"""`planwhy job`: scheduled jobs, by hand."""

import click

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.scheduler import JOBS, run_by_hand
from planwhy_collector.services import wall_clock_ms


@click.group()
def job() -> None:
    """Scheduled jobs, by hand."""


@job.command("list")
def list_() -> None:
    """Name the jobs and how often they run."""
    for one in JOBS:
        click.echo(f"{one.name}  every {one.every_min} min")


@job.command()
@click.argument("name")
def run(name: str) -> None:
    """Run a job now; safe to run again."""
    with opened_database() as database:
        did = run_by_hand(name, database, settings(), wall_clock_ms())
    click.echo(f"{name}: {did}", err=True)
