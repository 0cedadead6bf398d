"""`planwhy policy`: what agents record, declared as text. Never: working hours, which the calendar of a person says."""

from importlib import resources
from pathlib import Path

import click
import msgspec
from planwhy_shared.times import rfc3339

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.errors import InvalidInput
from planwhy_collector.ingest.recording import apply_recording
from planwhy_collector.queries.recording import StoredRecording, recordings
from planwhy_collector.recording.read import read_declared
from planwhy_collector.services import wall_clock_ms

PolicyFile = click.Path(path_type=Path, dir_okay=False)


@click.group()
def policy() -> None:
    """What agents record of titles and addresses."""


@policy.command()
def example() -> None:
    """Print a policy with comments, to start from."""
    found = resources.files("planwhy_collector.recording") / "example.toml"
    click.echo(found.read_text(encoding="utf-8"), nl=False)


@policy.command()
@click.argument("file", type=PolicyFile)
def check(file: Path) -> None:
    """Check the policy in FILE and tell what is wrong with it."""
    found = read_declared(_text(file), str(file))
    click.echo(f"{file}: a policy for everybody and {len(found.teams)} teams that differ, no problem")


@policy.command()
@click.argument("file", type=PolicyFile)
def apply(file: Path) -> None:
    """Put the policy in FILE in force. Where it keeps more than before, people acknowledge the notice again."""
    text = _text(file)
    with opened_database() as database, database.writing() as session:
        more = apply_recording(session, settings(), text, str(file), "command line", wall_clock_ms())
    click.echo("in force; agents follow within minutes")
    for reason in more:
        click.echo(f"keeps more than before: {reason}")
    if more:
        click.echo("nothing is recorded of the people concerned until they have acknowledged the new notice")


@policy.command()
@click.option("--json", "as_json", is_flag=True, help="All policies that were in force, as one JSON document.")
def show(as_json: bool) -> None:
    """Show the policy in force, since when, and who put it in force."""
    with opened_database() as database, database.reading() as session:
        found = recordings(session)
    if as_json:
        click.echo(msgspec.json.encode([_listed(one) for one in found]).decode())
    elif not found:
        click.echo("no policy was applied; `planwhy policy example` shows what holds then")
    else:
        last = found[-1]
        click.echo(f"# applied {rfc3339(last.applied_ms)} by {last.applied_by or 'somebody erased'}")
        click.echo(last.body, nl=False)


def _listed(one: StoredRecording) -> dict[str, object]:
    asked = {team: rfc3339(at_ms) if at_ms else None for team, at_ms in one.asked}
    said = {"applied_at": rfc3339(one.applied_ms), "applied_by": one.applied_by, "body": one.body}
    return said | {"notice_asked_since": asked}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: {error}") from None
