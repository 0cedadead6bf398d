"""The forecast: its interval holds what it says over many made worlds, and it is silent where nothing is known."""

from dataclasses import replace
from math import isfinite

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from planwhy_collector.plan.pace import Forecast, Running, forecast

WORLDS = 1_200
PACES = (0.4, 0.6, 0.8, 1.0, 1.2)
"""How the true rate of a world relates to the plan's."""


def run(metric: str = "contracts", target: float = 12.0, **more: object) -> Running:
    defaults: dict[str, object] = {"whole": 160.0, "passed": 80.0, "left": 80.0, "contracts": 3}
    return Running(metric, None, target, **defaults | more)  # type: ignore[arg-type]


def world(chance: np.random.Generator, target: float) -> tuple[float, int, int]:
    """The share of a period that has passed, contracts so far, and contracts in the rest."""
    passed, mean = chance.uniform(0.1, 0.9), target * chance.choice(PACES)
    return passed, chance.poisson(mean * passed), chance.poisson(mean * (1 - passed))


@pytest.mark.parametrize("target", [1, 2, 3, 5, 8, 12, 20, 50])
def test_nine_in_ten_worlds_end_within_the_interval_of_contracts(target: int) -> None:
    chance, on, inside = np.random.default_rng(target), 0, 0
    for _ in range(WORLDS):
        share, so_far, rest = world(chance, target)
        found = forecast(run(target=target, passed=160 * share, left=160 * (1 - share), contracts=so_far))
        assert found is not None
        on += found.low <= so_far + rest <= found.high
        inside += found.low < so_far + rest < found.high
    # Contracts are whole: with both ends the interval holds at least 90 %, without them at most.
    assert inside / WORLDS <= 0.93 and on / WORLDS >= 0.87


@pytest.mark.parametrize("target", [12, 20, 50])
def test_nine_in_ten_worlds_end_within_the_interval_of_revenue(target: int) -> None:
    found = [ends_in_revenue(np.random.default_rng(1_000 * target + number), target) for number in range(WORLDS)]
    assert abs(np.mean([not below and not above for below, above in found]) - 0.9) <= 0.03


@pytest.mark.parametrize("target", [1, 2, 5])
def test_small_plans_of_revenue_end_beyond_the_interval_no_more_often(target: int) -> None:
    found = [ends_in_revenue(np.random.default_rng(1_000 * target + number), target) for number in range(WORLDS)]
    # A rest without any contract is one whole piece of chance, so that the lower end cannot be met exactly.
    assert max(np.mean(found, axis=0)) <= 0.08 and np.mean([any(one) for one in found]) <= 0.13


def ends_in_revenue(chance: np.random.Generator, target: int) -> tuple[bool, bool]:
    """Whether a world ends below, and above its interval; amounts vary by 70 %."""
    share, so_far, rest = world(chance, target)
    amounts = tuple(chance.gamma(2, 50, so_far))
    more = {"passed": 160 * share, "left": 160 * (1 - share), "contracts": so_far, "deal_value": 100.0}
    found = forecast(run("revenue", 100.0 * target, amounts=amounts, **more))
    assert found is not None
    end = sum(amounts) + chance.gamma(2, 50, rest).sum()
    return bool(end < found.low), bool(end > found.high)


def test_the_probability_of_the_plan_is_right_on_average() -> None:
    chance, said, came = np.random.default_rng(7), [], []
    for _ in range(4_000):
        rate = chance.gamma(1, 12)  # as unknown beforehand as the forecast takes it to be
        so_far, rest = chance.poisson(rate / 2), chance.poisson(rate / 2)
        found = forecast(run(contracts=so_far))
        assert found is not None
        said.append(found.probability)
        came.append(so_far + rest >= 12)
    assert abs(np.mean(said) - np.mean(came)) < 0.02


def test_the_plan_weighs_as_much_as_one_contract() -> None:
    found = forecast(run(contracts=0, passed=16.0, left=144.0, target=10.0))
    assert found is not None and found.value == pytest.approx(1 / (16 + 16) * 144)


@pytest.mark.parametrize(
    "silent", [run(passed=0.5, left=159.5), run("revenue", deal_value=None, contracts=0), run(passed=0.0, whole=0.0)]
)
def test_there_is_no_forecast_where_nothing_is_known(silent: Running) -> None:
    assert forecast(silent) is None


@pytest.mark.parametrize(("contracts", "probability"), [(12, 1.0), (11, 0.0)])
def test_a_period_that_has_ended_ends_where_it_is(contracts: int, probability: float) -> None:
    ended = run(contracts=contracts, passed=160.0, left=0.0)
    assert forecast(ended) == Forecast(contracts, contracts, contracts, probability)


def test_absence_with_approval_is_neither_due_nor_ahead() -> None:
    away = run(passed=40.0, left=40.0)
    assert (away.share, away.due, away.pace) == (0.25, 3.0, 1.0)


amounts = st.lists(st.floats(0, 1e7), max_size=30).map(tuple)
runs = st.builds(
    Running,
    metric=st.sampled_from(["contracts", "revenue"]),
    currency=st.none(),
    target=st.floats(1e-6, 1e12),
    whole=st.floats(0.5, 2_000),
    passed=st.floats(0, 2_000),
    left=st.floats(0, 2_000),
    contracts=st.integers(0, 10_000),
    amounts=amounts,
    deal_value=st.one_of(st.none(), st.floats(1e-3, 1e9)),
)


@given(runs)
@example(Running("revenue", None, 1.0, 160.0, 80.0, 80.0, 1, (3.2e-245,), None))
@example(Running("revenue", None, 1.0, 160.0, 80.0, 80.0, 2, (5e-324, 0.0), None))
def test_a_forecast_lies_within_its_interval_and_above_what_was_reached(one: Running) -> None:
    found = forecast(one)
    if found is not None:
        assert all(map(isfinite, (found.value, found.low, found.high)))
        assert one.actual <= found.low <= found.value <= found.high and 0 <= found.probability <= 1


@given(st.integers(0, 30), st.floats(1, 159))
def test_more_contracts_never_lower_the_forecast(contracts: int, passed: float) -> None:
    less = run(contracts=contracts, passed=passed, left=160 - passed)
    one, more = forecast(less), forecast(replace(less, contracts=contracts + 1))
    assert one and more and more.value > one.value and more.probability >= one.probability - 1e-12
