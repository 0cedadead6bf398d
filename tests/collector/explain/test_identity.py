"""The identity on both sides, and its division: exact on whatever can be measured and assumed."""

from dataclasses import replace
from math import isclose, isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from measured_people import assumptions, hours, measured
from planwhy_collector.explain.identity import CONTACT_FACTORS, FACTORS, Sides, figures, moved, two_sides
from planwhy_collector.explain.interval import contributions
from planwhy_collector.facts import Assumptions
from planwhy_collector.plan.measured import Measured, SalesCounts

metrics = st.sampled_from(["contracts", "revenue"])
targets = st.one_of(st.just(0.0), st.floats(0.5, 1e6))
TIME = hours(sales=40, service=10, general=10, non_work=10, idle=10)
SALES = SalesCounts(30, 10, 5, 1, (100.0,) * 6)
unhurried = settings(deadline=None, max_examples=60)
GIVEN = Assumptions(80, 0.9, 0.9, 0.8, 1.0, 0.1, 0.2, 0.1, 90.0)


MOVES = {
    "follow_up": ("late_share",),
    "conversion": ("conversion_on_time", "conversion_late"),
    "plan_stretch": ("plan_stretch", "added"),
}
"""The quantities that a factor moves, where they are not the one of its own name."""


def sides_of(found: Measured, assumed: Assumptions, target: float, metric: str) -> Sides:
    timed = found.time.coverage > 0 and (found.time.sales_hours > 0 or not found.sales.contacts)
    return two_sides(found, assumed, target, metric, timed)


def actual_of(found: Measured, metric: str) -> float:
    return found.sales.revenue if metric == "revenue" else found.sales.contracts


@unhurried
@given(measured, assumptions, targets, metrics)
def test_each_side_gives_exactly_its_figure(found: Measured, assumed: Assumptions, target: float, metric: str) -> None:
    sides = sides_of(found, assumed, target, metric)
    assert isclose(sides.actual.value, actual_of(found, metric), rel_tol=1e-9, abs_tol=1e-9)
    assert isclose(sides.plan.value, target, rel_tol=1e-9, abs_tol=1e-9)


@unhurried
@given(measured, assumptions, targets, metrics)
def test_contributions_add_up_and_lie_in_their_intervals(
    found: Measured, assumed: Assumptions, target: float, metric: str
) -> None:
    parts = contributions(sides_of(found, assumed, target, metric), found)
    shortfall = target - actual_of(found, metric)
    largest = max(1.0, target, *(abs(p.value) for p in parts))
    assert isclose(sum(p.value for p in parts), shortfall, rel_tol=1e-9, abs_tol=1e-9 * largest)
    assert all(p.low <= p.value <= p.high and isfinite(p.low) and isfinite(p.high) for p in parts)


@unhurried
@given(measured, assumptions, targets, metrics)
def test_a_factor_equal_to_its_plan_contributes_nothing(
    found: Measured, assumed: Assumptions, target: float, metric: str
) -> None:
    sides = sides_of(found, assumed, target, metric)
    parts = {p.factor: p.value for p in contributions(sides, found)}
    rounding = 1e-12 * max(1.0, *(abs(v) for v in parts.values()))
    same = [f for f in sides.factors if f != "conversion" and len(set(figures(sides, f))) == 1]
    assert all(abs(parts[factor]) <= rounding for factor in same)


@unhurried
@given(measured, assumptions, targets, metrics, st.booleans(), st.integers(0, 255))
def test_a_set_of_moved_factors_is_worth_what_the_side_with_their_quantities_is(
    found: Measured, assumed: Assumptions, target: float, metric: str, timed: bool, chosen: int
) -> None:
    sides = two_sides(found, assumed, target, metric, timed)
    mask = chosen % (1 << len(sides.factors))
    names = [n for i, factor in enumerate(sides.factors) if mask & 1 << i for n in MOVES.get(factor, (factor,))]
    side = replace(sides.plan, **{name: getattr(sides.actual, name) for name in names})
    assert (len(moved(sides)), moved(sides)[mask]) == (1 << len(sides.factors), side.value)


@unhurried
@given(measured, assumptions, st.floats(0.5, 1e6))
def test_without_time_one_factor_stands_for_contacts(found: Measured, assumed: Assumptions, target: float) -> None:
    sides = two_sides(found, assumed, target, "contracts", timed=False)
    assert sides.factors == CONTACT_FACTORS and FACTORS[4:] == CONTACT_FACTORS[1:]
    assert sides.actual.contacts == found.sales.contacts


def test_a_ratio_that_is_undefined_takes_its_planned_value() -> None:
    found = two_sides(Measured(TIME, SalesCounts()), GIVEN, 10.0, "revenue", timed=True).actual
    assert (found.contact_rate, found.late_share) == (0.0, 0.1)
    assert (found.conversion_on_time, found.conversion_late, found.deal_value) == (0.2, 0.1, 90.0)


def test_the_shortfall_falls_on_the_factor_that_went_to_zero() -> None:
    """80 h x 0.9 x 0.9 x 0.8 x 1 x 0.19 = 9.85; without a contact all the rest stays at its plan or moves nothing."""
    assumed = replace(GIVEN, attendance=TIME.attendance, focus=TIME.focus, sales_share=TIME.sales_share)
    found = Measured(TIME, SalesCounts())
    parts = {p.factor: p.value for p in contributions(two_sides(found, assumed, 9.0, "contracts", True), found)}
    assert parts["contact_rate"] + parts["plan_stretch"] == pytest.approx(9.0)
    assert all(abs(v) < 1e-9 for name, v in parts.items() if name not in ("contact_rate", "plan_stretch"))


def test_contacts_that_were_not_made_count_even_where_no_work_was_seen_at_all() -> None:
    """All time is neutral: focus and the sales share take the plan's values, and no contact is a rate of zero."""
    found = two_sides(Measured(hours(neutral=8), SalesCounts()), GIVEN, 10.0, "contracts", timed=True).actual
    assert (found.focus, found.sales_share, found.contact_rate, found.value) == (0.9, 0.8, 0.0, 0.0)


def test_an_unknown_assumption_takes_the_actual_value() -> None:
    sides = two_sides(Measured(TIME, SALES), replace(GIVEN, focus=None), 10.0, "contracts", timed=True)
    assert sides.plan.focus == sides.actual.focus == TIME.focus
    assert sides.unknown == {"focus"}


def test_a_target_that_no_assumption_carries_becomes_a_sum() -> None:
    sides = two_sides(Measured(TIME, SALES), replace(GIVEN, contact_rate=0.0), 10.0, "contracts", timed=True)
    assert figures(sides, "plan_stretch") == (10.0, 0.0)
    parts = {p.factor: p.value for p in contributions(sides, Measured(TIME, SALES))}
    assert parts["plan_stretch"] == pytest.approx(10.0)


@unhurried
@given(st.floats(0.01, 1), st.floats(0.01, 1))
def test_the_more_a_factor_fell_the_larger_its_part(one: float, other: float) -> None:
    """Only attendance differs from the plan, so that its part is the whole shortfall of 10 x (1 - attendance)."""
    low, high = sorted((one, other))

    def part(attendance: float) -> float:
        time = hours(sales=100 * attendance, idle=100 * (1 - attendance))
        found = Measured(time, SalesCounts(100, 0, 10, 0))
        assumed = Assumptions(100, 1.0, 1.0, 1.0, found.contact_rate, 0.0, 0.1, 0.1)
        return contributions(two_sides(found, assumed, 10.0 / attendance, "contracts", True), found)[0].value

    assert part(low) >= part(high) - 1e-6
