"""A person's own page: what was recorded, the own explanation, who looked and why, and one's own word on it."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from planwhy_shared.times import HOUR_MS, days_bounds
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Person
from planwhy_collector.gate import may_see_detail
from planwhy_collector.ingest.policy import policy_answer
from planwhy_collector.jobs.overview import plan_of, split_of
from planwhy_collector.plan.measured import TimeSplit
from planwhy_collector.plan.moment import instant_of
from planwhy_collector.plan.period import Period
from planwhy_collector.queries import cases
from planwhy_collector.queries.devices import devices
from planwhy_collector.queries.looks import looks_at
from planwhy_collector.report.words import KINDS
from planwhy_collector.services import services
from planwhy_collector.web.asked import asked_moment, asked_period, neighbours, own_person, typed
from planwhy_collector.web.explained import explained
from planwhy_collector.web.next_steps import own_steps
from planwhy_collector.web.objecting import labels_shown
from planwhy_collector.web.pacing import pace_shown
from planwhy_collector.web.pages import page, today
from planwhy_collector.web.pay import pay_card, pay_page
from planwhy_collector.web.roles import signed_in
from planwhy_collector.web.visitor import user

pages = Blueprint("own", __name__, url_prefix="/me")


@pages.get("")
@signed_in
def me() -> ResponseReturnValue:
    """Today and this month, cases, looks, comments, machines, and the notice."""
    with services().database.reading() as session:
        person = own_person(session)
        shown = _written(session, person)
    now_ms, day, settings = services().now_ms(), today(person.zone), services().settings
    period = asked_period("period", day)
    before, after = neighbours(period)
    spent = {"today": _hours(_split(person, Period("", day, day))), "month": _hours(_split(person, period))}
    with services().database.reading() as session:
        until_ms = min(now_ms, days_bounds(period.first, period.last, person.zone).end_ms)
        shown["fact"] = plan_of(session, person, period, until_ms)
        shown["notice"] = policy_answer(session, settings, person, now_ms).notice
        shown |= pay_card(session, person, period) | labels_shown(session, person, period)
        shown["pace"] = pace_shown(session, person, period)
    shown |= own_steps(person)
    shown |= {"before": before, "after": after}
    shown["stretch"] = asked_moment("from"), asked_moment("to")
    return page("me.html", person=person, day=day, period=period, spent=spent, coverage=_split(person, period), **shown)


@pages.get("/explanation")
@signed_in
def explanation() -> ResponseReturnValue:
    """The own explanation of a period, the same as a supervisor would see in a case."""
    with services().database.reading() as session:
        person = own_person(session)
        period = asked_period("period", today(person.zone))
        bounds = days_bounds(period.first, period.last, person.zone)
        opening = may_see_detail(session, user(), person, bounds, services().now_ms())
    if bounds.start_ms >= services().now_ms():
        raise InvalidInput(f"period {period.text}: it has not begun yet")
    before, after = neighbours(period)
    detail = explained(opening, person, period)
    return page("explanation.html", person=person, period=period, detail=detail, before=before, after=after)


@pages.get("/pay")
@signed_in
def pay() -> ResponseReturnValue:
    """What a month brings, and what it would bring if."""
    with services().database.reading() as session:
        return pay_page(session, own_person(session))


@pages.post("/comments")
@signed_in
def comment() -> ResponseReturnValue:
    """Say something about a stretch of one's own time."""
    with services().database.writing() as session:
        person = own_person(session)
        stretch = instant_of(typed("from"), person.zone), instant_of(typed("to"), person.zone)
        cases.add_comment(session, person.id, user().id, typed("text"), services().now_ms(), stretch=stretch)
    return redirect("/me#comments")


def _written(session: Session, person: Person) -> dict[str, object]:
    return {
        "looks": looks_at(session, person.id),
        "cases": cases.cases_of(session, [person.id]),
        "comments": cases.comments_by(session, person.id),
        "devices": devices(session, person.id),
    }


def _split(person: Person, period: Period) -> TimeSplit:
    return split_of(services().database, person, period, services().now_ms())


def _hours(split: TimeSplit) -> list[tuple[str, float]]:
    """Hours by kind in the order of legends, without those that are zero."""
    return [(kind, getattr(split, kind) / HOUR_MS) for kind in KINDS if getattr(split, kind)]
