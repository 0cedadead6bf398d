"""What a supervisor decides in a case: circumstances, the plan, the conclusion, and opening it again.

In: forms. Out: the case page, or why not. Only the person's supervisor, never the person, and never the program.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from planwhy_collector.errors import NotFound
from planwhy_collector.gate import is_self, leads
from planwhy_collector.jobs.adjusting import adjust
from planwhy_collector.queries import cases, decisions
from planwhy_collector.queries.case_events import CIRCUMSTANCES
from planwhy_collector.queries.cases import CaseFact
from planwhy_collector.services import services
from planwhy_collector.web.asked import typed, typed_number
from planwhy_collector.web.cases import known_case
from planwhy_collector.web.roles import role
from planwhy_collector.web.visitor import user

pages = Blueprint("decisions", __name__, url_prefix="/cases/<int:case_id>")


@pages.post("/conclusion")
@role("supervisor", "admin")
def conclude(case_id: int) -> ResponseReturnValue:
    """End a case, with the circumstances written beside it; that is a person's decision, and it closes the detail."""
    with _deciding(case_id) as (session, case):
        if given := _circumstances():
            decisions.recognise(session, case.id, given, user().id, services().now_ms())
        cases.conclude(session, case.id, typed("conclusion"), typed("text"), user().id, services().now_ms())
    return _back(case_id)


@pages.post("/circumstances")
@role("supervisor", "admin")
def recognise(case_id: int) -> ResponseReturnValue:
    """Recognise circumstances before the conclusion, each with a sentence."""
    with _deciding(case_id) as (session, case):
        decisions.recognise(session, case.id, _circumstances(), user().id, services().now_ms())
    return _back(case_id, "decide")


@pages.post("/withdrawal")
@role("supervisor", "admin")
def withdraw(case_id: int) -> ResponseReturnValue:
    """Take back one circumstance; it stays in the history."""
    with _deciding(case_id) as (session, case):
        decisions.withdraw(session, case.id, typed("circumstance"), user().id, services().now_ms())
    return _back(case_id, "decide")


@pages.post("/target")
@role("supervisor", "admin")
def adjust_plan(case_id: int) -> ResponseReturnValue:
    """Change the target of the case's plan, with a reason; the assumptions stay as they were."""
    based_on, target = typed_number("based_on"), typed_number("target")
    with _deciding(case_id) as (session, case):
        adjust(session, case, based_on, target, typed("reason"), user(), services().now_ms())
    return _back(case_id)


@pages.post("/reopening")
@role("supervisor", "admin")
def reopen(case_id: int) -> ResponseReturnValue:
    """Open a concluded case again with a reason; the detail opens with it."""
    with _deciding(case_id) as (session, case):
        days = services().settings.detail_days
        decisions.reopen(session, case.id, typed("reason"), user().id, services().now_ms(), days)
    return _back(case_id)


@pages.post("/extension")
@role("supervisor", "admin")
def extend(case_id: int) -> ResponseReturnValue:
    """Keep the detail of an open case open once more, with a reason."""
    with _deciding(case_id) as (session, case):
        days = services().settings.detail_days
        decisions.extend(session, case.id, typed("reason"), user().id, services().now_ms(), days)
    return _back(case_id)


@contextmanager
def _deciding(case_id: int) -> Iterator[tuple[Session, CaseFact]]:
    """A transaction on a case that the visitor decides on. Raises NotFound for everyone else, the person included."""
    with services().database.writing() as session:
        case, person = known_case(session, case_id)
        if is_self(user(), person) or not leads(user(), person):
            raise NotFound("there is no such case")
        yield session, case


def _circumstances() -> dict[str, str]:
    """The circumstances beside which something was written."""
    fields = {name: typed(f"circumstance_{name}") for name in CIRCUMSTANCES}
    return {name: text for name, text in fields.items() if text.strip()}


def _back(case_id: int, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("pages.cases.one", case_id=case_id, _anchor=anchor))
