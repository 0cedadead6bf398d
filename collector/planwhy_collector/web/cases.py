"""Cases of missed plans: the page that explains one with its history, and comments.

What the supervisor decides is in `web/decisions.py`.
"""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from planwhy_collector.errors import NotFound, PurposeRequired
from planwhy_collector.facts import Person
from planwhy_collector.gate import Opening, case_bounds, is_self, leads, may_know_of, may_see_detail, record_look
from planwhy_collector.jobs.adjusting import plan_of_case
from planwhy_collector.jobs.objecting import standing_sum
from planwhy_collector.jobs.overview import PlanToDate, overdue_of, plan_of
from planwhy_collector.queries import cases
from planwhy_collector.queries.case_events import CIRCUMSTANCES, adjusted_in, events_of, extended_in, recognised_in
from planwhy_collector.queries.cases import BY_PACE, CONCLUSIONS, CaseFact
from planwhy_collector.queries.grants import REASON_CHARS
from planwhy_collector.queries.people import person_by_id
from planwhy_collector.queries.users import user_names
from planwhy_collector.services import services
from planwhy_collector.web.asked import typed
from planwhy_collector.web.explained import explained
from planwhy_collector.web.history import history
from planwhy_collector.web.pacing import pace_shown
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import signed_in
from planwhy_collector.web.visitor import user

pages = Blueprint("cases", __name__, url_prefix="/cases")


@pages.get("/<int:case_id>")
@signed_in
def one(case_id: int) -> ResponseReturnValue:
    """Why a plan was missed. A supervisor's look is written down before anything is shown."""
    with services().database.writing() as session:
        case, person = known_case(session, case_id)
        opening = _opening(session, case, person)
        shown = _told(session, case, person) | _open_to_all(session, case, person)
    detail = explained(opening, person, case.period) if opening else None
    ways = {"own": is_self(user(), person), "leads": leads(user(), person), "least": REASON_CHARS}
    names = {"conclusions": CONCLUSIONS, "circumstances": CIRCUMSTANCES}
    return page("case.html", case=case, person=person, detail=detail, **shown, **ways, **names)


@pages.post("/<int:case_id>/comments")
@signed_in
def comment(case_id: int) -> ResponseReturnValue:
    """Say something on a case; the person before anyone concludes, and the supervisor."""
    with services().database.writing() as session:
        case, person = known_case(session, case_id)
        cases.add_comment(session, person.id, user().id, typed("text"), services().now_ms(), case.id)
    return redirect(url_for("pages.cases.one", case_id=case_id, _anchor="comments"))


def known_case(session: Session, case_id: int) -> tuple[CaseFact, Person]:
    """A case that the visitor may know of, and its person. Raises NotFound."""
    if not 0 < case_id < 1 << 63:
        raise NotFound("there is no such case")
    case = cases.case_by_id(session, case_id)
    person = person_by_id(session, case.employee_id)
    may_know_of(user(), person)
    return case, person


def _opening(session: Session, case: CaseFact, person: Person) -> Opening | None:
    """The right to see the detail now, with the look written down; None where the case is over."""
    now_ms, bounds = services().now_ms(), case_bounds(case, person)
    try:
        opening = may_see_detail(session, user(), person, bounds, now_ms)
    except PurposeRequired:
        return None
    record_look(session, user(), person, "case", opening, bounds, now_ms)
    return opening


def _told(session: Session, case: CaseFact, person: Person) -> dict[str, object]:
    """The history, and what it comes to: circumstances in force, changes of the plan, whether detail was extended."""
    events, bounds = events_of(session, case.id), case_bounds(case, person)
    comments = cases.comments_on(session, case, bounds.start_ms, bounds.end_ms)
    return {
        "history": history(events, comments),
        "recognised": recognised_in(events),
        "adjusted": adjusted_in(events),
        "extended": extended_in(events),
        "names": user_names(session),
    }


def _open_to_all(session: Session, case: CaseFact, person: Person) -> dict[str, object]:
    """Plan and fact, pace, overdue tasks: what a supervisor sees also when the case is over."""
    now_ms, end_ms = services().now_ms(), case_bounds(case, person).end_ms
    fact = plan_of(session, person, case.period, min(now_ms, end_ms))
    return {
        "fact": fact,
        "plan": plan_of_case(session, case),
        "pace": pace_shown(session, person, case.period),
        "reached": case.reason == BY_PACE and end_ms <= now_ms and _reached(fact),
        "overdue": overdue_of(session, person, case.period, min(now_ms, end_ms)),
        "objections": standing_sum(session, [person], case.period.first, case.period.last, now_ms),
    }


def _reached(fact: PlanToDate) -> bool:
    return fact.target is not None and fact.actual is not None and fact.actual >= fact.target
