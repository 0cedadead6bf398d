"""`planwhy job`: scheduled jobs, by hand."""

import click
from planwhy_shared.times import rfc3339

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.queries.job_runs import last_runs
from planwhy_collector.scheduler import JOBS, run_by_hand
from planwhy_collector.services import wall_clock_ms


@click.group()
def job() -> None:
    """Scheduled jobs, by hand."""


@job.command("list")
def list_() -> None:
    """Name the jobs, how often they run, and how their last tick ended."""
    with opened_database() as database, database.reading() as session:
        last = {run.job: run for run in last_runs(session)}
    for one in JOBS:
        run = last.get(one.name)
        ended = f"{rfc3339(run.slot_ms)}  {run.status}  {run.error or ''}" if run else "never"
        if one.name == "digest" and not settings().smtp_host:
            ended = "no mail server is configured (smtp_host), nothing is sent"
        click.echo(f"{one.name}  every {one.every_s // 60} min  {ended}".rstrip())


@job.command()
@click.argument("name")
def run(name: str) -> None:
    """Run a job now; safe to run again."""
    with opened_database() as database:
        did = run_by_hand(name, database, settings(), wall_clock_ms())
    click.echo(f"{name}: {did}", err=True)
