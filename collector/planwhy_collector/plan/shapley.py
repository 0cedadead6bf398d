"""The exact Shapley value: each factor's average effect over all orders in which factors can move.

In: how many factors, and the value of each set of moved factors. Out: one contribution per factor. Never: sampling.

With n factors and v(S) the value once the factors of S have moved,

    phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! x (v(S with i) - v(S))

which is 2^n evaluations of v (L. Shapley, "A value for n-person games", 1953).
"""

from collections.abc import Callable
from math import factorial, fsum


def shapley(count: int, value: Callable[[int], float]) -> tuple[float, ...]:
    """Divide v(all) - v(none) among `count` factors; bit i of a mask says that factor i has moved.

    Contributions add up to the difference within rounding; a factor that changes nothing gets exactly 0.
    """
    values = [value(mask) for mask in range(1 << count)]
    weights = [factorial(size) * factorial(count - size - 1) / factorial(count) for size in range(count)]
    return tuple(
        fsum(
            weights[mask.bit_count()] * (values[mask | 1 << i] - values[mask])
            for mask in range(1 << count)
            if not mask & 1 << i
        )
        for i in range(count)
    )
