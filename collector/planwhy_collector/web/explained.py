"""What a case page and the own page show of an explanation. In: an opening that the gate gave. Out: view data.

Never: data without an opening; callers come here only with one.
"""

from dataclasses import dataclass

from markupsafe import Markup
from planwhy_shared.times import Interval, days_bounds

from planwhy_collector.errors import NoPlan
from planwhy_collector.explain.measurement import Measurement
from planwhy_collector.explain.result import Explanation
from planwhy_collector.facts import Person
from planwhy_collector.gate import Opening
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.jobs.judging import judged_between
from planwhy_collector.jobs.measurements import measured
from planwhy_collector.plan.period import Period
from planwhy_collector.report.charts import strip_chart, waterfall_chart
from planwhy_collector.report.factors import FactorRow, factor_rows, metric_name, time_rows, waterfall
from planwhy_collector.report.quantities import QuantityRow, quantity_rows
from planwhy_collector.report.strip import Stretch, strips
from planwhy_collector.report.task_past import past_of
from planwhy_collector.services import services
from planwhy_collector.web.pages import chart
from planwhy_collector.web.visitor import spoken


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation ready for a template; `found` is None with a sentence where there is no plan.

    `past`: task id → what happened to it, in words.
    """

    opening: Opening
    found: Explanation | None
    refusal: str
    factors: tuple[FactorRow, ...]
    times: tuple[tuple[str, str, float], ...]
    past: dict[str, tuple[str, ...]]
    waterfall: Markup | None
    strip: Markup | None
    days: tuple[str, ...]
    measured: Measurement
    quantities: tuple[QuantityRow, ...]


def explained(opening: Opening, person: Person, period: Period) -> Explained:
    """Explain a period of a person and draw its charts. The look is written down by the caller, before."""
    say = spoken()
    found, refusal = _explanation(person, period)
    stretches = _strip(person, period)
    strip = chart(strip_chart(stretches, say)) if stretches else None
    days = tuple(dict.fromkeys(s.day.isoformat() for s in stretches))
    figures = _measured(person, period, found)
    behind = (figures, quantity_rows(figures, say))
    if found is None:
        return Explained(opening, None, refusal, (), (), {}, None, strip, days, *behind)
    drawn = chart(waterfall_chart(waterfall(found, say), metric_name(found.plan.metric, say), say))
    past = {task.task_id: past_of(task, say) for task in found.overdue}
    factors, times = factor_rows(found, say), time_rows(found.time, say)
    return Explained(opening, found, "", factors, times, past, drawn, strip, days, *behind)


def _explanation(person: Person, period: Period) -> tuple[Explanation | None, str]:
    now = services()
    try:
        locale = spoken().locale
        return explain(now.database, person.key, period, now.now_ms(), now.settings, locale, disclosed=True), ""
    except NoPlan as error:
        return None, error.detail


def _measured(person: Person, period: Period, found: Explanation | None) -> Measurement:
    now = services()
    currency = found.plan.currency if found else None
    return measured(now.database, person.key, period, now.now_ms(), now.settings, currency, disclosed=True)


def _strip(person: Person, period: Period) -> tuple[Stretch, ...]:
    now_ms = services().now_ms()
    whole = days_bounds(period.first, period.last, person.zone)
    bounds = Interval(whole.start_ms, max(whole.start_ms, min(whole.end_ms, now_ms)))
    with services().database.reading() as session:
        pieces = judged_between(session, person, bounds, now_ms)
    return strips((piece for piece in pieces if piece.working or piece.presence in ("active", "call")), person.zone)
