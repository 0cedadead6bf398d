"""Chance as the simulation draws it agrees with the textbook."""

from random import Random
from statistics import fmean, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.simulate.drawing import at_most, poisson, unlucky
from scipy.stats import poisson as textbook


@given(st.integers(0, 60), st.floats(0.01, 60))
def test_probabilities_are_those_of_poisson(events: int, mean: float) -> None:
    assert at_most(events, mean) == pytest.approx(textbook.cdf(events, mean), abs=1e-9)


@pytest.mark.parametrize("mean", [0.3, 5.0, 25.0])
def test_counts_have_the_mean_and_the_variance_of_poisson(mean: float) -> None:
    rng = Random(1)
    drawn = [poisson(rng, mean) for _ in range(4_000)]
    assert fmean(drawn) == pytest.approx(mean, rel=0.06)
    assert pvariance(drawn) == pytest.approx(mean, rel=0.1)


@given(st.floats(0.5, 40), st.integers(0, 1000))
def test_bad_luck_is_below_the_middle_and_within_chance(mean: float, seed: int) -> None:
    wins = unlucky(Random(seed), mean)
    assert textbook.cdf(wins, mean) >= 0.2 - 1e-9
    assert textbook.cdf(wins, mean) <= 0.4 + 1e-9 or textbook.cdf(wins - 1, mean) < 0.2
