"""Plans from workload: service first, the rest is sales time; never a target of zero, never a guess."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import AbsenceFact, Person
from planwhy_collector.plan.period import parse_period
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.plan.workload import Draft, Load, load_of, order_for, planned
from planwhy_shared.hours import DEFAULT, parse_hours
from workloads import MONTH, draft, order

SOMEONE = Person(1, "e1", "Test Person", None, "", ZoneInfo("Europe/Moscow"), parse_hours(DEFAULT), "")
shares, clients = st.floats(0.05, 1), st.floats(0, 40)


def worth(found: Draft) -> float:
    return found.basis.worth if found.basis else 0.0


def test_service_takes_its_hours_first_and_the_rest_makes_contracts() -> None:
    """176 x 0.9 x 0.8 = 126.72; 20 x 0.01 x 176 = 35.2; 91.52 x 1.5 x (0.9 x 0.2 + 0.1 x 0.1) = 26.08."""
    found = draft()
    assert found.basis is not None
    assert (found.basis.usable_hours, found.basis.service_hours) == (pytest.approx(126.72), pytest.approx(35.2))
    assert (found.basis.worth, found.target, found.refusal) == (pytest.approx(26.0832), 26.0, None)


def test_revenue_is_worth_the_value_of_contracts_to_a_thousand() -> None:
    assert draft(plan=order("revenue", "rub")).target == 26_000.0
    assert draft(plan=order("revenue", "RUB", step=10)).target == 26_080.0


def test_known_absence_comes_out_of_sales_hours_and_leaves_the_clients_theirs() -> None:
    found = draft(replace(MONTH, absent_hours=88.0))
    assert found.basis is not None
    assert (found.basis.usable_hours, found.basis.service_hours) == (pytest.approx(63.36), pytest.approx(35.2))
    assert found.values["attendance"] == pytest.approx(0.45)


def test_hours_per_client_grow_with_the_period() -> None:
    month, week = draft(), draft(Load(40.0, 0.0, 20.0))
    assert month.values["hours_per_client"] == pytest.approx(1.76)
    assert week.values["hours_per_client"] == pytest.approx(0.4)
    assert worth(week) / worth(month) == pytest.approx(40 / 176)


def test_what_was_given_replaces_history_and_says_so() -> None:
    found = draft(given={"attendance": 1.0, "clients": 10.0})
    assert found.basis is not None and found.basis.sales_hours == pytest.approx(176 * 0.8 - 17.6)
    assert (found.sources["clients"], found.sources["focus"]) == ("given", "own")


@pytest.mark.parametrize(
    ("found", "refusal"),
    [
        (draft(replace(MONTH, clients=90.0)), "service"),
        (draft(contact_rate=0.0), "nothing"),
        (draft(Load(0.0, 0.0, 0.0)), "no_hours"),
        (draft(Load(0.0, 0.0, 0.0, "none")), "not_there"),
        (draft(replace(MONTH, absent_hours=176.0)), "absent"),
        (draft(focus=None), "missing"),
        (draft(plan=order(step=100)), "step"),
    ],
)
def test_where_there_can_be_no_plan_the_reason_is_told(found: Draft, refusal: str) -> None:
    assert (found.refusal, found.target) == (refusal, None)


def test_a_new_team_is_told_what_is_missing_and_may_give_it() -> None:
    nothing: dict[str, float | None] = dict.fromkeys(
        ("presence", "focus", "hours_per_client", "contact_rate", "late_share", "conversion_on_time",
         "conversion_late", "sales_share"))  # fmt: skip
    found = draft(**nothing)
    assert found.missing == ("attendance", "focus", "hours_per_client", "contact_rate", "conversion_on_time")
    hand = {"attendance": 0.9, "focus": 0.8, "hours_per_client": 1.76, "contact_rate": 1.5, "conversion_on_time": 0.19}
    assert draft(given=hand, **nothing).target == draft().target


def test_clients_of_whom_nobody_ever_told_are_not_taken_for_none() -> None:
    untold = draft(replace(MONTH, clients=0.0), hours_per_client=None)
    assert untold.missing == ("clients", "hours_per_client")
    told = draft(replace(MONTH, clients=0.0))
    assert told.basis is not None and told.basis.service_hours == 0 and "no_clients" in told.notes


def test_many_clients_and_too_many_are_noted() -> None:
    counts = (19.0, 20.0, 25.0, 25.5)
    notes = [draft(replace(MONTH, clients=count)).notes for count in counts]
    assert notes == [(), ("many_clients",), ("many_clients",), ("above_cap",)]


def test_a_plan_keeps_all_it_was_made_from() -> None:
    plan = planned(draft(), order(), 7, "lead")
    a = plan.assumptions
    assert (plan.filled, plan.made_by, plan.target) == (True, "lead", 26.0)
    assert plan.workload is not None and plan.workload.clients * plan.workload.hours_per_client == pytest.approx(35.2)
    assert a.sales_share == pytest.approx(91.52 / 126.72) and a.deal_value is None
    assert plan.sources["hours_per_client"] == "own" and "deal_value" not in plan.sources


def test_a_period_of_someone_hired_within_it_holds_only_the_days_since() -> None:
    person, period = replace(SOMEONE, hired_on=date(2026, 10, 26)), parse_period("2026-10")
    load = load_of(WorkCalendar(person), period, (), ())
    assert load == Load(40.0, 0.0, 0.0, "part")
    left = load_of(WorkCalendar(replace(SOMEONE, left_on=date(2026, 9, 30))), period, (), ())
    assert left == Load(0.0, 0.0, 0.0, "none")


def test_only_approved_absence_counts() -> None:
    away = [AbsenceFact(date(2026, 10, 5), date(2026, 10, 6), "vacation", approved) for approved in (True, False)]
    loads = [load_of(WorkCalendar(SOMEONE), parse_period("2026-W41"), [one], ()) for one in away]
    assert [load.absent_hours for load in loads] == [16.0, 0.0]


@pytest.mark.parametrize(
    ("metric", "currency", "step", "said"),
    [("joy", None, None, "metric"), ("revenue", None, None, "currency"), ("revenue", "rubles", None, "currency"),
     ("contracts", None, 0.0, "step"), ("contracts", None, float("nan"), "step"), ("contracts", None, 1e10, "step")],
)  # fmt: skip
def test_odd_orders_are_refused_by_name(metric: str, currency: str | None, step: float | None, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        order_for(parse_period("2026-10"), metric, currency, step)


@given(st.floats(1, 500), st.floats(1, 500), clients, shares, shares)
def test_more_hours_never_make_a_smaller_target(
    one: float, other: float, count: float, presence: float, focus: float
) -> None:
    less, more = sorted((one, other))
    made = [draft(Load(hours, 0.0, count), presence=presence, focus=focus) for hours in (less, more)]
    assert worth(made[0]) <= worth(made[1]) * (1 + 1e-9)


@given(clients, clients, shares)
def test_more_clients_never_make_a_larger_target(one: float, other: float, focus: float) -> None:
    less, more = sorted((one, other))
    made = [draft(replace(MONTH, clients=count), focus=focus) for count in (less, more)]
    assert worth(made[0]) >= worth(made[1])


@given(st.floats(0, 176), clients, shares, shares, st.floats(0.1, 50))
def test_a_target_is_a_multiple_of_the_step_near_its_worth_and_above_zero(
    absent: float, count: float, presence: float, focus: float, step: float
) -> None:
    found = draft(Load(176.0, absent, count), plan=order(step=step), presence=presence, focus=focus)
    assert (found.target is None) == (found.refusal is not None)
    if found.target is not None:
        assert found.target > 0 and abs(found.target - worth(found)) <= step / 2 * (1 + 1e-9)
        assert found.target / step == pytest.approx(round(found.target / step))


@given(clients, shares, shares, st.floats(0, 1))
def test_the_stored_assumptions_give_the_worth_again(count: float, presence: float, focus: float, late: float) -> None:
    found = draft(replace(MONTH, clients=count), presence=presence, focus=focus, late_share=late)
    if found.refusal is None:
        a = planned(found, order(), 1, "x").assumptions
        hours = (a.expected_hours or 0) * (a.attendance or 0) * (a.focus or 0) * (a.sales_share or 0)
        conversion = (1 - late) * (a.conversion_on_time or 0) + late * (a.conversion_late or 0)
        assert hours * (a.contact_rate or 0) * conversion == pytest.approx(worth(found))
