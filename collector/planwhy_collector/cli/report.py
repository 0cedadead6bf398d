"""`planwhy report`: reports as files."""

from pathlib import Path

import click
import msgspec

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.cli.explain import PeriodType
from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs.reporting import last_week, weekly_report
from planwhy_collector.plan.period import Period
from planwhy_collector.report.html import weekly_html
from planwhy_collector.services import wall_clock_ms


@click.group()
def report() -> None:
    """Reports as files."""


@report.command()
@click.option("--week", type=PeriodType(), default=None, help="Such as 2026-W47; the last week by default.")
@click.option("--team", default=None, help="Only this team; everyone by default.")
@click.option("--format", "form", type=click.Choice(["html", "json", "pdf", "xlsx"]), default="html", show_default=True)
@click.option("--lang", type=click.Choice(["ru", "en"]), default=None)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
def weekly(week: Period | None, team: str | None, form: str, lang: str | None, out: Path) -> None:
    """Write the weekly report of a team to a file."""
    if form in ("pdf", "xlsx"):
        raise InvalidInput(f"{form} is not available yet: take html or json")
    now_ms = wall_clock_ms()
    with opened_database() as database:
        made = weekly_report(database, week or last_week(now_ms), team, now_ms)
    if form == "json":
        _write(out, msgspec.json.encode(made))
    else:
        _write(out, weekly_html(made, lang or settings().default_locale).encode())
    click.echo(str(out), err=True)


def _write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InvalidInput(f"{out}: {error.strerror or error}") from None
