"""Lists of the reading API: employees, teams, plans, cases, the log of looks. In: the visitor. Out: pages of JSON.

A supervisor sees the own people, an employee only the own record, an administrator all records and no detail.
"""

from typing import Any

from flask import Blueprint, Response
from planwhy_shared.times import rfc3339
from sqlalchemy.orm import Session

from planwhy_collector.errors import NotFound
from planwhy_collector.facts import Person, PlanFact
from planwhy_collector.gate import case_bounds, may_know_of, own_people
from planwhy_collector.queries import cases
from planwhy_collector.queries.case_events import events_of, recognised_in
from planwhy_collector.queries.cases import CaseFact
from planwhy_collector.queries.looks import LookFact, looks_before, verify_chain
from planwhy_collector.queries.people import people, person_by_id
from planwhy_collector.queries.plans import changes_by_plan, plan_key, plans_of
from planwhy_collector.queries.users import user_names
from planwhy_collector.report.planning_json import plan_json
from planwhy_collector.services import services
from planwhy_collector.web.api.answer import answer, listed
from planwhy_collector.web.history import Entry, history
from planwhy_collector.web.roles import role
from planwhy_collector.web.visitor import user

lists = Blueprint("lists", __name__)
MOST_LOOKS = 100_000


def visible(session: Session) -> tuple[Person, ...]:
    """The people whose records the visitor may list, by public id."""
    found = people(session) if user().role == "admin" else own_people(session, user())
    own = user().employee_id
    if own is not None and all(one.id != own for one in found):
        found = (*found, person_by_id(session, own))
    return tuple(sorted(found, key=lambda one: one.key))


def near(session: Session) -> tuple[Person, ...]:
    """The visitor's own people and the visitor: whose plans and cases may be read."""
    found = {one.id: one for one in own_people(session, user())}
    own = user().employee_id
    if own is not None:
        found[own] = person_by_id(session, own)
    return tuple(sorted(found.values(), key=lambda one: one.key))


@lists.get("/employees")
@role("employee", "supervisor", "admin")
def employees() -> Response:
    """Employees, by id."""
    with services().database.reading() as session:
        return listed(visible(session), lambda one: one.key, _employee)


@lists.get("/teams")
@role("employee", "supervisor", "admin")
def teams() -> Response:
    """Names of teams."""
    with services().database.reading() as session:
        names = sorted({one.team for one in visible(session) if one.team})
    return listed(names, lambda name: name, lambda name: {"name": name})


@lists.get("/plans")
@role("employee", "supervisor", "admin")
def plans() -> Response:
    """Plans with their assumptions and the changes of their targets, by employee and first day."""
    with services().database.reading() as session:
        staff = {one.id: one for one in near(session)}
        found = sorted(plans_of(session, staff).values(), key=lambda plan: _plan_key(staff, plan))
        changes = changes_by_plan(session, staff)
    return listed(
        found,
        lambda plan: _plan_key(staff, plan),
        lambda plan: plan_json(staff[plan.employee_id], plan, changes.get(plan_key(plan), ())),
    )


@lists.get("/cases")
@role("employee", "supervisor", "admin")
def case_list() -> Response:
    """Cases, in the order of opening."""
    with services().database.reading() as session:
        staff, names = {one.id: one for one in near(session)}, user_names(session)
        found = sorted(cases.cases_of(session, staff), key=lambda case: f"{case.id:020}")
    return listed(found, lambda case: f"{case.id:020}", lambda case: _case(case, staff[case.employee_id], names))


