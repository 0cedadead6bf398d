"""`planwhy pace`: where running plans stand and may end, for one person or a team. CRM and calendar only."""

import click
import msgspec
from planwhy_shared.times import day_of

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.cli.explain import PeriodType
from planwhy_collector.errors import NoPlan, NotFound
from planwhy_collector.facts import Person
from planwhy_collector.jobs.pacing import paced
from planwhy_collector.plan.period import Period, month_of
from planwhy_collector.queries.people import people, person, teams
from planwhy_collector.report.language import Language, language
from planwhy_collector.report.pacing import PaceOut, pace_text
from planwhy_collector.services import wall_clock_ms


@click.command()
@click.argument("employee", required=False)
@click.argument("period", type=PeriodType(), required=False)
@click.option("--team", default=None, help="Everyone of a team who has a plan, instead of EMPLOYEE.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--lang", type=click.Choice(["ru", "en"]), default=None)
def pace(employee: str | None, period: Period | None, team: str | None, as_json: bool, lang: str | None) -> None:
    """Say where the plan of EMPLOYEE for PERIOD stands and may end; the month by default."""
    if team is None and employee is None:
        raise click.UsageError("name an EMPLOYEE, or --team")
    if team is not None:
        employee, period = None, _only_period(employee, period)
    found = _found(employee, team, period)
    if as_json:
        document = found[0] if team is None else {"team": team, "people": found}
        click.echo(msgspec.json.encode(document).decode())
        return
    say, width = language(lang or settings().default_locale), max((len(_name(one)) for one in found), default=0)
    for one in found:
        click.echo(_line(one, width, say))


def _only_period(first: str | None, period: Period | None) -> Period | None:
    """With --team the only argument is the period."""
    if first is not None and period is not None:
        raise click.UsageError("EMPLOYEE and --team: only one of them")
    return None if first is None else PeriodType().convert(first, None, click.get_current_context())


def _found(employee: str | None, team: str | None, period: Period | None) -> list[PaceOut]:
    """One person's pace, whose lack of a plan is an error; or a team's, without those who have none."""
    now_ms, out = wall_clock_ms(), []
    with opened_database() as database, database.reading() as session:
        if team is not None and team not in teams(session):
            raise NotFound(f"there is no team {team!r}")
        chosen: tuple[Person, ...] = (person(session, employee),) if employee else people(session, team=team)
        for one in chosen:
            try:
                out.append(paced(session, one, period or month_of(day_of(now_ms, one.zone)), now_ms))
            except NoPlan:
                if team is None:
                    raise
    return out


def _name(one: PaceOut) -> str:
    return "".join(char if char.isprintable() else " " for char in one.name)[:40]


def _line(one: PaceOut, width: int, say: Language) -> str:
    return f"{one.employee_id:4}  {_name(one):{width}}  {one.period.first} … {one.period.last}  {pace_text(one, say)}"
