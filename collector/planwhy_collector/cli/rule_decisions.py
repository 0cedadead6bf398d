"""`planwhy rules queue|decide|leave|history|restore`: living with rules. People decide; a suggestion is only shown."""

import json
from typing import get_args

import click
from planwhy_shared.times import HOUR_MS, rfc3339

from planwhy_collector.classify.subject import SUBJECT_KINDS, Subject, SubjectKind
from planwhy_collector.cli.context import opened_database
from planwhy_collector.cli.rule_telling import BY, Days, Looking, carried_out, counted, last_days, show_preview
from planwhy_collector.facts import Area, Label
from planwhy_collector.jobs.judging import rules_in_force
from planwhy_collector.jobs.rule_deciding import (
    decide,
    deciding,
    decision,
    leave,
    leaving,
    named,
    restore,
    restored,
)
from planwhy_collector.jobs.rule_past import past_changes
from planwhy_collector.jobs.rule_preview import NAMED
from planwhy_collector.jobs.rule_queue import Queue, queue
from planwhy_collector.queries.rule_history import Event
from planwhy_collector.services import wall_clock_ms

Kind = click.argument("kind", type=click.Choice(SUBJECT_KINDS))
Json = click.option("--json", "as_json", is_flag=True)


@click.command(name="queue")
@Days
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@Json
def queue_(days: int, limit: int, as_json: bool) -> None:
    """Show what no rule knows, by the working time spent on it in the last days."""
    with opened_database() as database:
        found = queue(database, *last_days(days))
    if as_json:
        click.echo(json.dumps(_queue_facts(found, limit), ensure_ascii=False))
        return
    share = found.unclassified_ms / found.active_ms if found.active_ms else 0
    click.echo(
        f"not classified: {found.unclassified_ms / HOUR_MS:.1f} h, {share:.1%} of {found.active_ms / HOUR_MS:.1f} h"
    )
    for one in found.waiting[:limit]:
        click.echo(f"{one.ms / HOUR_MS:8.1f} h  {one.subject.kind:8}{one.subject.name}  people: {counted(one.people)}")
    if len(found.waiting) > limit:
        click.echo(f"and {len(found.waiting) - limit} more: --limit")
    if found.unaddressed_ms:
        click.echo(f"{found.unaddressed_ms / HOUR_MS:8.1f} h  browser pages that showed no address, or nothing known")
    if found.left_ms:
        click.echo(f"{found.left_ms / HOUR_MS:8.1f} h  left unclassified on purpose")


@click.command(name="decide")
@Kind
@click.argument("name")
@click.argument("category")
@click.option("--label", type=click.Choice(get_args(Label)), help="By default that of the category.")
@click.option("--area", type=click.Choice(get_args(Area)), help="The area of work; by default general, a CRM's sales.")
@click.option("--profile", default="", help="For the people of one profile only; by default for everybody.")
@click.option("--why", default="", help="The reason, which stands beside the rule.")
@Looking
@Days
def decide_(
    *, kind: SubjectKind, name: str, category: str, label: Label | None, area: Area | None, profile: str, why: str,
    looking: bool, days: int,
) -> None:  # fmt: skip
    """Say what a host or program NAME counts for, in the past and from now on."""
    now_ms = wall_clock_ms()
    with opened_database() as database:
        with database.reading() as session:
            rules = rules_in_force(session)
        made = decision(rules, Subject(kind, name), category, label=label, area=area, profile=profile, why=why)
        if looking:
            show_preview(database, deciding(made), days)
            return
        carried_out(database, decide(database, made, BY, now_ms).version, now_ms)


@click.command(name="leave")
@Kind
@click.argument("name")
@Looking
@Days
def leave_(kind: SubjectKind, name: str, looking: bool, days: int) -> None:
    """Leave a host or program NAME unclassified on purpose, so that the queue does not ask again."""
    now_ms = wall_clock_ms()
    with opened_database() as database:
        if looking:
            show_preview(database, leaving(named(Subject(kind, name))), days)
            return
        carried_out(database, leave(database, Subject(kind, name), BY, now_ms).version, now_ms)


@click.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--diff", is_flag=True, help="Also the lines of own rules that each change took away and added.")
@Json
def history(limit: int, diff: bool, as_json: bool) -> None:
    """Show what was done to the rules, when, and by whom; the latest first."""
    with opened_database() as database, database.reading() as session:
        found = past_changes(session, limit)
    told = [_event_facts(one.event) | ({"diff": one.lines} if diff else {}) for one in found]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for one in found:
        click.echo("  ".join(_event_facts(one.event).values()).rstrip())
        for line in one.lines if diff else ():
            click.echo(f"    {line}")


@click.command(name="restore")
@click.argument("version")
@Looking
@Days
def restore_(version: str, looking: bool, days: int) -> None:
    """Put in force again the own rules, decisions and packs of an earlier VERSION."""
    now_ms = wall_clock_ms()
    with opened_database() as database:
        added = restored(database, version)
        if looking:
            show_preview(database, lambda _: added, days)
            return
        carried_out(database, restore(database, version, BY, now_ms).version, now_ms)


COMMANDS = (queue_, decide_, leave_, history, restore_)


def _queue_facts(found: Queue, limit: int) -> dict[str, object]:
    return {
        "active_hours": round(found.active_ms / HOUR_MS, 2),
        "unclassified_hours": round(found.unclassified_ms / HOUR_MS, 2),
        "unaddressed_hours": round(found.unaddressed_ms / HOUR_MS, 2),
        "left_hours": round(found.left_ms / HOUR_MS, 2),
        "waiting": [
            {
                "kind": one.subject.kind,
                "name": one.subject.name,
                "hours": round(one.ms / HOUR_MS, 2),
                "people": one.people if one.people >= NAMED else None,
            }
            for one in found.waiting[:limit]
        ],
    }


def _event_facts(one: Event) -> dict[str, str]:
    done = one.done
    return {"at": rfc3339(one.at_ms), "version": one.version, "kind": done.kind, "by": done.by, "note": done.note}
