"""Assumptions of a plan that came as a bare target: from measured history, the person's shrunk towards the team's.

In: two histories (the person's and the colleagues' trailing three months). Out: assumptions and where each came
from. Never: a changed assumption that was given; a guess where nothing was measured.

Each assumption is a ratio part / whole. With the person's part p and whole w, and the colleagues' ratio T:

    shrunk = (p + k T) / (w + k)

that is, the colleagues count as k units of the person's own whole: K_HOURS hours for shares of time and for
contacts per sales hour, K_CONTACTS contacts for conversions and the late share, K_CONTRACTS contracts for the deal
value. The source is `own` where the person's history weighs at least as much as the colleagues' (w >= k) or there
are no colleagues to shrink towards, `team` where it weighs less, `none` where neither was measured.
"""

from dataclasses import dataclass, fields, replace

from planwhy_shared.times import HOUR_MS

from planwhy_collector.facts import Assumptions, PlanFact
from planwhy_collector.plan.measured import Measured

K_HOURS = 40.0
K_CONTACTS = 20.0
K_CONTRACTS = 2.0

_OPTIONAL = frozenset({"conversion_late", "deal_value"})


@dataclass(frozen=True, slots=True)
class History:
    """Trailing months: `timed` the days from the first recorded one on, `sold` all days.

    Time ratios of `timed` count only where its coverage reaches the limit.
    """

    timed: Measured
    sold: Measured


@dataclass(frozen=True, slots=True)
class _Ratio:
    part: float
    whole: float
    weight: float


def assume(plan: PlanFact, expected_hours: float, own: History, team: History, limit: float) -> PlanFact:
    """Fill the assumptions that were not given. `expected_hours` are the calendar's; `limit` is a coverage, 0-1."""
    mine, theirs = _ratios(own, limit), _ratios(team, limit)
    values: dict[str, float | None] = {"expected_hours": expected_hours}
    sources = {"expected_hours": "own"}
    for name in mine:
        values[name], sources[name] = _shrunk(mine[name], theirs[name])
    for field in fields(Assumptions):
        given = getattr(plan.assumptions, field.name)
        if given is not None:
            values[field.name], sources[field.name] = given, plan.sources.get(field.name, "given")
    return replace(plan, assumptions=Assumptions(**values), sources=sources)


def complete(plan: PlanFact) -> bool:
    """Whether the assumptions may be stored for good: history told all that this plan needs.

    An incomplete set is made afresh for each explanation, for its history may still be on the way.
    """
    needed = {f.name for f in fields(Assumptions)} - _OPTIONAL
    if plan.metric == "revenue":
        needed.add("deal_value")
    return all(getattr(plan.assumptions, name) is not None for name in needed)


def _ratios(history: History, limit: float) -> dict[str, _Ratio]:
    timed, sold = history.timed, history.sold.sales
    time = timed.time
    known = 1.0 if time.coverage >= limit else 0.0
    scaled = known * time.coverage * time.expected / HOUR_MS
    return {
        "attendance": _Ratio(known * time.present / HOUR_MS, scaled, K_HOURS),
        "focus": _Ratio(time.work / HOUR_MS, known * (time.work + time.non_work) / HOUR_MS, K_HOURS),
        "sales_share": _Ratio(time.sales / HOUR_MS, known * (time.sales + time.service) / HOUR_MS, K_HOURS),
        "contact_rate": _Ratio(timed.sales.contacts, known * time.sales_hours, K_HOURS),
        "late_share": _Ratio(sold.contacts_late, sold.contacts, K_CONTACTS),
        "conversion_on_time": _Ratio(sold.contracts_on_time, sold.contacts_on_time, K_CONTACTS),
        "conversion_late": _Ratio(sold.contracts_late, sold.contacts_late, K_CONTACTS),
        "deal_value": _Ratio(sold.revenue, sold.contracts, K_CONTRACTS),
    }


def _shrunk(own: _Ratio, team: _Ratio) -> tuple[float | None, str]:
    if own.whole <= 0 and team.whole <= 0:
        return None, "none"
    if team.whole <= 0:
        return own.part / own.whole, "own"
    if own.whole <= 0:
        return team.part / team.whole, "team"
    k = own.weight
    shrunk = (own.part + k * team.part / team.whole) / (own.whole + k)
    return shrunk, "own" if own.whole >= k else "team"
