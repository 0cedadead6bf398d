"""Plans of one's own people: previewed from workload, made, listed with what they rest on, set by hand.

In: the period, the metric and quantities given by hand. Out: pages. Never: a person's measured focus or attendance
alone. They show as usable hours, and are given together or not at all: one given would tell the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from planwhy_shared.times import from_ms

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Person, PlanFact
from planwhy_collector.gate import own_people
from planwhy_collector.jobs import planning
from planwhy_collector.jobs.planned import StoredPlan, stored_plans
from planwhy_collector.plan.given import Given, parse_given
from planwhy_collector.plan.period import Period, month_of, parse_period
from planwhy_collector.plan.proposal import Proposal
from planwhy_collector.plan.target import METRICS
from planwhy_collector.plan.workload import QUANTITIES, STEPS, Order, order_for
from planwhy_collector.queries.people import people
from planwhy_collector.report.planning import PlanRow, ProposalRow, moment_words, plan_row, proposal_row
from planwhy_collector.report.planning_words import COLUMNS, NAMES
from planwhy_collector.services import services
from planwhy_collector.web.asked import LONGEST, typed
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import role
from planwhy_collector.web.visitor import spoken, user

pages = Blueprint("planning", __name__, url_prefix="/plans")
GIVEN = "set."
"""What the name of a field begins with that gives a quantity by hand."""
LISTED_DAYS = 92
"""Plans that ended longer ago are not listed here."""
TOGETHER = ("attendance", "focus")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be planned, for whom, and what was given by hand, also as it was typed."""

    order: Order
    team: str
    given: Given
    fields: tuple[tuple[str, str], ...]

    @property
    def basics(self) -> tuple[tuple[str, str], ...]:
        """The fields of a form that asks for the same again, without what was given by hand."""
        order = self.order
        named = {"period": order.period.text, "metric": order.metric, "currency": order.currency or ""}
        return (*named.items(), ("step", self.step), ("team", self.team))

    @property
    def step(self) -> str:
        """The step where it is not the usual one of the metric."""
        return "" if self.order.step == STEPS[self.order.metric] else f"{self.order.step:.15g}"

    def typed(self, name: str) -> str:
        """What was typed for everyone."""
        return dict(self.fields).get(f"{GIVEN}{name}", "")


@pages.get("")
@role("supervisor", "admin")
def home() -> ResponseReturnValue:
    """The plans there are; where a period is asked for, a preview of plans from workload."""
    asked = _asked(request.args) if request.args.get("period") else None
    return _page(asked, _proposals(asked) if asked else (), None)


@pages.post("")
@role("supervisor", "admin")
def make() -> ResponseReturnValue:
    """Store what is proposed now, and show it."""
    asked = _asked(request.form)
    stored = planning.store_proposals(services().database, _proposals(asked), services().now_ms())
    return _page(asked, (), stored)


@pages.post("/targets")
@role("supervisor", "admin")
def set_target() -> ResponseReturnValue:
    """Set a target by hand; changing one needs a reason."""
    order = order_for(parse_period(typed("period")[:LONGEST]), typed("metric"), typed("currency"), None)
    person = next((one for one in _staff() if one.key == typed("employee")), None)
    if person is None:
        raise NotFound(f"there is no employee {typed('employee')[:80]!r} among your people")
    limit, now_ms = services().settings.coverage_limit, services().now_ms()
    target, reason = _number("target", typed("target")), typed("reason")
    planning.set_target(services().database, person, order, target, _actor(), reason, now_ms, limit)
    return redirect("/plans#plans")


def _page(asked: Asked | None, found: Sequence[Proposal], stored: Sequence[PlanFact] | None) -> str:
    now_ms, staff = services().now_ms(), _staff()
    today = from_ms(now_ms).date()
    listed = Period("", today - timedelta(days=LISTED_DAYS), today + timedelta(days=3 * LISTED_DAYS))
    with services().database.reading() as session:
        plans = [_plan_row(one) for one in stored_plans(session, staff, listed, now_ms)]
        by_person = [list(own) for _, own in groupby(plans, key=lambda row: row.key)]
    return page(
        "planning.html", asked=asked, rows=_rows(asked, found), stored=_names(staff, stored), staff=staff,
        plans=by_person,
        period=asked.order.period.text if asked else month_of(today.replace(day=1) + timedelta(days=31)).text,
        metrics=METRICS, teams=sorted({one.team for one in staff if one.team}), columns=COLUMNS, names=NAMES,
        quantities=QUANTITIES, least=planning.REASON_CHARS, cap=services().settings.client_cap,
        moment=moment_words(asked.order.period, today, spoken()) if asked else "",
    )  # fmt: skip


def _asked(values: Mapping[str, str]) -> Asked:
    """Read what the address or the form asks for. Raises InvalidInput."""
    fields = tuple((name, text) for name, text in values.items() if name.startswith(GIVEN) and text.strip())
    step, metric = values.get("step", "").strip(), values.get("metric", METRICS[0])
    period = parse_period(values.get("period", "")[:LONGEST])
    order = order_for(period, metric, values.get("currency"), _number("step", step) if step else None)
    given = parse_given(((name.removeprefix(GIVEN), text) for name, text in fields), order.metric)
    return Asked(order, values.get("team", ""), given, fields)


def _proposals(asked: Asked) -> tuple[Proposal, ...]:
    staff = [one for one in _staff() if not asked.team or one.team == asked.team]
    for one in staff:
        given = asked.given.of(one.key)
        if sum(name in given for name in TOGETHER) == 1:
            raise InvalidInput(f"{one.key}: attendance and focus are given together or not at all")
    database, settings, now_ms = services().database, services().settings, services().now_ms()
    return planning.proposals(database, staff, asked.order, asked.given, _actor(), now_ms, settings)


def _staff() -> tuple[Person, ...]:
    """The people whose plans the visitor makes, by name: one's own, of an administrator all."""
    with services().database.reading() as session:
        found = people(session) if user().role == "admin" else own_people(session, user())
    return tuple(sorted(found, key=lambda one: (one.name, one.key)))


def _rows(asked: Asked | None, found: Iterable[Proposal]) -> list[ProposalRow]:
    return [proposal_row(one, spoken(), asked.given.of(one.person.key)) for one in found] if asked else []


def _names(staff: Sequence[Person], stored: Sequence[PlanFact] | None) -> list[str] | None:
    names = {one.id: one.name for one in staff}
    return None if stored is None else [names[plan.employee_id] for plan in stored]


def _plan_row(one: StoredPlan) -> PlanRow:
    say = spoken()
    changes = [(change, say.moment(change.at_ms, one.person.zone)) for change in one.changes]
    return plan_row(one.plan, one.person.key, one.person.name, one.actual, changes, say)


def _actor() -> str:
    return f"{user().name} <{user().email}>"


def _number(name: str, text: str) -> float:
    try:
        return float(text.strip().replace("\xa0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        raise InvalidInput(f"{name}: {text[:40]!r} is not a number") from None
