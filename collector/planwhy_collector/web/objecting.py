"""A person's say on what was counted as what: the own labels of a period, the form, one's objections, taking back.

In: the signed-in person. Out: pages, and objections written down. Never: anybody else's labels.
"""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from planwhy_shared.times import HOUR_MS
from sqlalchemy.orm import Session

from planwhy_collector.classify.subject import Subject, subject_from
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Person
from planwhy_collector.jobs.judging import personal_categories, rules_in_force
from planwhy_collector.jobs.objecting import SEEN_DAYS, counted_as, counted_lately, object_to, standing
from planwhy_collector.plan.period import Period
from planwhy_collector.queries import objections
from planwhy_collector.queries.objections import TEXT_LEAST, TEXT_MOST
from planwhy_collector.queries.users import user_names
from planwhy_collector.rollup.contested import Counted
from planwhy_collector.services import services
from planwhy_collector.web.asked import asked_period, neighbours, own_person, typed
from planwhy_collector.web.pages import page, today
from planwhy_collector.web.roles import signed_in
from planwhy_collector.web.visitor import spoken, user

pages = Blueprint("objecting", __name__, url_prefix="/me")
FIRST_LABELS = 20
"""Rows of the own page; all of them stand on a page of their own."""
TOLD_MS = 14 * 24 * HOUR_MS
"""How long an answer is told at the top of the own page."""
MINE = "/me#objections"


@pages.get("/labels")
@signed_in
def labels() -> ResponseReturnValue:
    """All hosts and programs of a period by time, with what each counted for."""
    with services().database.reading() as session:
        person = own_person(session)
        period = asked_period("period", today(person.zone))
        shown = labels_shown(session, person, period, None)
    before, after = neighbours(period)
    return page("labels.html", person=person, period=period, before=before, after=after, **shown)


@pages.get("/objections/new")
@signed_in
def form() -> ResponseReturnValue:
    """The form of an objection: what it is about, what that counted for lately, and who will read it."""
    subject = subject_from(request.args.get("kind", ""), request.args.get("subject", ""))
    with services().database.reading() as session:
        person = own_person(session)
        rows = _lately(session, person, subject)
        names, personal = category_names(session), personal_categories(session)
        taken = any(one.said.subject == subject for one in objections.open_at(session, [person.id]))
    limits = {"least": TEXT_LEAST, "most": TEXT_MOST, "days": SEEN_DAYS}
    about = {"subject": subject, "rows": rows, "categories": names, "taken": taken, "meaning": _meaning(rows)}
    return page("objection.html", personal=any(row.category in personal for row in rows), **about, **limits)


@pages.post("/objections")
@signed_in
def add() -> ResponseReturnValue:
    """Write an objection down; only to what occurs in one's own time."""
    subject = subject_from(typed("kind"), typed("subject"))
    now = services()
    with now.database.reading() as session:
        person = own_person(session)
    object_to(now.database, person, user().id, subject, typed("text"), now.now_ms(), typed("meaning")[:200])
    return redirect(MINE)


@pages.post("/objections/<int:objection_id>/withdrawal")
@signed_in
def withdraw(objection_id: int) -> ResponseReturnValue:
    """Take an own objection back while it is open."""
    with services().database.writing() as session:
        person = own_person(session)
        objections.withdraw(session, objection_id, person.id, user().id, services().now_ms())
    return redirect(MINE)


def labels_shown(
    session: Session, person: Person, period: Period, most: int | None = FIRST_LABELS
) -> dict[str, object]:
    """What was counted as what in working hours of a period, with the own objections beside it, and all of those."""
    now_ms = services().now_ms()
    rows = [one for one in counted_as(session, person, period.first, period.last, now_ms) if one.working_ms]
    own = objections.objections_of(session, person.id)
    return {
        "labels": rows[:most],
        "labels_count": len(rows),
        "categories": category_names(session),
        "objections": own,
        "answered": [one for one in own if one.answered_since(now_ms - TOLD_MS)],
        "objected": {one.said.subject for one in own if one.state == "open"},
        "contested": standing(session, person, period.first, period.last, now_ms),
        "names": user_names(session),
    }


def category_names(session: Session) -> dict[str, str]:
    """The name of each category in the reader's language."""
    russian = spoken().locale == "ru"
    return {c.id: c.name_ru if russian else c.name_en for c in rules_in_force(session).categories.values()}


def _lately(session: Session, person: Person, subject: Subject) -> list[Counted]:
    rows = counted_lately(session, person, SEEN_DAYS, services().now_ms())
    if not (own := [row for row in rows if row.subject == subject]):
        raise InvalidInput(f"subject {subject.name[:100]!r}: nothing of it in your last {SEEN_DAYS} days")
    return own


def _meaning(rows: list[Counted]) -> str:
    """Which of several meanings the address asks for; the one with the most time where it names none of them."""
    asked = request.args.get("meaning", "")
    return asked if any(row.key == asked for row in rows) else rows[0].key
