"""Objections to what a host or program counts for, for scripts. In: `state`. Out: pages of JSON, by time.

A person sees the own ones, a supervisor those of the own people, an administrator all; it is no look at detail, because
the person has disclosed them to exactly these (`gate.may_answer`).
"""

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from planwhy_collector.facts import Person
from planwhy_collector.jobs.objecting import objection_json
from planwhy_collector.queries.objections import ObjectionFact, objections_among
from planwhy_collector.queries.people import person_by_id
from planwhy_collector.queries.users import user_names
from planwhy_collector.services import services
from planwhy_collector.web.api.answer import listed
from planwhy_collector.web.objections import answered_by_visitor
from planwhy_collector.web.roles import role
from planwhy_collector.web.visitor import user

objected = Blueprint("objected", __name__)


@objected.get("/objections")
@role("employee", "supervisor", "admin")
def objection_list() -> Response:
    """Objections with their state and answer, the oldest first; `state` is open, decided or all (the default)."""
    with services().database.reading() as session:
        staff, names = _readable(session), user_names(session)
        found = objections_among(session, set(staff), request.args.get("state", "all"))
    return listed(found, _key, lambda one: objection_json(one, staff[one.said.employee_id], names))


def _readable(session: Session) -> dict[int, Person]:
    found, own = answered_by_visitor(session), user().employee_id
    return found if own is None else found | {own: person_by_id(session, own)}


def _key(one: ObjectionFact) -> str:
    return f"{one.said.at_ms:015}/{one.id:020}"