@lists.get("/cases/<int:case_id>")
@role("employee", "supervisor", "admin")
def one_case(case_id: int) -> Response:
    """A case with its comments, and one history of what was done and said. The explanation has its own address."""
    if not 0 < case_id < 1 << 63:
        raise NotFound("there is no such case")
    with services().database.reading() as session:
        case, names = cases.case_by_id(session, case_id), user_names(session)
        person = person_by_id(session, case.employee_id)
        may_know_of(user(), person)
        bounds = case_bounds(case, person)
        said = cases.comments_on(session, case, bounds.start_ms, bounds.end_ms)
        events = events_of(session, case_id)
    told = {
        "comments": [_comment(one, person, names) for one in said],
        "recognised": [event.what for event in recognised_in(events).values()],
        "events": [_entry(one, person, names) for one in history(events, said)],
    }
    return answer(_case(case, person, names) | told)


@lists.get("/audit")
@role("admin", "council")
def audit() -> Response:
    """The log of looks, the oldest first, with the state of its chain."""
    with services().database.reading() as session:
        staff = {one.id: one for one in people(session)}
        found = sorted(looks_before(session, None, MOST_LOOKS), key=lambda one: one.seq)
        chain = verify_chain(session)
    page = listed(found, lambda one: f"{one.seq:020}", lambda one: _look(one, staff))
    page.headers["X-Chain"] = f"{'whole' if chain.holds else f'broken at {chain.broken_at}'}; {chain.newest.hex()}"
    return page


def _employee(one: Person) -> dict[str, Any]:
    return {
        "id": one.key, "name": one.name, "team": one.team, "position": one.position, "time_zone": one.zone.key,
        "hired_on": one.hired_on, "left_on": one.left_on,
    }  # fmt: skip


def _plan_key(staff: dict[int, Person], plan: PlanFact) -> str:
    return f"{staff[plan.employee_id].key}/{plan.first}/{plan.last}/{plan.metric}"


def _case(case: CaseFact, person: Person, names: dict[int, str]) -> dict[str, Any]:
    zone = person.zone
    return {
        "id": str(case.id), "employee_id": person.key,
        "period": {"from": case.period.first, "to": case.period.last}, "name": case.period.text,
        "opened_at": rfc3339(case.opened_ms, zone), "opened_by": names.get(case.opened_by or 0, "rule"),
        "reason": case.reason, "detail_until": rfc3339(case.detail_until_ms, zone),
        "conclusion": case.conclusion, "conclusion_text": case.conclusion_text,
        "concluded_by": names.get(case.concluded_by or 0),
        "concluded_at": rfc3339(case.concluded_ms, zone) if case.concluded_ms else None,
    }  # fmt: skip


def _comment(one: cases.CommentFact, person: Person, names: dict[int, str]) -> dict[str, Any]:
    stretch = None
    if one.from_ms is not None and one.to_ms is not None:
        stretch = {"from": rfc3339(one.from_ms, person.zone), "to": rfc3339(one.to_ms, person.zone)}
    return {"by": names.get(one.user_id), "at": rfc3339(one.at_ms, person.zone), "text": one.text, "stretch": stretch}


def _entry(one: Entry, person: Person, names: dict[int, str]) -> dict[str, Any]:
    """A line of the history; `target` is that before and after an adjustment, `stretch` what a comment is about."""
    zone, stretch = person.zone, one.stretch
    return {
        "kind": one.kind, "at": rfc3339(one.at_ms, zone), "by": "rule" if one.by is None else names.get(one.by),
        "what": one.what, "text": one.text,
        "target": one.values and {"from": one.values[0], "to": one.values[1]},
        "stretch": stretch and {"from": rfc3339(stretch[0], zone), "to": rfc3339(stretch[1], zone)},
    }  # fmt: skip


def _look(one: LookFact, staff: dict[int, Person]) -> dict[str, Any]:
    look, person = one.look, staff.get(one.look.employee_id)
    return {
        "seq": one.seq, "at": rfc3339(look.at_ms), "actor": look.actor, "employee_id": person.key if person else None,
        "what": look.what, "via": look.via, "from": rfc3339(look.from_ms), "to": rfc3339(look.to_ms),
        "purpose": look.purpose, "reason": look.reason, "digest": one.digest.hex(),
    }  # fmt: skip
