"""Factors in words: the waterfall walks from the target to the fact, values stand in their units."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.explain.result import FactorOut, PlanOut
from planwhy_collector.report.factors import factor_value, plan_difference, waterfall
from planwhy_collector.report.language import language

EN, RU = language("en"), language("ru")
CONTRACTS = PlanOut("contracts", 12.0, 6.0, 6.0, True)
MONEY = PlanOut("revenue", 1000.0, 400.0, 600.0, True, "RUB")


class Explained:
    """As much of an explanation as a waterfall reads."""

    def __init__(self, contributions: list[float]) -> None:
        short = sum(contributions)
        self.plan = PlanOut("contracts", 100.0, 100.0 - short, short, short > 0)
        self.factors = tuple(FactorOut("focus", 1, 1, "share", c, c - 1, c + 1) for c in contributions)


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8))
def test_bars_walk_from_the_target_to_the_fact(contributions: list[float]) -> None:
    explained = Explained(contributions)
    bars = waterfall(explained, EN)  # type: ignore[arg-type]
    assert bars[0].end == 100.0 and bars[1].start == 100.0
    assert all(one.end == two.start for one, two in pairwise(bars[1:-1]))
    assert bars[-2].end == pytest.approx(bars[-1].end, abs=1e-9)
    assert all((b.kind == "lost") == (b.end < b.start) for b in bars[1:-1] if b.start != b.end)


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [("share", 0.123, "12.3%"), ("per_contact", 0.1, "10.0%"), ("money", 12.0, "12\xa0RUB"), ("ratio", 1.16, "× 1.16"),
     ("contacts", 141.48, "141"), ("per_hour", 1.5, "1.5"), ("share", None, "—")],
)  # fmt: skip
def test_values_stand_in_their_units(unit: str, value: float | None, expected: str) -> None:
    factor = FactorOut("any", 0, 0, unit, 0, 0, 0)
    assert factor_value(value, factor, "RUB", EN) == expected


def test_differences_carry_their_sign() -> None:
    assert plan_difference(-1.25, CONTRACTS, EN) == "−1.2" and plan_difference(0.03, CONTRACTS, EN) == "+0.03"
    assert plan_difference(600.0, MONEY, RU) == "+600\xa0₽" and plan_difference(0.2, MONEY, EN) == "0\xa0RUB"
