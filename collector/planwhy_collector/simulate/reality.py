"""The method's quantities of a simulated month as they really were, and the exact parts of a shortfall. Pure.

In: a month minute by minute, a plan's figures. Out: quantities and contributions. Never: the product's own code for
the same sums, which is what they are to check.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import combinations
from math import factorial

from planwhy_shared.times import HOUR_MS

from planwhy_collector.facts import SALES_KINDS
from planwhy_collector.simulate.month import Month

Quantities = Mapping[str, float]
FACTORS: Mapping[str, tuple[str, ...]] = {
    "attendance": ("attendance",),
    "focus": ("focus",),
    "sales_share": ("sales_share",),
    "contact_rate": ("contact_rate",),
    "follow_up": ("late_share",),
    "conversion": ("conversion_on_time", "conversion_late"),
    "deal_value": ("deal_value",),
    "plan_stretch": ("plan_stretch",),
}
CONTACTS: Mapping[str, tuple[str, ...]] = {
    "contacts": ("attendance", "focus", "sales_share", "contact_rate"),
    **{name: FACTORS[name] for name in ("follow_up", "conversion", "deal_value", "plan_stretch")},
}
"""The factors where too little is recorded: contacts stand for those of time (method, section 3)."""


def product(q: Quantities) -> float:
    """The identity (method, section 1)."""
    hours = q["expected_hours"] * q["attendance"] * q["focus"] * q["sales_share"]
    return hours * q["contact_rate"] * conversion(q) * q["deal_value"] * q["plan_stretch"]


def conversion(q: Quantities) -> float:
    """Contracts per contact, late and on time together."""
    return (1 - q["late_share"]) * q["conversion_on_time"] + q["late_share"] * q["conversion_late"]


def realised(month: Month, plan: Quantities) -> dict[str, float]:
    """The quantities as they really were; one that is undefined takes its planned value (method, section 1)."""
    time = kinds_of(month)
    sales, service = time["sales"] + time["sales_call"], time["service"] + time["service_call"]
    work = sales + service + time["general"]
    q = dict(plan) | {"plan_stretch": 1.0, "expected_hours": month.frame.expected_ms / HOUR_MS}
    _set(q, "attendance", work + time["non_work"] + time["neutral"], month.frame.expected_ms)
    _set(q, "focus", work, work + time["non_work"])
    _set(q, "sales_share", sales, sales + service)
    hours = q["expected_hours"] * q["attendance"] * q["focus"] * q["sales_share"]
    contacts, late, won, late_won = counts_of(month)
    _set(q, "contact_rate", contacts, hours)
    _set(q, "late_share", late, contacts)
    _set(q, "conversion_on_time", won - late_won, contacts - late)
    _set(q, "conversion_late", late_won, late)
    if plan["deal_value"] != 1.0:
        amounts = [d.amount for d in month.deals if d.outcome == "won" and d.kind in SALES_KINDS]
        _set(q, "deal_value", float(sum(a for a in amounts if a is not None)), won)
    return q


def counts_of(month: Month) -> tuple[int, int, int, int]:
    """Sales contacts, late ones among them, contracts, late ones among them."""
    won = [d.id for d in month.deals if d.outcome == "won" and d.kind in SALES_KINDS]
    contacts = [c.deal_id for c in month.contacts if c.deal_id is not None]
    late = month.late_deals
    return len(contacts), sum(d in late for d in contacts), len(won), sum(d in late for d in won)


def kinds_of(month: Month) -> dict[str, int]:
    """Milliseconds of working time by what it really was."""
    kinds = ("sales", "service", "general", "non_work", "neutral", "sales_call", "service_call")
    out = dict.fromkeys(kinds, 0)
    for day in month.days:
        for one in day:
            out[one.kind] = out.get(one.kind, 0) + one.ms
    return out


def shapley(plan: Quantities, actual: Quantities, factors: Mapping[str, tuple[str, ...]] = FACTORS) -> dict[str, float]:
    """The average effect of each factor over all orders in which they can move from plan to actual."""
    names = list(factors)

    @cache
    def at(moved: frozenset[str]) -> float:
        return product(dict(plan) | {q: actual[q] for name in moved for q in factors[name]})

    out = dict.fromkeys(names, 0.0)
    for name in names:
        for others in _subsets(n for n in names if n != name):
            weight = factorial(len(others)) * factorial(len(names) - len(others) - 1) / factorial(len(names))
            out[name] += weight * (at(others) - at(others | {name}))
    return out


def _subsets(names: Iterable[str]) -> Iterable[frozenset[str]]:
    listed = list(names)
    return (frozenset(some) for size in range(len(listed) + 1) for some in combinations(listed, size))


def _set(q: dict[str, float], name: str, part: float, whole: float) -> None:
    if whole > 0:
        q[name] = part / whole
