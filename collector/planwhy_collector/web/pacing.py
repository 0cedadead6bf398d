"""What pages show of a running plan's pace. In: a person, a period. Out: texts; None where no plan runs.

It stands beside plan and fact, open to the person and the supervisor: CRM and calendar only.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from planwhy_collector.errors import NoPlan
from planwhy_collector.facts import Person
from planwhy_collector.jobs.pacing import paced
from planwhy_collector.plan.period import Period
from planwhy_collector.report.pacing import forecast_text, probability_text
from planwhy_collector.services import services
from planwhy_collector.web.visitor import spoken


@dataclass(frozen=True, slots=True)
class PaceShown:
    """Texts; `forecast` and `probability` are empty before the first working hour."""

    pace: str
    forecast: str
    probability: str


def pace_shown(session: Session, person: Person, period: Period) -> PaceShown | None:
    """The pace of the plan that runs in a period."""
    say = spoken()
    try:
        found = paced(session, person, period, services().now_ms())
    except NoPlan:
        return None
    if found.ended:
        return None
    probability = "" if found.forecast is None else probability_text(found.forecast.probability, say)
    pace = "–" if found.pace is None else say.percent(found.pace)
    return PaceShown(pace, forecast_text(found, say), probability)
