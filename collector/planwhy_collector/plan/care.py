"""How many clients a person has in care, and for how much working time.

In: clients with their first and last day in care, days. Out: counts, and clients x working hours. Never: what was
done for them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from statistics import fmean

from planwhy_shared.times import HOUR_MS

from planwhy_collector.facts import ClientFact


def in_care(clients: Iterable[ClientFact], day: date) -> int:
    """Count the clients in care on a day; an unknown first or last day is before or after all days."""
    return sum((c.since is None or c.since <= day) and (c.until is None or day <= c.until) for c in clients)


def mean_in_care(clients: Sequence[ClientFact], working_days: Iterable[date]) -> float:
    """The clients in care on average over working days; 0 without any."""
    return fmean(counts) if (counts := [in_care(clients, day) for day in working_days]) else 0.0


def care_hours(clients: Sequence[ClientFact], expected_ms: Mapping[date, int], absent_ms: Mapping[date, int]) -> float:
    """Clients x working hours apart from approved absence, added up over days."""
    return sum(
        in_care(clients, day) * (expected - absent_ms.get(day, 0)) / HOUR_MS for day, expected in expected_ms.items()
    )
