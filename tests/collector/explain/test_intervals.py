"""What the intervals allow for: time of which little is known, and small numbers."""

from dataclasses import fields, replace
from math import exp, factorial
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured_people import hours
from planwhy_collector.explain.chance import chance_of, poisson_at_most
from planwhy_collector.explain.hidden import Hidden
from planwhy_collector.explain.identity import two_sides
from planwhy_collector.explain.interval import Contribution, contributions, mean_bounds, rate_quantiles
from planwhy_collector.facts import Assumptions
from planwhy_collector.plan.measured import Measured, SalesCounts, TimeSplit
from planwhy_collector.simulate.drawing import poisson

GIVEN = Assumptions(80, 0.9, 0.9, 0.8, 1.0, 0.1, 0.2, 0.1, 90.0)
SALES = SalesCounts(30, 10, 5, 1, (100.0, 80.0, 90.0, 120.0, 70.0, 110.0))
KNOWN = hours(sales=40, service=10, general=10, non_work=10, idle=10)


def parts(time: TimeSplit, sales: SalesCounts = SALES, metric: str = "contracts") -> dict[str, Contribution]:
    found = Measured(time, sales)
    sides = two_sides(found, GIVEN, 10.0, metric, timed=True)
    return {part.factor: part for part in contributions(sides, found)}


def test_time_of_which_everything_is_known_has_no_width() -> None:
    found = parts(KNOWN)
    assert found["attendance"].low == pytest.approx(found["attendance"].high)
    assert found["focus"].low == pytest.approx(found["focus"].high)


def test_unclassified_time_opens_focus_and_unrecorded_time_opens_attendance() -> None:
    vague = parts(replace(KNOWN, unclassified=KNOWN.non_work))["focus"]
    silent = parts(replace(KNOWN, none=KNOWN.idle))["attendance"]
    assert vague.low < vague.value < vague.high
    assert silent.low < silent.value < silent.high


def test_attendance_stands_between_all_absent_and_all_present() -> None:
    """70 present of 90 hours with 10 unrecorded: scaled 70 / 80; bounds 70 / 90 and 80 / 90."""
    time = replace(KNOWN, none=KNOWN.idle)
    assert time.attendance == pytest.approx(70 / 80)
    assert time.coverage == pytest.approx(80 / 90)


@given(st.integers(0, 50), st.integers(1, 200))
def test_a_rate_lies_between_its_quantiles_once_something_happened(events: int, exposure: int) -> None:
    low, high = rate_quantiles(events, exposure, (0.05, 0.95))
    assert 0 <= low < high
    assert events == 0 or low < events / exposure < high


def test_quantiles_of_a_rate_are_those_of_the_posterior() -> None:
    """Gamma(1/2, 1) is half a chi-squared with one degree of freedom: its 95 % quantile is 3.841 / 2."""
    assert rate_quantiles(0, 10, (0.95,)) == [pytest.approx(3.841458820694124 / 2 / 10)]


def test_a_handful_of_late_contacts_tells_little_of_what_lateness_costs() -> None:
    few = parts(KNOWN, SalesCounts(38, 2, 6, 0))["follow_up"]
    many = parts(KNOWN, SalesCounts(380, 20, 60, 0))["follow_up"]
    assert few.low < 0 < few.high
    assert (few.high - few.low) / abs(few.value) > 2 * (many.high - many.low) / abs(many.value)


def test_intervals_of_small_numbers_hold_the_latent_rates_nine_times_in_ten() -> None:
    """Contracts drawn many times at known rates; the parts that these rates take lie inside in 90 % of the draws."""
    rng, held = Random(3), {"follow_up": 0, "conversion": 0}
    rounds, rates = 150, (0.2, 0.1)
    for _ in range(rounds):
        contracts = tuple(poisson(rng, n * rate) for n, rate in zip((50, 20), rates, strict=True))
        found = Measured(KNOWN, SalesCounts(50, 20, *contracts))
        sides = two_sides(found, GIVEN, 10.0, "contracts", timed=True)
        behind = replace(sides.actual, conversion_on_time=rates[0], conversion_late=rates[1])
        truth = {p.factor: p.value for p in contributions(replace(sides, actual=behind), found)}
        for part in contributions(sides, found):
            if part.factor in held:
                held[part.factor] += part.low <= truth[part.factor] <= part.high
    assert all(0.84 <= count / rounds <= 0.96 for count in held.values()), held


def test_hidden_time_opens_the_sales_share_and_its_bounds_are_the_extremes() -> None:
    time = replace(KNOWN, unclassified=KNOWN.non_work, none=KNOWN.idle)
    day = TimeSplit(*(getattr(time, field.name) // 10 for field in fields(TimeSplit)))
    sides = two_sides(Measured(time, SALES), GIVEN, 10.0, "contracts", timed=True)
    found = {p.factor: p for p in contributions(sides, Measured(time, SALES), Hidden([day] * 10, [time]))}
    assert found["sales_share"].low < found["sales_share"].value < found["sales_share"].high
    assert found["attendance"].bounds[0] < found["attendance"].value < found["attendance"].bounds[1]
    without_days = {p.factor: p for p in contributions(sides, Measured(time, SALES))}["attendance"]
    assert (without_days.low, without_days.high) == pytest.approx(without_days.bounds)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=20))
def test_a_mean_lies_between_its_bounds(amounts: list[float]) -> None:
    low, high = mean_bounds(tuple(amounts))
    assert low <= sum(amounts) / len(amounts) <= high


def test_conversion_and_deal_value_have_width_from_small_numbers() -> None:
    found = parts(KNOWN, metric="revenue")
    assert all(found[name].low < found[name].value < found[name].high for name in ("conversion", "deal_value"))


def test_a_period_without_contacts_has_no_chance_to_speak_of() -> None:
    assert chance_of(0, 0, 0.1) is None
    assert chance_of(10, 0, None) is None


def test_two_contracts_where_four_are_expected_are_within_chance() -> None:
    """P(X <= 2) of Poisson(4) = e^-4 (1 + 4 + 8) = 0.238; of 1 or fewer 0.092."""
    two, one = chance_of(40, 2, 0.1), chance_of(40, 1, 0.1)
    assert two is not None and one is not None
    assert (two.probability, two.within) == (pytest.approx(exp(-4) * 13), True)
    assert (one.probability, one.within) == (pytest.approx(exp(-4) * 5), False)


@given(st.integers(0, 30), st.floats(0, 600))
def test_probabilities_agree_with_their_definition(count: int, mean: float) -> None:
    expected = sum(exp(-mean) * mean**k / factorial(k) for k in range(count + 1))
    assert poisson_at_most(count, mean) == pytest.approx(expected, abs=1e-12)
