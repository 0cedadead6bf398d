"""Circumstances: what speaks for itself beside the factors, with hours or counts.

In: Evidence. Out: circumstances in a fixed order. Never: an absence that was not approved.
"""

from planwhy_shared.times import HOUR_MS

from planwhy_collector.explain.evidence import Evidence
from planwhy_collector.explain.result import CircumstanceOut

SURGE_SHARE = 1.2
"""Service work counts as a surge from this multiple of its planned part of sales and service work on ..."""
SURGE_HOURS = 8.0
"""... and from this many hours above it."""


def circumstances(evidence: Evidence, timed: bool) -> tuple[CircumstanceOut, ...]:
    """Find what there is. `timed` says whether time may be spoken of."""
    found = _absences(evidence)
    if timed:
        found += _surge(evidence)
    if evidence.measured.time.coverage < evidence.limit:
        found += _unrecorded(evidence)
    return (*found, *_left_out(evidence))


def _absences(evidence: Evidence) -> list[CircumstanceOut]:
    """Approved absence by kind; hours in which the person worked all the same are taken off in proportion."""
    whole = sum(evidence.absence_ms.values())
    scale = evidence.measured.time.absent / whole / HOUR_MS if whole else 0.0
    return [
        CircumstanceOut("approved_absence", ms * scale, detail=kind)
        for kind, ms in sorted(evidence.absence_ms.items())
        if ms * scale > 0
    ]


def _surge(evidence: Evidence) -> list[CircumstanceOut]:
    share, time = evidence.target.assumptions.sales_share, evidence.measured.time
    if share is None:
        return []
    planned = (1 - share) * (time.sales + time.service) / HOUR_MS
    above = time.service / HOUR_MS - planned
    large = above >= SURGE_HOURS and time.service / HOUR_MS >= SURGE_SHARE * planned
    return [CircumstanceOut("service_surge", above)] if large else []


def _unrecorded(evidence: Evidence) -> list[CircumstanceOut]:
    time = evidence.measured.time
    reasons = (("agent_off", time.off), ("no_word", time.none))
    return [CircumstanceOut(kind, ms / HOUR_MS) for kind, ms in reasons if ms]


def _left_out(evidence: Evidence) -> list[CircumstanceOut]:
    sales = evidence.sales
    counts = (
        ("other_currency", sales.other_currency),
        ("contract_without_amount", sales.no_amount),
        ("contact_without_card", sales.no_card),
        ("not_employed", sales.not_employed),
    )
    return [CircumstanceOut(kind, 0.0, count=count) for kind, count in counts if count]
