"""`planwhy user`: people who sign in."""

from pathlib import Path

import click

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.jobs.accounts import hashed
from planwhy_collector.queries import sessions, users
from planwhy_collector.queries.people import person
from planwhy_collector.services import wall_clock_ms


@click.group()
def user() -> None:
    """People who sign in."""


@user.command()
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice(users.ROLES))
@click.option("--employee", default=None, help="Public id of the employee whose own page this is.")
@click.option("--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None)
def add(email: str, name: str, role: str, employee: str | None, password_file: Path | None) -> None:
    """Add an account; without a password file it signs in by link only."""
    typed = password_file.read_text(encoding="utf-8").strip() if password_file else None
    with opened_database() as database, database.writing() as session:
        employee_id = person(session, employee).id if employee else None
        secret = hashed(typed) if typed is not None else None
        users.add_user(session, email, name, role, employee_id, wall_clock_ms(), secret)
    click.echo(f"added {email}", err=True)


@user.command()
@click.argument("email")
def link(email: str) -> None:
    """Print a link that signs EMAIL in once."""
    with opened_database() as database, database.writing() as session:
        found = users.user_by_email(session, email)
        token = users.sign_in_link(session, found.id, wall_clock_ms())
    chosen = settings()
    click.echo(f"{chosen.public_url or f'http://{chosen.host}:{chosen.port}'}/sign-in/{token}")


@user.command()
@click.argument("email")
@click.option("--label", default="command line", show_default=True, help="What the token is for.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True)
def token(email: str, label: str, days: int) -> None:
    """Print a personal token for the reading API, with the rights of EMAIL."""
    with opened_database() as database, database.writing() as session:
        found = users.user_by_email(session, email)
        click.echo(sessions.add_api_token(session, found.id, label, wall_clock_ms(), days))


@user.command()
@click.argument("email")
@click.option("--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None)
def password(email: str, password_file: Path | None) -> None:
    """Set the password of EMAIL, typed twice or from a file; signs the account out everywhere."""
    typed = password_file.read_text(encoding="utf-8").strip() if password_file else _typed()
    with opened_database() as database, database.writing() as session:
        found = users.user_by_email(session, email)
        users.set_password(session, found.id, hashed(typed))
        sessions.end_sessions_of(session, found.id)
    click.echo(f"changed the password of {email}", err=True)


@user.command("list")
def list_() -> None:
    """List accounts."""
    with opened_database() as database, database.reading() as session:
        for found in users.users(session):
            click.echo(f"{found.email}  {found.role}  {found.name}")


def _typed() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
