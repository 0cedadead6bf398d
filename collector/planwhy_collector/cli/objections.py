"""`planwhy objections`: what people say about what was counted as what, and declining with an answer.

For administrators at the collector, who answer objections; to accept one means that a rule changes.
"""

from collections.abc import Mapping

import click
import msgspec
from planwhy_shared.times import HOUR_MS, from_ms

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.facts import Person
from planwhy_collector.jobs.objecting import beside_each, objection_json
from planwhy_collector.queries import objections as stored
from planwhy_collector.queries.objections import STATES, ObjectionFact
from planwhy_collector.queries.people import people
from planwhy_collector.queries.users import user_by_email, user_names
from planwhy_collector.report.language import Language, language
from planwhy_collector.report.objections import contested_words
from planwhy_collector.report.plain import one_line
from planwhy_collector.rollup.contested import Counted, label_times
from planwhy_collector.services import wall_clock_ms


@click.group(invoke_without_command=True)
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--lang", type=click.Choice(["ru", "en"]), default=None, help="Language of the list.")
@click.pass_context
def objections(ctx: click.Context, state: str, as_json: bool, lang: str | None) -> None:
    """List objections, the longest waiting first, with the hours of the last 30 days that they contest."""
    if ctx.invoked_subcommand is not None:
        return
    now_ms = wall_clock_ms()
    with opened_database() as database, database.reading() as session:
        everyone, names = {one.id: one for one in people(session)}, user_names(session)
        found = stored.objections_among(session, set(everyone), state)
        rows = beside_each(session, found, everyone, now_ms)
    if as_json:
        click.echo(msgspec.json.encode({"items": [_document(*row, names) for row in rows]}).decode())
        return
    say = language(lang or settings().default_locale)
    click.echo("\n".join(_shown(*row, say) for row in rows) or say.say("No objection waits for an answer."))


@objections.command()
@click.argument("objection", type=click.IntRange(1))
@click.option("--answer", required=True, help="What the person is told, at least 10 characters.")
@click.option("--as", "email", default=None, help="E-mail of the account that answers; nobody's name by default.")
def decline(objection: int, answer: str, email: str | None) -> None:
    """Decline OBJECTION with an answer, which the person reads on the own page."""
    with opened_database() as database, database.writing() as session:
        user_id = user_by_email(session, email).id if email is not None else None
        stored.decide(session, objection, False, answer, user_id, wall_clock_ms())
    click.echo("declined", err=True)


def _document(
    one: ObjectionFact, person: Person, counted: tuple[Counted, ...], names: Mapping[int, str]
) -> dict[str, object]:
    hours = sum(row.working_ms for row in counted) / HOUR_MS
    return objection_json(one, person, names) | {"hours": hours}


def _shown(one: ObjectionFact, person: Person, counted: tuple[Counted, ...], say: Language) -> str:
    said = one.said
    day = from_ms(said.at_ms, person.zone).date().isoformat()
    times = label_times(counted).get(said.subject, {})
    counts = contested_words({label: ms / HOUR_MS for label, ms in times.items()}, say)
    head = f"{one.id}  {day}  {one.state}  {one_line(person.name)} [{one_line(person.key, 40)}]"
    return f"{head}\n  {one_line(said.subject.name)}: {counts or '–'}\n  {one_line(said.text, 240)}"
