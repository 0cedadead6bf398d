"""`planwhy next-steps`: clients, deals and tasks whose next step is missing."""

from collections.abc import Mapping

import click
import msgspec
from planwhy_shared.times import rfc3339
from sqlalchemy.orm import Session

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.cli.instant import InstantType
from planwhy_collector.errors import NotFound
from planwhy_collector.explain.next_steps import KINDS, Finding
from planwhy_collector.facts import Person
from planwhy_collector.jobs.next_steps import Asked, next_steps
from planwhy_collector.queries.people import people, person, teams
from planwhy_collector.report.language import Language, language
from planwhy_collector.report.next_steps import step_document, step_line
from planwhy_collector.report.plain import one_line
from planwhy_collector.services import wall_clock_ms


@click.command("next-steps")
@click.option("--employee", default=None, help="Only this person's list.")
@click.option("--team", default=None, help="Only this team's people, and what is nobody's but near them.")
@click.option("--kind", type=click.Choice(KINDS), default=None, help="Only this kind.")
@click.option("--as-of", type=InstantType(), default=None, help="As it stood at this instant; now by default.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--lang", type=click.Choice(["ru", "en"]), default=None, help="Language of the list.")
def next_steps_(
    employee: str | None, team: str | None, kind: str | None, as_of: int | None, as_json: bool, lang: str | None
) -> None:
    """List what lacks a next step: people by name, each list by urgency, nobody's last."""
    if employee is not None and team is not None:
        raise click.UsageError("give --employee or --team, not both")
    at_ms = wall_clock_ms() if as_of is None else as_of
    with opened_database() as database, database.reading() as session:
        everyone = {one.id: one for one in people(session)}
        found = next_steps(session, _asked(session, employee, team), at_ms, settings().deadline_moves)
    listed = [one for steps in found for one in steps.findings if kind in (None, one.kind)]
    if as_json:
        items = [step_document(one, everyone, settings().crm_url) for one in listed]
        click.echo(msgspec.json.encode({"as_of": rfc3339(at_ms), "items": items}).decode())
        return
    say = language(lang or settings().default_locale)
    click.echo("\n".join(_shown(listed, everyone, say)))


def _asked(session: Session, employee: str | None, team: str | None) -> Asked:
    if employee is not None:
        return Asked((person(session, employee),))
    if team is not None and team not in teams(session):
        raise NotFound(f"there is no team {team!r}")
    return Asked(people(session, team=team), nobodys=True, everything=team is None)


def _shown(listed: list[Finding], everyone: Mapping[int, Person], say: Language) -> list[str]:
    lines, owner = [], -1
    for one in listed:
        if one.owner != owner:
            owner = one.owner or 0
            lines += ["", one_line(everyone[owner].name if owner else say.say("Nobody's"))]
        line = step_line(one, say, everyone, "")
        where = f"{one_line(line.title, 60)}  [{one_line(one.entity.id, 40)}]"
        lines.append(f"  {line.what:<38} {where}  {one_line(line.notes, 160)}")
    return lines[1:] or [say.say("Nothing lacks a next step.")]
