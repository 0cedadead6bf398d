"""What a month brings, ready to be shown: words, sums by part, the JSON document. In: results. Out: view data.

Never: a float: amounts, shares and coefficients are decimal strings.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from planwhy_collector.plan.pay import MonthPay, NotCounted, PayLine, PlanReached
from planwhy_collector.plan.pay_scheme import PARTS, Part
from planwhy_collector.plan.pay_what_if import WhatIf
from planwhy_collector.plan.period import Period
from planwhy_collector.report.language import N_

PART_WORDS = {
    "base": N_("Base salary"),
    "sale": N_("New contracts"),
    "upsell": N_("Upsells"),
    "service": N_("Clients in care"),
    "recurring": N_("Renewals"),
}
ONE_OF = {
    "base": N_("Base salary"),
    "sale": N_("New contract"),
    "upsell": N_("Upsell"),
    "service": N_("Client in care"),
    "recurring": N_("Renewal"),
}
REASONS = {
    "recurring": N_("counts through the client's monthly payment"),
    "not_in_scheme": N_("the scheme gives no share of it"),
    "no_amount": N_("no amount is known"),
    "other_currency": N_("in another currency than the scheme"),
    "below_zero": N_("an amount below zero"),
}


@dataclass(frozen=True, slots=True)
class PartSum:
    """What one part brings, of how many amounts."""

    part: Part
    count: int
    amount: Decimal


def part_sums(pay: MonthPay) -> tuple[PartSum, ...]:
    """Add up the lines of each part that has any; the sums add up to the total."""
    found = []
    for part in PARTS:
        own = [line for line in pay.lines if line.part == part]
        if own:
            found.append(PartSum(part, len({line.id for line in own}), sum((o.amount for o in own), Decimal(0))))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class PartChange:
    """What one part brings in fact and would bring, and the difference."""

    part: Part
    before: Decimal
    after: Decimal
    difference: Decimal


def part_changes(both: WhatIf) -> tuple[PartChange, ...]:
    """Add up the differences of each part that has any lines; they add up to that of the totals."""
    found = []
    for part in PARTS:
        own = [one for one in both.changes if one.part == part]
        if own:
            before, after = (sum((getattr(o, side) for o in own), Decimal(0)) for side in ("before", "after"))
            found.append(PartChange(part, before, after, after - before))
    return tuple(found)


def pay_document(employee_id: str, month: Period, since: date, pay: MonthPay) -> dict[str, Any]:
    """The result as JSON: decimal strings, shares 0–1."""
    return {
        "employee_id": employee_id,
        "period": {"from": month.first.isoformat(), "to": month.last.isoformat()},
        "scheme_since": since.isoformat(),
        "currency": pay.currency,
        "total": money(pay.total, pay.digits),
        "plan": _plan(pay.plan) if pay.plan else None,
        "month_days": pay.month_days,
        "lines": [_line(line, pay.digits) for line in pay.lines],
        "not_counted": [_not_counted(one, pay.digits) for one in pay.not_counted],
    }


def what_if_document(employee_id: str, month: Period, since: date, both: WhatIf) -> dict[str, Any]:
    """Both results and the difference line by line as JSON."""
    digits = both.after.digits
    changes = [
        {
            "part": one.part, "id": one.id, "name": one.name, "slice": one.slice, "assumed": one.assumed,
            "before": money(one.before, digits), "after": money(one.after, digits),
            "difference": money(one.difference, digits),
        }
        for one in both.changes
    ]  # fmt: skip
    return {
        "before": pay_document(employee_id, month, since, both.before),
        "after": pay_document(employee_id, month, since, both.after),
        "difference": money(both.difference, digits),
        "changes": changes,
    }


def money(value: Decimal, digits: int) -> str:
    """An amount with the digits of the minor unit, more only where it has more."""
    whole = value.quantize(Decimal(1).scaleb(-digits))
    return f"{whole:f}" if whole == value else plain(value)


def plain(value: Decimal) -> str:
    """A decimal without exponent and without zeros at its end."""
    return f"{value.normalize():f}"


def _plan(plan: PlanReached) -> dict[str, Any]:
    return {
        "metric": plan.metric,
        "target": None if plan.target is None else plain(plan.target),
        "actual": None if plan.actual is None else plain(plan.actual),
        "currency": plan.currency,
        "reached": None if plan.reached is None else plain(plan.reached),
        "coefficient": plain(plan.coefficient),
    }


def _line(line: PayLine, digits: int) -> dict[str, Any]:
    return {
        "part": line.part, "id": line.id, "name": line.name, "slice": line.slice, "assumed": line.assumed,
        "on": money(line.on, digits), "share": plain(line.share), "days": line.days,
        "coefficient": plain(line.coefficient), "amount": money(line.amount, digits),
    }  # fmt: skip


def _not_counted(one: NotCounted, digits: int) -> dict[str, Any]:
    amount = None if one.amount is None else money(one.amount, digits)
    return {
        "part": one.part, "id": one.id, "name": one.name, "amount": amount, "currency": one.currency,
        "reason": one.reason,
    }  # fmt: skip
