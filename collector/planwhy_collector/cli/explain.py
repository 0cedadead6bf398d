"""`planwhy explain`: why a plan was missed, for people or as the contract's JSON."""

from collections.abc import Iterator, Mapping

import click
import msgspec

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.cli.instant import InstantType
from planwhy_collector.errors import InvalidInput
from planwhy_collector.explain.result import Explanation, FactorOut, OverdueOut
from planwhy_collector.explain.speech import MINUS
from planwhy_collector.explain.words import FACTORS, HOURS, TASK_PAST, VERDICTS
from planwhy_collector.jobs.explaining import explain as explain_plan
from planwhy_collector.plan.period import Period, parse_period
from planwhy_collector.plan.target import METRICS
from planwhy_collector.report.language import language
from planwhy_collector.report.objections import objection_line
from planwhy_collector.services import wall_clock_ms

BAR = 24


class PeriodType(click.ParamType[Period]):
    """A period such as 2026-10."""

    name = "period"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        """Read the text; wrong usage where it is none."""
        try:
            return value if isinstance(value, Period) else parse_period(str(value))
        except InvalidInput as error:
            self.fail(error.detail, param, ctx)


@click.command()
@click.argument("employee")
@click.argument("period", type=PeriodType())
@click.option("--as-of", type=InstantType(), default=None, help="What was known at this instant; now by default.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--lang", type=click.Choice(["ru", "en"]), default=None, help="Language of the summary.")
@click.option("--metric", type=click.Choice(METRICS), default=None, help="Which plan, where there is one of each.")
def explain(
    employee: str, period: Period, as_of: int | None, as_json: bool, lang: str | None, metric: str | None
) -> None:
    """Explain the plan of EMPLOYEE for PERIOD (2026-10, 2026-W43, 2026-10-01..2026-10-15)."""
    locale = lang or settings().default_locale
    now = wall_clock_ms() if as_of is None else as_of
    with opened_database() as database:
        found = explain_plan(database, employee, period, now, settings(), locale, metric)
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(_shown(found, locale)))


def _shown(found: Explanation, locale: str) -> list[str]:
    largest = max((abs(f.contribution) for f in found.factors), default=0.0)
    lines = [f"{found.employee_id}  {found.period.first} … {found.period.last}", "", found.summary, ""]
    lines += [_HEAD[locale], *(_factor(f, largest, locale) for f in found.factors)]
    lines += [""] if found.overdue else []
    for task in found.overdue:
        verdict = VERDICTS[locale][task.verdict]
        past = "".join(f"  ({one})" for one in _past(task, TASK_PAST[locale]))
        lines.append(
            f"{task.deadline}  {task.overdue_hours:7.1f} {HOURS[locale]}  {verdict}  {_plain(task.title)}{past}"
        )
    say = language(locale)
    return [*lines, *([""] if found.objections else []), *(objection_line(one, say) for one in found.objections)]


def _past(task: OverdueOut, words: Mapping[str, str]) -> Iterator[str]:
    """What happened to the task, in a few words each."""
    if task.deadline_moves:
        yield f"{words['moved']} ×{len(task.deadline_moves)}"
    if task.reopened:
        yield f"{words['reopened']} ×{task.reopened}"
    if task.held:
        yield f"{words['held']}: {task.held.start[:16]} … {(task.held.end or '')[:16]}".rstrip()
    if task.entity_deleted:
        yield words["deleted"]


_HEAD = {
    "en": f"{'':<44} {'plan':>11}   {'actual':>11} {'effect':>12} between",
    "ru": f"{'':<44} {'план':>11}   {'факт':>11} {'влияние':>12} между",
}


def _factor(factor: FactorOut, largest: float, locale: str) -> str:
    """A factor with what the result lost (full bar) or gained (light bar) with it."""
    length = round(BAR * abs(factor.contribution) / largest) if largest else 0
    bar = ("█" if factor.contribution > 0 else "░") * length
    name = FACTORS[locale][factor.name]
    span = f"[{_effect(factor.high)} … {_effect(factor.low)}]"
    figures = f"{factor.plan:>11.3f} → {factor.actual:>11.3f} {_effect(factor.contribution):>12}"
    return f"{name:<44} {figures} {span:<20} {bar}".rstrip()


def _effect(contribution: float) -> str:
    """What the result lost or gained, signed; a contribution counts towards the shortfall."""
    return f"{0.0 - round(contribution, 2):+.2f}".replace("-", MINUS) if round(contribution, 2) else "0"


def _plain(title: str) -> str:
    """A title fit for a terminal: one line, no escape sequences."""
    return "".join(char if char.isprintable() else " " for char in title)[:80]
