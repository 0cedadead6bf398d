"""Draws of chance that the standard library lacks, and how likely counts are. Pure.

In: a source of chance, means. Out: numbers. Never: state kept between calls.
"""

from collections.abc import Iterator
from itertools import count
from math import exp
from random import Random

UNLUCKY = (0.2, 0.4)
"""Probabilities of as few or fewer between which a count is unlucky and yet within chance."""


def poisson(rng: Random, mean: float) -> int:
    """A Poisson count; by multiplying uniform numbers (D. Knuth), for means below some hundreds."""
    limit, product = exp(-mean), rng.random()
    for events in count():
        if product <= limit:
            return events
        product *= rng.random()
    raise AssertionError


def at_most(events: int, mean: float) -> float:
    """P(X <= events) of a Poisson variable."""
    return sum(_terms(mean, events + 1))


def unlucky(rng: Random, mean: float) -> int:
    """A count that is unlucky and within chance; where no count is both, the fewest within chance."""
    fewest = next(n for n in count() if at_most(n, mean) >= UNLUCKY[0])
    fitting = [n for n in range(fewest, fewest + 10) if at_most(n, mean) <= UNLUCKY[1]]
    return rng.choice(fitting or [fewest])


def near(rng: Random, value: float, spread: float) -> float:
    """A share around a value, normally spread and kept between 0.05 and 0.99."""
    return min(0.99, max(0.05, rng.gauss(value, spread)))


def _terms(mean: float, number: int) -> Iterator[float]:
    term = exp(-mean)
    for n in range(number):
        yield term
        term *= mean / (n + 1)
