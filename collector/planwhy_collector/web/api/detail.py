"""What the reading API tells of one person: the pace; through the gate explanation, overdue tasks and timeline.

Each look at someone else is written down before anything is answered.
"""

from datetime import datetime, time
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from planwhy_shared.times import Interval, days_bounds, to_ms

from planwhy_collector.errors import InvalidInput, PurposeRequired
from planwhy_collector.explain.result import Explanation
from planwhy_collector.facts import Person
from planwhy_collector.gate import may_see_detail, record_look
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.jobs.measurements import measured
from planwhy_collector.jobs.overview import overdue_of
from planwhy_collector.jobs.pacing import paced
from planwhy_collector.jobs.timeline import Entry, timeline
from planwhy_collector.plan.moment import instant_of
from planwhy_collector.plan.period import Period, parse_period
from planwhy_collector.queries.grants import RANGE_DAYS
from planwhy_collector.services import services
from planwhy_collector.web.api.answer import answer, asked, listed
from planwhy_collector.web.asked import known_person
from planwhy_collector.web.reports import own_report
from planwhy_collector.web.roles import role
from planwhy_collector.web.visitor import spoken, user

detail = Blueprint("detail", __name__)
_DAY_MS = 24 * 3_600_000


@detail.get("/employees/<key>/explanation")
@role("employee", "supervisor", "admin")
def explanation(key: str) -> Response:
    """The explanation of a period in the contract's shape."""
    period = parse_period(asked("period"))
    return answer(_explained(key, period, "explanation"))


@detail.get("/employees/<key>/quantities")
@role("employee", "supervisor", "admin")
def quantities(key: str) -> Response:
    """The measured quantities of a period with the rows behind them; through the gate like the explanation."""
    period = parse_period(asked("period"))
    currency = request.args.get("currency", "")[:3].upper() or None
    _opened(key, period, "explanation")
    now = services()
    return answer(measured(now.database, key, period, now.now_ms(), now.settings, currency, disclosed=True))


@detail.get("/employees/<key>/overdue")
@role("employee", "supervisor", "admin")
def overdue(key: str) -> Response:
    """Overdue tasks of a period; verdicts and times only behind the gate, null without it."""
    period = parse_period(asked("period"))
    try:
        found = _explained(key, period, "overdue")
    except PurposeRequired:
        return listed(_bare(key, period), _by_task, lambda one: one)
    tasks = sorted((msgspec.to_builtins(one) for one in found.overdue), key=_by_task)
    page = listed(tasks, _by_task, lambda one: one)
    return answer(msgspec.json.decode(page.get_data()) | {"objections": found.objections})


@detail.get("/employees/<key>/pace")
@role("employee", "supervisor", "admin")
def pace(key: str) -> Response:
    """Where the plan of a period stands and may end, with an interval. CRM and calendar only, so that it is open."""
    period = parse_period(asked("period"))
    with services().database.reading() as session:
        return answer(paced(session, known_person(session, key), period, services().now_ms()))


@detail.get("/employees/<key>/timeline")
@role("employee", "supervisor", "admin")
def times(key: str) -> Response:
    """What was recorded between two instants or days, judged; 403 `purpose_required` without a case or grant."""
    first, last = asked("from"), asked("to")
    with services().database.writing() as session:
        person = known_person(session, key)
        found = timeline(session, user(), person, _bounds(first, last, person), services().now_ms())
    page = listed(found.entries, _by_start, lambda one: one)
    document = msgspec.json.decode(page.get_data()) | {"employee_id": key, "gaps": found.gaps}
    document |= {"open": found.open, "calls": found.calls, "objections": found.objections}
    return answer(document)


@detail.get("/reports/weekly")
@role("supervisor", "admin")
def weekly() -> Response:
    """The weekly report of the own people."""
    return answer(own_report()[0])


def _opened(key: str, period: Period, what: str) -> None:
    """Pass the gate for all of a period, with the look written down."""
    now_ms = services().now_ms()
    with services().database.writing() as session:
        person = known_person(session, key)
        bounds = days_bounds(period.first, period.last, person.zone)
        opening = may_see_detail(session, user(), person, bounds, now_ms)
        record_look(session, user(), person, what, opening, bounds, now_ms)


def _explained(key: str, period: Period, what: str) -> Explanation:
    now = services()
    _opened(key, period, what)
    locale = request.args.get("lang") or spoken().locale
    chosen = locale if locale in ("ru", "en") else None
    return explain(now.database, key, period, now.now_ms(), now.settings, chosen, disclosed=True)


def _bare(key: str, period: Period) -> list[dict[str, Any]]:
    with services().database.reading() as session:
        person = known_person(session, key)
        until_ms = min(services().now_ms(), days_bounds(period.first, period.last, person.zone).end_ms)
        found = overdue_of(session, person, period, until_ms)
    hidden = {"verdict": None, "window": None, "time": None}
    return sorted((msgspec.to_builtins(one) | hidden for one in found), key=_by_task)


def _by_task(one: dict[str, Any]) -> str:
    return str(one["task_id"])


def _by_start(one: Entry) -> str:
    return f"{to_ms(datetime.fromisoformat(one.start)):015}"


def _bounds(first: str, last: str, person: Person) -> Interval:
    bounds = Interval(_instant(first, person, time.min), _instant(last, person, time.max))
    if not bounds.ms:
        raise InvalidInput(f"from {first!r}, to {last!r}: ends before it begins")
    if bounds.ms > (RANGE_DAYS + 1) * _DAY_MS:
        raise InvalidInput(f"from {first!r}, to {last!r}: longer than {RANGE_DAYS} days")
    return bounds


def _instant(text: str, person: Person, clock: time) -> int:
    """A day is its first moment as `from` and its last as `to`. The plus of an offset arrives as a space."""
    return instant_of(text.replace(" ", "+"), person.zone, clock)
