"""The figures beside a factor without which it misleads: the own trailing months, the people who met the plan.

In: measured histories. Out: a figure per factor, None where nothing conclusive was measured. Never: a colleague's name.
"""

from collections.abc import Mapping, Sequence
from statistics import median

from planwhy_shared.times import HOUR_MS

from planwhy_collector.explain.identity import CONTACT_FACTORS, FACTORS
from planwhy_collector.plan.assume import History
from planwhy_collector.plan.measured import Measured, ratio

Figures = Mapping[str, float | None]


def figures_of(history: History, limit: float, expected_ms: int) -> Figures:
    """The factors' figures of a history; those of time only where its coverage reaches the limit.

    `contacts` are scaled to `expected_ms` of working time, so that they compare with the period's.
    """
    timed, sold = history.timed, history.sold.sales
    known = timed.time.coverage >= limit
    per_hour = ratio(sold.contacts, history.sold.time.expected / HOUR_MS)
    return {
        "attendance": timed.time.attendance if known else None,
        "focus": timed.time.focus if known else None,
        "sales_share": timed.time.sales_share if known else None,
        "contact_rate": timed.contact_rate if known else None,
        "follow_up": sold.late_share,
        "conversion": sold.conversion,
        "deal_value": sold.deal_value,
        "plan_stretch": None,
        "contacts": None if per_hour is None else per_hour * expected_ms / HOUR_MS,
    }


LEAST_PEERS = 2
"""Of fewer people who met the plan nothing is shown: it would be one person's own figure."""


def medians_of(peers: Sequence[Measured], limit: float, expected_ms: int) -> Figures:
    """The median of each figure over people who met the plan; None where fewer than LEAST_PEERS did."""
    each = [figures_of(History(peer, peer), limit, expected_ms) for peer in peers]
    found = {name: [v for one in each if (v := one[name]) is not None] for name in {*FACTORS, *CONTACT_FACTORS}}
    return {name: median(values) if len(values) >= LEAST_PEERS else None for name, values in found.items()}
