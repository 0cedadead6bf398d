"""The simulated truth adds up, does without the product's sums, and each cause shows where it should."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planwhy_collector.simulate.causes import CAUSES, MIXTURES, NAMES, cause_of
from planwhy_collector.simulate.history import History, history, parts
from planwhy_collector.simulate.order import Order
from planwhy_collector.simulate.reality import CONTACTS, FACTORS, product, shapley
from planwhy_collector.simulate.roster import roster
from planwhy_collector.simulate.truth import TrueMonth

LAST = date(2026, 10, 31)
values = st.floats(0, 3)
quantities = st.fixed_dictionaries(
    {q: values for group in FACTORS.values() for q in group} | {"expected_hours": values}
)


def lived(number: int, **choices: Any) -> History:
    order = Order(number + 1, 31, 3, LAST, **choices)
    return history(list(roster(number + 1, 3))[number], order)


def months(cause: str, people: int = 8, hide: float = 0.0) -> list[TrueMonth]:
    """One month of each of so many people with the cause, chance and all."""
    return [lived(n, hide=(hide,), causes=(cause,)).truth[-1] for n in range(people)]


def mean(found: list[TrueMonth], factor: str) -> float:
    """The mean part that a factor takes, as a share of the target."""
    return sum(f.contribution / m.target for m in found for f in m.factors if f.name == factor) / len(found)


@pytest.mark.parametrize("factors", [FACTORS, CONTACTS], ids=["all", "contacts"])
@settings(max_examples=20, deadline=None)
@given(plan=quantities, actual=quantities)
def test_contributions_add_up_to_the_shortfall(
    factors: dict[str, tuple[str, ...]], plan: dict[str, float], actual: dict[str, float]
) -> None:
    actual = actual | {"expected_hours": plan["expected_hours"]}
    assert sum(shapley(plan, actual, factors).values()) == pytest.approx(
        product(plan) - product(actual), rel=1e-9, abs=1e-9
    )


def test_the_truth_knows_nothing_of_the_product_it_checks() -> None:
    program = (
        "import sys; import planwhy_collector.simulate.writing; "
        "print([m for m in sys.modules if m.startswith(('planwhy_collector.explain', 'planwhy_collector.plan.measured',"
        " 'planwhy_collector.plan.assume', 'planwhy_collector.rollup', 'planwhy_collector.classify'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("number", range(len(CAUSES)), ids=lambda n: NAMES[n])
def test_a_typical_month_shows_its_cause(number: int) -> None:
    month = lived(number, typical=True).truth[-1]
    taken = {f.name: f.contribution for f in month.factors}
    assert sum(taken.values()) == pytest.approx(month.shortfall)
    assert month.cause == cause_of(number, 1).name
    if month.cause == "none":
        assert month.shortfall < 0.1 * month.target
    elif month.cause != "bad_luck":
        assert month.shortfall > 0.1 * month.target
    if month.dominant is not None:
        assert max(taken, key=taken.__getitem__) == month.dominant.replace("contacts", "contact_rate")


@pytest.mark.parametrize("cause", [c for c in CAUSES if c.dominant], ids=lambda c: c.name)
def test_on_average_a_cause_moves_the_factor_it_claims_and_no_other(cause: object) -> None:
    assert isinstance(cause, type(CAUSES[0]))
    found = months(cause.name)
    taken = {name: mean(found, name) for name in FACTORS}
    assert taken.pop(str(cause.dominant)) > 0.12
    assert all(abs(part) < 0.1 for part in taken.values()), taken


def test_months_without_a_cause_fall_short_by_chance_alone() -> None:
    found = months("none", 16)
    assert abs(sum(m.shortfall / m.target for m in found) / len(found)) < 0.1
    assert len({m.actual for m in found if m.metric == "contracts"}) > 5


def test_mixtures_are_of_several_kinds() -> None:
    found = {m.parts for m in months("mixture", 10)}
    assert found == {mixture.parts for mixture in MIXTURES}


def test_bad_luck_is_drawn_at_the_planned_conversion_and_within_chance() -> None:
    for month in months("bad_luck", 8):
        conversion = next(f for f in month.factors if f.name == "conversion")
        assert month.within_chance
        assert conversion.actual < conversion.plan


def test_all_kinds_of_verdicts_are_deserved() -> None:
    found = [v for cause in NAMES for m in months(cause, 2, hide=0.2) for v in m.overdue.values()]
    assert {v.verdict for v in found} == {
        "absent", "no_data", "worked_not_closed", "no_capacity", "had_capacity", "unclear",
    }  # fmt: skip
    assert {v.really for v in found if v.verdict == "unclear"} <= {"no_capacity", "had_capacity"}


def test_what_is_hidden_is_told_by_what_it_really_was() -> None:
    month = months("none", 1, hide=0.3)[0]
    assert month.hidden.share == 0.3
    assert 0.6 < month.recorded_share < 0.8
    assert {"sales", "service", "general", "non_work"} <= month.hidden.unclassified.keys()
    assert "sales_call" not in month.hidden.unrecorded


def test_a_month_that_is_cut_at_its_end_has_a_plan_and_no_truth() -> None:
    cut = parts(date(2026, 8, 20), date(2026, 10, 10))
    assert [(p.plan.text if p.plan else None, p.full) for p in cut] == [
        (None, False), ("2026-09", True), ("2026-10", False),
    ]  # fmt: skip


def test_days_without_a_whole_month_are_one_period() -> None:
    only = parts(date(2026, 9, 20), date(2026, 10, 10))
    assert [(p.plan.text, p.full) for p in only if p.plan] == [("2026-09-20..2026-10-10", True)]
