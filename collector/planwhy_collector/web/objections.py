"""Objections that wait for an answer, for who answers them: a supervisor's own people, for administrators everyone.

A supervisor may decline with an answer; to accept one means that a rule changes, which an administrator does. What is
named here is disclosed by the person to exactly these readers (`gate.may_answer`), so that reading it is no look at
detail. Never: an objection of one's own, or the person's other time.
"""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Person
from planwhy_collector.gate import may_answer, own_people
from planwhy_collector.jobs.objecting import SHOWN_DAYS, beside_each
from planwhy_collector.queries import objections
from planwhy_collector.queries.objections import TEXT_LEAST, TEXT_MOST
from planwhy_collector.queries.people import people, person_by_id
from planwhy_collector.queries.users import user_names
from planwhy_collector.services import services
from planwhy_collector.web.asked import typed
from planwhy_collector.web.objecting import category_names
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import role
from planwhy_collector.web.visitor import user

pages = Blueprint("objections", __name__, url_prefix="/objections")
PAGE = 50


@pages.get("")
@role("supervisor", "admin")
def overview() -> ResponseReturnValue:
    """Open objections, or those decided, the longest waiting first; decided ones the other way round."""
    state, start = request.args.get("state", "open")[:20], _start()
    with services().database.reading() as session:
        everyone = answered_by_visitor(session)
        found = objections.objections_among(session, set(everyone), state)
        ordered = found if state == "open" else found[::-1]
        rows = beside_each(session, ordered[start : start + PAGE], everyone, services().now_ms())
        told = {"names": user_names(session), "categories": category_names(session)}
    more = start + PAGE if start + PAGE < len(found) else None
    limits = {"least": TEXT_LEAST, "most": TEXT_MOST, "days": SHOWN_DAYS}
    return page("objections_list.html", rows=rows, state=state, more=more, **told, **limits)


@pages.post("/<int:objection_id>/decline")
@role("supervisor", "admin")
def decline(objection_id: int) -> ResponseReturnValue:
    """Leave what it counts for as it is, with an answer to the person."""
    with services().database.writing() as session:
        found = objections.objection_by_id(session, objection_id)
        may_answer(user(), person_by_id(session, found.said.employee_id))
        objections.decide(session, objection_id, False, typed("answer"), user().id, services().now_ms())
    return redirect(url_for("pages.objections.overview"))


def answered_by_visitor(session: Session) -> dict[int, Person]:
    """The people whose objections the visitor answers, by database key."""
    found = people(session) if user().role == "admin" else own_people(session, user())
    return {one.id: one for one in found if _answers(one)}


def _answers(person: Person) -> bool:
    try:
        may_answer(user(), person)
    except NotFound:
        return False
    return True


def _start() -> int:
    text = request.args.get("from", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise InvalidInput(f"from {text[:20]!r}: expected a number")
    return int(text)
