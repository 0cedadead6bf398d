"""How unusual the number of contracts is, given the contacts that were made and the planned conversion.

In: contacts, contracts, the plan's conversion. Out: one Chance, or None where there is nothing to judge. Never: a
verdict on a person: what is within chance explains nothing either way.

Contracts are rare events, so that their number is Poisson with mean contacts x conversion.
"""

from dataclasses import dataclass
from math import exp

WITHIN = 0.2
"""From this probability on, a result so low is within chance (method, section 2)."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Contracts to be expected, the probability of as few or fewer, and whether that is within chance."""

    expected_contracts: float
    probability: float
    within: bool


def chance_of(contacts: int, contracts: int, conversion: float | None) -> Chance | None:
    """Judge a number of contracts; None without contacts or without a planned conversion."""
    if not contacts or conversion is None:
        return None
    expected = contacts * conversion
    probability = poisson_at_most(contracts, expected)
    return Chance(expected, probability, probability >= WITHIN)


def poisson_at_most(count: int, mean: float) -> float:
    """P(X <= count) of a Poisson variable; exact sum for small means, the incomplete gamma function else."""
    if mean > 500:
        from scipy.special import pdtr  # noqa: PLC0415  a heavy import that only large counts need

        return float(pdtr(count, mean))
    term = total = exp(-mean)
    for k in range(1, count + 1):
        term *= mean / k
        total += term
    return min(1.0, total)
