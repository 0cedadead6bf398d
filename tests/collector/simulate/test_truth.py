"""The simulated truth adds up, and each cause shows where it should."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planwhy_collector.simulate.causes import CAUSES, cause_of
from planwhy_collector.simulate.dealing import unlucky
from planwhy_collector.simulate.history import History, history, parts
from planwhy_collector.simulate.roster import roster
from planwhy_collector.simulate.truth import FACTORS, product, shapley
from scipy.stats import poisson

FIRST, LAST = date(2026, 9, 1), date(2026, 10, 31)
values = st.floats(0, 3)
quantities = st.fixed_dictionaries(
    {q: values for group in FACTORS.values() for q in group} | {"expected_hours": values}
)


def lived(number: int, seed: int = 3) -> History:
    return history(list(roster(number + 1, seed))[number], FIRST, LAST, seed)


@settings(max_examples=30, deadline=None)
@given(quantities, quantities)
def test_contributions_add_up_to_the_shortfall(plan: dict[str, float], actual: dict[str, float]) -> None:
    actual = actual | {"expected_hours": plan["expected_hours"]}
    assert sum(shapley(plan, actual).values()) == pytest.approx(product(plan) - product(actual), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("number", range(len(CAUSES)), ids=lambda n: CAUSES[n].name)
def test_a_cause_takes_most_of_its_months_shortfall(number: int) -> None:
    month = lived(number).truth[-1]
    parts = {f.name: f.contribution for f in month.factors}
    assert sum(parts.values()) == pytest.approx(month.shortfall)
    assert month.cause == cause_of(number, 1).name
    if month.cause == "none":
        assert abs(month.shortfall) < 0.1 * month.target
    else:
        assert month.shortfall > 0.1 * month.target
    if month.dominant is not None:
        assert max(parts, key=parts.__getitem__) == month.dominant.replace("contacts", "contact_rate")


def test_the_planned_verdicts_are_the_true_ones() -> None:
    found = {v for n in range(len(CAUSES)) for v in lived(n).truth[-1].overdue.values()}
    assert found == {"had_capacity", "no_capacity", "worked_not_closed", "absent", "no_data"}


@given(st.floats(0.5, 40))
def test_bad_luck_is_the_worst_that_chance_explains(expected: float) -> None:
    wins = unlucky(expected)
    assert poisson.cdf(wins, expected) >= 0.2 - 1e-9
    assert wins == 0 or poisson.cdf(wins - 1, expected) < 0.2


def test_a_month_that_is_cut_at_its_end_has_a_plan_and_no_truth() -> None:
    cut = parts(date(2026, 8, 20), date(2026, 10, 10))
    assert [(p.plan.text if p.plan else None, p.full) for p in cut] == [
        (None, False), ("2026-09", True), ("2026-10", False),
    ]  # fmt: skip


def test_days_without_a_whole_month_are_one_period() -> None:
    only = parts(date(2026, 9, 20), date(2026, 10, 10))
    assert [(p.plan.text, p.full) for p in only if p.plan] == [("2026-09-20..2026-10-10", True)]
