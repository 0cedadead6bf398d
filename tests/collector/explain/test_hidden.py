"""What is hidden of the time: the reach holds the truth as often as it says, in worlds of which all is known."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from measured_people import hours
from planwhy_collector.explain.hidden import Hidden, reach_of_hidden
from planwhy_collector.explain.identity import FACTORS, Side, Sides, moved, two_sides
from planwhy_collector.facts import Assumptions
from planwhy_collector.plan.measured import Measured, SalesCounts, TimeSplit, added
from planwhy_collector.plan.shapley import shapley
from planwhy_shared.times import HOUR_MS

GIVEN = Assumptions(168, 0.9, 0.9, 0.65, 1.7, 0.1, 0.12, 0.05)
SALES = SalesCounts(100, 10, 10, 1, (1.0,) * 11)
MINUTE = 60_000
Stretch = tuple[str, int, int]
"""Kind, number of the program within the kind, milliseconds."""
PROGRAMS = {"sales": 12, "service": 10, "non_work": 12}


def world(rng: Random, days: int = 21) -> list[list[Stretch]]:
    """Days of eight hours in stretches of one kind, each day and person with shares of its own."""
    usual = rng.uniform(0.75, 0.95), rng.uniform(0.5, 0.95), rng.uniform(0.3, 0.8)
    return [list(lived(rng, *(min(0.99, max(0.02, rng.gauss(share, 0.05))) for share in usual))) for _ in range(days)]


def lived(rng: Random, attendance: float, focus: float, sales: float) -> Iterator[Stretch]:
    left = 8 * HOUR_MS
    while left > 0:
        ms = min(left, round((1 + rng.expovariate(0.1)) * MINUTE))
        work = "sales" if rng.random() < sales else "service"
        kind = "idle" if rng.random() > attendance else work if rng.random() < focus else "non_work"
        yield kind, rng.randrange(PROGRAMS.get(kind, 1)), ms
        left -= ms


def seen(day: list[Stretch], silent: bool, unknown: set[tuple[str, int]]) -> TimeSplit:
    spent: Counter[str] = Counter()
    for kind, program, ms in day:
        spent["none" if silent else "unclassified" if (kind, program) in unknown else kind] += ms
    return TimeSplit(**spent)


def parts(sides: Sides, actual: Side) -> dict[str, float]:
    gains = shapley(len(sides.factors), moved(replace(sides, actual=actual)).__getitem__)
    return {name: -gain for name, gain in zip(sides.factors, gains, strict=True)}


def whole(days: list[TimeSplit]) -> TimeSplit:
    return added(Measured(day, SalesCounts()) for day in days).time


def by_program(days: list[list[Stretch]], silent: set[int], unknown: set[tuple[str, int]]) -> list[TimeSplit]:
    spent: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for n, day in enumerate(days):
        for kind, program, ms in () if n in silent else day:
            if kind in PROGRAMS:
                spent[kind, program]["unclassified" if (kind, program) in unknown else kind] += ms
    return [TimeSplit(**kinds) for kinds in spent.values()]


def held(rng: Random, hide_days: float, hide_programs: float) -> dict[str, bool]:
    """Hide days and programs of a world: does the reach around each factor's part hold the part of the whole world?"""
    days = world(rng)
    silent = set(rng.sample(range(len(days)), round(hide_days * len(days))))
    unknown = {(kind, n) for kind, count in PROGRAMS.items() for n in range(count) if rng.random() < hide_programs}
    splits = [seen(day, n in silent, unknown) for n, day in enumerate(days)]
    truth, found = whole([seen(day, False, set()) for day in days]), whole(splits)
    true_sides, sides = (two_sides(Measured(t, SALES), GIVEN, 20.0, "contracts", True) for t in (truth, found))
    true, points = parts(true_sides, true_sides.actual), parts(sides, sides.actual)
    hidden = Hidden(splits, by_program(days, silent, unknown))
    reach = reach_of_hidden(sides.actual, found, hidden, lambda actual: parts(sides, actual))
    assert reach is not None
    return {name: abs(true[name] - points[name]) <= reach[name] + 1e-9 for name in FACTORS}


@pytest.mark.parametrize(("days", "programs"), [(0.25, 0.0), (0.0, 0.15), (0.15, 0.1)])
def test_the_reach_holds_the_truth_nine_times_in_ten(days: float, programs: float) -> None:
    rng = Random(2026)
    tries = [held(rng, days, programs) for _ in range(120)]
    for name in ("attendance", "focus", "sales_share", "contact_rate"):
        share = sum(one[name] for one in tries) / len(tries)
        assert share >= 0.82, name
    time = [one[n] for one in tries for n in ("attendance", "focus", "sales_share", "contact_rate")]
    assert 0.86 <= sum(time) / len(time) <= 0.96


def test_time_of_which_all_is_known_reaches_nowhere() -> None:
    time = hours(sales=40, service=10, non_work=10, idle=10)
    sides = two_sides(Measured(time, SALES), GIVEN, 20.0, "contracts", True)
    assert reach_of_hidden(sides.actual, time, Hidden([time]), lambda actual: parts(sides, actual)) == dict.fromkeys(
        FACTORS, 0.0
    )


def test_too_few_recorded_days_tell_nothing_of_the_others() -> None:
    day, silent = hours(sales=6, idle=2), hours(none=8)
    time = whole([day, day, silent])
    sides = two_sides(Measured(time, SALES), GIVEN, 20.0, "contracts", True)
    assert reach_of_hidden(sides.actual, time, Hidden([day, day, silent]), lambda a: parts(sides, a)) is None


def test_one_large_unknown_program_reaches_further_than_many_small_ones() -> None:
    time = hours(sales=40, service=20, non_work=20, unclassified=10, idle=10)
    sides = two_sides(Measured(time, SALES), GIVEN, 20.0, "contracts", True)
    known = [hours(sales=10), hours(sales=10), hours(service=10), hours(non_work=10)] * 2
    days = [hours(sales=4, service=2, non_work=2, unclassified=1, idle=1)] * 10
    one, many = (
        reach_of_hidden(sides.actual, time, Hidden(days, [*known, *unknown]), lambda actual: parts(sides, actual))
        for unknown in ([hours(unclassified=10)], [hours(unclassified=1)] * 10)
    )
    assert one and many and one["focus"] > 1.5 * many["focus"] > 0
