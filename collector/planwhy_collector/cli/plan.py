"""`planwhy plan`: plans from workload, targets by hand, and what the stored plans rest on."""

import sys
from collections.abc import Sequence
from datetime import date

import click
import msgspec
from planwhy_shared.times import from_ms
from sqlalchemy.orm import Session

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.cli.explain import PeriodType
from planwhy_collector.cli.plan_text import preview, shown
from planwhy_collector.db import Database
from planwhy_collector.errors import NotFound
from planwhy_collector.facts import Person
from planwhy_collector.jobs import planning
from planwhy_collector.jobs.planned import StoredPlan, stored_plans
from planwhy_collector.plan.given import parse_given, split_pair
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.proposal import Proposal
from planwhy_collector.plan.target import METRICS
from planwhy_collector.plan.workload import order_for
from planwhy_collector.queries.people import people, person, teams
from planwhy_collector.report.language import Language, language
from planwhy_collector.report.planning import PlanRow, moment_words, plan_row, proposal_row
from planwhy_collector.report.planning_json import plan_json, proposals_json
from planwhy_collector.services import wall_clock_ms

Metric = click.Choice(METRICS)
Lang = click.option("--lang", type=click.Choice(["ru", "en"]), default=None, help="Language of the words.")
AsJson = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


@click.group()
def plan() -> None:
    """Plans: made from workload, shown, or set by hand."""


@plan.command()
@click.argument("period", type=PeriodType())
@click.option("--team", default=None, help="Only this team; everyone by default.")
@click.option("--employee", "employees", multiple=True, help="Only this employee; may be repeated.")
@click.option("--metric", type=Metric, default="contracts", show_default=True)
@click.option("--currency", default=None, help="Of revenue, such as RUB.")
@click.option("--set", "given", multiple=True, metavar="[KEY.]NAME=VALUE", help="A quantity by hand; may be repeated.")
@click.option("--step", type=float, default=None, help="Targets are multiples of it: 1 contract, 1000 of a currency.")
@click.option("--dry-run", is_flag=True, help="Show and store nothing.")
@click.option("--yes", is_flag=True, help="Store without asking.")
@AsJson
@Lang
def make(
    *, period: Period, team: str | None, employees: tuple[str, ...], metric: str, currency: str | None,
    given: tuple[str, ...], step: float | None, dry_run: bool, yes: bool, as_json: bool, lang: str | None,
) -> None:  # fmt: skip
    """Make plans for PERIOD (2026-12, 2026-W50, 2026-Q1, FIRST..LAST) from the workload of each person."""
    order, hand = order_for(period, metric, currency, step), parse_given(map(split_pair, given), metric)
    now_ms, say = wall_clock_ms(), language(lang or settings().default_locale)
    with opened_database() as database:
        staff = _staff(database, team, employees, order.period.first)
        found = planning.proposals(database, staff, order, hand, planning.COMMAND_LINE, now_ms, settings())
        if not as_json:
            rows = [proposal_row(one, say, hand.of(one.person.key)) for one in found]
            click.echo("\n".join(preview(rows, say, moment_words(period, from_ms(now_ms).date(), say))))
        wanted = not dry_run and _wanted(found, yes)
        stored = planning.store_proposals(database, found, now_ms) if wanted else ()
    if as_json:
        click.echo(msgspec.json.encode(proposals_json(order, found, stored)).decode())
    if not dry_run:
        click.echo(f"plans stored: {len(stored)}", err=True)
        sys.exit(not stored and any(one.existing is None for one in found))


@plan.command()
@click.argument("employee", required=False)
@click.argument("period", type=PeriodType(), required=False)
@click.option("--team", default=None, help="Only this team; everyone by default.")
@AsJson
@Lang
def show(employee: str | None, period: Period | None, team: str | None, as_json: bool, lang: str | None) -> None:
    """Show plans with their assumptions, sources, changes and what is reached to date."""
    now_ms = wall_clock_ms()
    with opened_database() as database:
        staff = _staff(database, team, (employee,) if employee else ())
        with database.reading() as session:
            found = stored_plans(session, staff, period, now_ms)
    if as_json:
        click.echo(msgspec.json.encode([_document(one) for one in found]).decode())
        return
    if not found:
        raise NotFound("no such plan is stored")
    say = language(lang or settings().default_locale)
    click.echo("\n\n".join("\n".join(shown(_row(one, say))) for one in found))


@plan.command("set")
@click.argument("employee")
@click.argument("period", type=PeriodType())
@click.argument("metric", type=Metric)
@click.argument("target", type=float)
@click.option("--currency", default=None, help="Of revenue, such as RUB.")
@click.option("--reason", default="", help="Why a target changes, at least 20 characters.")
def set_(employee: str, period: Period, metric: str, target: float, currency: str | None, reason: str) -> None:
    """Set the target of EMPLOYEE for PERIOD by hand; changing one needs a reason, which is kept."""
    order, now_ms = order_for(period, metric, currency, None), wall_clock_ms()
    with opened_database() as database:
        with database.reading() as session:
            one = person(session, employee)
        limit = settings().coverage_limit
        made, new = planning.set_target(database, one, order, target, planning.COMMAND_LINE, reason, now_ms, limit)
    click.echo(f"{'added' if new else 'set'} {employee} {made.period} {made.metric} {made.target:g}", err=True)


def _staff(
    database: Database, team: str | None, employees: Sequence[str], on: date | None = None
) -> tuple[Person, ...]:
    """The people asked for, by the teams of a day, else of today.

    Raises NotFound for an unknown team or employee, or where there is nobody.
    """
    with database.reading() as session:
        found = _named(session, employees) if employees else people(session, team=team, on=on)
        if team is not None and team not in teams(session):
            raise NotFound(f"there is no team {team!r}")
    chosen = tuple(one for one in found if team is None or one.team == team)
    if not chosen:
        raise NotFound("there is no employee to plan for")
    return chosen


def _named(session: Session, employees: Sequence[str]) -> tuple[Person, ...]:
    return tuple(person(session, key) for key in dict.fromkeys(employees))


def _wanted(found: Sequence[Proposal], yes: bool) -> bool:
    """Whether to store: asked on a terminal, taken for granted elsewhere."""
    count = sum(one.plan is not None for one in found)
    if not count or yes or not sys.stdin.isatty():
        return count > 0
    return click.confirm(f"Store {count} plans?", err=True)


def _document(one: StoredPlan) -> dict[str, object]:
    return plan_json(one.person, one.plan, one.changes) | {"actual": one.actual}


def _row(one: StoredPlan, say: Language) -> PlanRow:
    changes = [(change, say.moment(change.at_ms, one.person.zone)) for change in one.changes]
    return plan_row(one.plan, one.person.key, one.person.name, one.actual, changes, say)
