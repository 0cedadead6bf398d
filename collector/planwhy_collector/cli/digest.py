"""`planwhy digest`: the daily digest of missing next steps, by hand."""

import click

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.jobs.digest import previewed, send_by_hand
from planwhy_collector.services import wall_clock_ms


@click.group()
def digest() -> None:
    """The daily digest of missing next steps."""


@digest.command()
@click.option("--to", metavar="EMAIL", default=None, help="Only to this account, also if it had today's already.")
@click.option("--dry-run", is_flag=True, help="Print the text of each mail; send nothing.")
def send(to: str | None, dry_run: bool) -> None:
    """Send today's digests now, whatever the hour; each account gets one a day."""
    now_ms = wall_clock_ms()
    with opened_database() as database:
        if not dry_run:
            click.echo(f"sent: {send_by_hand(database, settings(), now_ms, to)}", err=True)
            return
        mails = [letter.mail for letter in previewed(database, settings(), now_ms, to) if letter.mail]
    click.echo("\n\n".join(f"To: {mail.to}\nSubject: {mail.subject}\n\n{mail.text}" for mail in mails), nl=bool(mails))
