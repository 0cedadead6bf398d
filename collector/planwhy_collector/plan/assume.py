"""What history tells of a person: each quantity of a plan, the person's own shrunk towards the team's.

In: two histories (the person's and the colleagues' trailing three months). Out: quantities and where each came from;
the assumptions of a plan that came as a bare target. Never: a changed assumption that was given; a guess where
nothing was measured.

Each assumption is a ratio part / whole. With the person's part p and whole w, and the colleagues' ratio T:

    shrunk = (p + k T) / (w + k)

that is, the colleagues count as k units of the person's own whole: K_HOURS hours for shares of time and for
contacts per sales hour, K_CONTACTS contacts for conversions and the late share, K_CONTRACTS contracts for the deal
value. Service hours per client are measured per working hour, so that they hold for a week as for a quarter: their
whole is clients x working hours, and k is K_HOURS hours with the person's own number of clients. The source is `own`
where the person's history weighs at least as much as the colleagues' (w >= k) or there are no colleagues to shrink
towards, `team` where it weighs less, `none` where neither was measured.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from planwhy_shared.times import HOUR_MS

from planwhy_collector.facts import Assumptions, PlanFact
from planwhy_collector.plan.measured import Measured, added

K_HOURS = 40.0
K_CONTACTS = 20.0
K_CONTRACTS = 2.0

PRESENCE = "presence"
"""Attendance apart from approved absence."""
CARE = "hours_per_client"
"""Service hours per client and working hour apart from approved absence."""
_OPTIONAL = frozenset({"conversion_late", "deal_value"})


@dataclass(frozen=True, slots=True)
class History:
    """Trailing months: `timed` the days from the first recorded one on, `sold` all days.

    Time ratios of `timed` count only where its coverage reaches the limit. `care_hours` are clients x working hours
    apart from approved absence over the days of `timed`; `other_currency` counts contracts that `sold` leaves out.
    """

    timed: Measured
    sold: Measured
    care_hours: float = 0.0
    other_currency: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """A quantity and its source: own, team, none. None where nothing was measured."""

    value: float | None
    source: str


@dataclass(frozen=True, slots=True)
class _Ratio:
    part: float
    whole: float
    weight: float


def assume(plan: PlanFact, expected_hours: float, own: History, team: History, limit: float) -> PlanFact:
    """Fill the assumptions that were not given. `expected_hours` are the calendar's; `limit` is a coverage, 0-1."""
    found = known(own, team, limit) | {"expected_hours": Known(expected_hours, "own")}
    values = {field.name: found[field.name].value for field in fields(Assumptions)}
    sources = {name: found[name].source for name in values}
    for field in fields(Assumptions):
        given = getattr(plan.assumptions, field.name)
        if given is not None:
            values[field.name], sources[field.name] = given, plan.sources.get(field.name, "given")
    return replace(plan, assumptions=Assumptions(**values), sources=sources)


def known(own: History, team: History, limit: float) -> dict[str, Known]:
    """Each ratio of the identity by the name of its assumption, and PRESENCE and CARE."""
    mine, theirs = _ratios(own, limit), _ratios(team, limit)
    return {name: _shrunk(mine[name], theirs[name]) for name in mine}


def together(histories: Iterable[History]) -> History:
    """Add up the histories of several people."""
    listed = tuple(histories)
    timed, sold = added(h.timed for h in listed), added(h.sold for h in listed)
    return History(timed, sold, sum(h.care_hours for h in listed), sum(h.other_currency for h in listed))


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
    trusted = 1.0 if time.coverage >= limit else 0.0
    scaled = trusted * time.coverage * time.expected / HOUR_MS
    there = (time.expected - time.absent) / HOUR_MS
    clients = history.care_hours / there if there else 0.0
    return {
        PRESENCE: _Ratio(trusted * time.present / HOUR_MS, trusted * time.recorded / HOUR_MS, K_HOURS),
        CARE: _Ratio(trusted * time.service_hours, trusted * history.care_hours, K_HOURS * clients),
        "attendance": _Ratio(trusted * time.present / HOUR_MS, scaled, K_HOURS),
        "focus": _Ratio(time.work / HOUR_MS, trusted * (time.work + time.non_work) / HOUR_MS, K_HOURS),
        "sales_share": _Ratio(time.sales / HOUR_MS, trusted * (time.sales + time.service) / HOUR_MS, K_HOURS),
        "contact_rate": _Ratio(timed.sales.contacts, trusted * time.sales_hours, K_HOURS),
        "late_share": _Ratio(sold.contacts_late, sold.contacts, K_CONTACTS),
        "conversion_on_time": _Ratio(sold.contracts_on_time, sold.contacts_on_time, K_CONTACTS),
        "conversion_late": _Ratio(sold.contracts_late, sold.contacts_late, K_CONTACTS),
        "deal_value": _Ratio(sold.revenue, sold.contracts, K_CONTRACTS),
    }


def _shrunk(own: _Ratio, team: _Ratio) -> Known:
    if own.whole <= 0 and team.whole <= 0:
        return Known(None, "none")
    if team.whole <= 0:
        return Known(own.part / own.whole, "own")
    if own.whole <= 0:
        return Known(team.part / team.whole, "team")
    k = own.weight
    shrunk = (own.part + k * team.part / team.whole) / (own.whole + k)
    return Known(shrunk, "own" if own.whole >= k else "team")
