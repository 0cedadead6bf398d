"""One of the own people: what is open without a case, and the ways to open more; the timeline behind the gate."""

from datetime import date

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from planwhy_shared.times import day_bounds, days_bounds

from planwhy_collector.classify.subject import Subject, subject_of
from planwhy_collector.errors import InvalidInput, NotFound, PurposeRequired
from planwhy_collector.facts import Context, Person
from planwhy_collector.gate import ask_grant, is_self, leads
from planwhy_collector.jobs.objecting import standing_sum
from planwhy_collector.jobs.timeline import Entry, timeline
from planwhy_collector.plan.period import parse_period
from planwhy_collector.queries import cases
from planwhy_collector.queries.grants import GRANT_HOURS, PURPOSES, REASON_CHARS, grants_open
from planwhy_collector.rollup.contested import JUDGED
from planwhy_collector.services import services
from planwhy_collector.web.asked import asked_day, asked_period, known_person, neighbours, typed
from planwhy_collector.web.pacing import pace_shown
from planwhy_collector.web.pages import page, today
from planwhy_collector.web.pay import pay_open, pay_page, person_with_pay
from planwhy_collector.web.roles import role, signed_in
from planwhy_collector.web.team import team_rows
from planwhy_collector.web.visitor import user

pages = Blueprint("people", __name__, url_prefix="/people/<key>")


@pages.get("/")
@role("supervisor", "admin")
def one(key: str) -> ResponseReturnValue:
    """Plan and fact, forecast, overdue tasks and coverage of one of the own people; cases and grants."""
    with services().database.reading() as session:
        person = known_person(session, key)
        grants = grants_open(session, user().id, person.id, services().now_ms())
        opened = cases.cases_of(session, [person.id])
        period = asked_period("period", today(person.zone))
        shows_pay, pace = pay_open(session, person, period), pace_shown(session, person, period)
        objections = standing_sum(session, [person], period.first, period.last, services().now_ms())
    (row,) = team_rows([person], period)
    before, after = neighbours(period)
    shown = {"person": person, "row": row, "period": period, "grants": grants, "cases": opened, "least": REASON_CHARS}
    return page(
        "person.html", before=before, after=after, pace=pace, shows_pay=shows_pay, objections=objections, **shown
    )


@pages.get("/pay")
@role("supervisor", "admin")
def pay(key: str) -> ResponseReturnValue:
    """What a month brings one of the own people, where the setting lets supervisors see it."""
    with services().database.reading() as session:
        return pay_page(session, person_with_pay(session, key))


@pages.post("/cases")
@role("supervisor", "admin")
def open_by_hand(key: str) -> ResponseReturnValue:
    """Open a case with a typed reason."""
    period, reason, now_ms = parse_period(typed("period")[:40]), typed("reason"), services().now_ms()
    if len(" ".join(reason.split())) < REASON_CHARS:
        raise InvalidInput(f"reason: at least {REASON_CHARS} characters are needed")
    with services().database.writing() as session:
        person = _led(known_person(session, key))
        if period.first > today(person.zone):
            raise InvalidInput(f"period {period.text}: it has not begun yet")
        days = services().settings.detail_days
        case, _ = cases.open_case(session, person.id, period, reason, user().id, now_ms, days)
    return redirect(url_for("pages.cases.one", case_id=case.id))


@pages.get("/grant")
@role("supervisor", "admin")
def grant_form(key: str) -> ResponseReturnValue:
    """The form that asks for detail: purpose, reason, range."""
    with services().database.reading() as session:
        person = _led(known_person(session, key))
    first = asked_day(request.args.get("from") or today(person.zone).isoformat())
    last = asked_day(request.args.get("to") or first.isoformat())
    limits = {"least": REASON_CHARS, "hours": GRANT_HOURS}
    return page("grant.html", person=person, first=first, last=last, purposes=PURPOSES, **limits)


@pages.post("/grant")
@role("supervisor", "admin")
def ask(key: str) -> ResponseReturnValue:
    """Open detail for at most four hours."""
    first, last = asked_day(typed("from")), asked_day(typed("to"))
    with services().database.writing() as session:
        person = _led(known_person(session, key))
        bounds = days_bounds(first, last, person.zone)
        ask_grant(session, user(), person, typed("purpose"), typed("reason"), bounds, services().now_ms())
    return redirect(url_for("pages.people.day", key=key, text=first.isoformat()))


@pages.get("/days/<text>")
@signed_in
def day(key: str, text: str) -> ResponseReturnValue:
    """A day with programs, addresses and titles; each look is written down before anything is shown."""
    chosen = asked_day(text)
    try:
        with services().database.writing() as session:
            person = known_person(session, key)
            bounds = day_bounds(chosen, person.zone)
            found = timeline(session, user(), person, bounds, services().now_ms())
    except PurposeRequired:
        return redirect(f"{url_for('pages.people.grant_form', key=key)}?from={chosen}&to={chosen}")
    own, subjects = is_self(user(), person), [_subject(one) for one in found.entries]
    return page("day.html", person=person, day=chosen, found=found, own=own, subjects=subjects, **_around(chosen))


def _subject(one: Entry) -> Subject | None:
    """What an entry that counts for something is about."""
    return subject_of(Context(one.app, one.host)) if one.presence in JUDGED else None


def _led(person: Person) -> Person:
    if not leads(user(), person):
        raise NotFound(f"there is no employee {person.key!r} among your people")
    return person


def _around(day: date) -> dict[str, date]:
    return {"before": date.fromordinal(day.toordinal() - 1), "after": date.fromordinal(day.toordinal() + 1)}
