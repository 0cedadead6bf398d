"""The exact division of a difference: properties on random games, and one computed by hand."""

from math import fsum, isclose, prod
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.plan.shapley import shapley

amounts = st.floats(0, 100)
pairs = st.lists(st.tuples(amounts, amounts), min_size=1, max_size=8)


def product_of(moves: list[tuple[float, float]], mask: int) -> float:
    return prod(after if mask & 1 << i else before for i, (before, after) in enumerate(moves))


def divided(moves: list[tuple[float, float]]) -> tuple[float, ...]:
    return shapley(len(moves), lambda mask: product_of(moves, mask))


def test_two_factors_share_what_they_do_together() -> None:
    """2 x 3 = 6 becomes 4 x 5 = 20. First the one: 6, then 8; first the other: 4, then 10. Means 8 and 6."""
    assert divided([(2, 4), (3, 5)]) == pytest.approx((8.0, 6.0))


@given(pairs)
def test_contributions_add_up_to_the_difference(moves: list[tuple[float, float]]) -> None:
    whole = product_of(moves, (1 << len(moves)) - 1) - product_of(moves, 0)
    scale = max(abs(product_of(moves, mask)) for mask in range(1 << len(moves)))
    assert isclose(fsum(divided(moves)), whole, rel_tol=1e-9, abs_tol=1e-12 * scale + 1e-12)


@given(pairs, amounts)
def test_a_factor_that_does_not_move_contributes_exactly_nothing(moves: list[tuple[float, float]], same: float) -> None:
    assert divided([*moves[:7], (same, same)])[-1] == 0.0


@given(pairs, st.randoms())
def test_the_order_of_the_factors_does_not_matter(moves: list[tuple[float, float]], random: Random) -> None:
    order = list(range(len(moves)))
    random.shuffle(order)
    straight, shuffled = divided(moves), divided([moves[i] for i in order])
    assert all(isclose(straight[i], shuffled[at], rel_tol=1e-9, abs_tol=1e-3) for at, i in enumerate(order))


@given(st.lists(st.tuples(amounts, amounts), min_size=2, max_size=6))
def test_factors_that_all_fell_all_contribute_to_the_fall(moves: list[tuple[float, float]]) -> None:
    fell = [(max(pair), min(pair)) for pair in moves]
    assert all(part <= 0.0 for part in divided(fell))
