"""What a month brings a person under a scheme. In: a scheme, the month's contracts, clients in care and plan.

Out: lines that add up exactly to the total. Never: anything of recorded activity, and never less than nothing: each
line is an amount × a share × the days in care of the month × the coefficient, none of which can be negative.

Exact arithmetic: decimals and fractions, rounded half up once per line to the currency's minor unit. The coefficient
is rounded half up to four decimals before it is used, so that every line can be checked by hand. Source: method,
section 4.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal

from planwhy_collector.plan.pay_scheme import ONE, PARTS, Part, PlanRule, Rate, Scheme

COEFFICIENT_DIGITS = 4
Reason = Literal["recurring", "not_in_scheme", "no_amount", "other_currency", "below_zero"]


@dataclass(frozen=True, slots=True)
class PayItem:
    """A contract won (`sale`, `upsell`, `recurring`), or a client in care (`service`) for `days` of the month.

    `assumed`: not a fact, but asked "what if".
    """

    part: Part | Literal["recurring"]
    id: str
    name: str
    amount: Decimal | None
    currency: str | None
    days: int | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """The plan of the whole month. The currency is that of a plan for revenue."""

    metric: str
    target: Decimal
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """What pay is computed from: the month's days, how many of them employed, items in their order, the plan."""

    days: int
    employed_days: int
    items: tuple[PayItem, ...]
    goal: Goal | None


@dataclass(frozen=True, slots=True)
class PayLine:
    """One amount of the total: `on` × share × days of the month (where there are any) × coefficient.

    Shares are 0–1. `slice` counts the slices from 1 into which marginal tiers cut one amount.
    """

    part: Part
    id: str
    name: str
    slice: int
    on: Decimal
    share: Decimal
    days: int | None
    coefficient: Decimal
    amount: Decimal
    assumed: bool


@dataclass(frozen=True, slots=True)
class NotCounted:
    """An item that brings nothing here, and why."""

    part: str
    id: str
    name: str
    amount: Decimal | None
    currency: str | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class PlanReached:
    """The share of the plan reached (cut to four decimals) and the coefficient that gives.

    All but the coefficient, then 1, is None where the month has no plan.
    """

    metric: str | None
    target: Decimal | None
    actual: Decimal | None
    currency: str | None
    reached: Decimal | None
    coefficient: Decimal


@dataclass(frozen=True, slots=True)
class MonthPay:
    """What a month brings. `plan` is None where the scheme has no coefficient."""

    currency: str
    digits: int
    month_days: int
    lines: tuple[PayLine, ...]
    total: Decimal
    plan: PlanReached | None
    not_counted: tuple[NotCounted, ...]


def month_pay(scheme: Scheme, facts: MonthFacts) -> MonthPay:
    """Compute what a month brings; nothing can be negative."""
    plan = _plan_reached(scheme.plan, facts) if scheme.plan else None
    lines = tuple(_lines(scheme, facts, plan.coefficient if plan else ONE))
    total = sum((line.amount for line in lines), _rounded(Fraction(0), scheme.digits))
    left = tuple(
        NotCounted(item.part, item.id, item.name, item.amount, item.currency, reason)
        for item in facts.items
        if (reason := _why_not(scheme, item))
    )
    return MonthPay(scheme.currency, scheme.digits, facts.days, lines, total, plan, left)


def coefficient_of(rule: PlanRule, reached: Fraction) -> Decimal:
    """The coefficient at a share of the plan: of the last step reached, or on the line to the next one.

    Never above 1 below the plan, not even on the line to a higher step at it.
    """
    at = bisect_right([Fraction(step.reached) for step in rule.steps], reached) - 1
    step = rule.steps[at]
    exact = Fraction(step.coefficient)
    if rule.interpolate and at + 1 < len(rule.steps):
        after = rule.steps[at + 1]
        way = (reached - Fraction(step.reached)) / Fraction(after.reached - step.reached)
        exact += way * Fraction(after.coefficient - step.coefficient)
    return _rounded(min(exact, Fraction(1)) if reached < 1 else exact, COEFFICIENT_DIGITS)


def slices(rate: Rate, rank: int, count: int, amount: Decimal) -> Iterator[tuple[Decimal, Decimal]]:
    """Cut an amount, the `rank`-th of `count` in the month, into (part of it, share). The parts add up to it."""
    starts = [tier.start for tier in rate.tiers]
    if rate.by == "amount" and rate.marginal:
        for tier, end in zip(rate.tiers, [*starts[1:], None], strict=True):
            upto = amount if end is None else min(amount, end)
            if upto > tier.start or not tier.start:
                yield upto - tier.start, tier.share
        return
    place = amount if rate.by == "amount" else Decimal(rank if rate.marginal else count)
    yield amount, rate.tiers[bisect_right(starts, place) - 1].share


def _lines(scheme: Scheme, facts: MonthFacts, coefficient: Decimal) -> Iterator[PayLine]:
    if scheme.base_salary is not None and facts.employed_days:
        days = None if facts.employed_days == facts.days else facts.employed_days
        base = PayItem("base", "", "", scheme.base_salary, scheme.currency, days)
        yield _line("base", base, 1, (scheme.base_salary, ONE), ONE, facts.days, scheme.digits)
    bonus = scheme.plan.parts if scheme.plan else frozenset()
    for part in PARTS:
        if (rate := scheme.rate(part)) is None:
            continue
        items = [item for item in facts.items if item.part == part]
        own = coefficient if part in bonus else ONE
        for rank, item in enumerate(items, 1):
            if item.amount is not None and _why_not(scheme, item) is None:
                for number, cut in enumerate(slices(rate, rank, len(items), item.amount), 1):
                    yield _line(part, item, number, cut, own, facts.days, scheme.digits)


def _line(
    part: Part, item: PayItem, number: int, cut: tuple[Decimal, Decimal], coefficient: Decimal, of: int, digits: int
) -> PayLine:
    on, share = cut
    days = Fraction(1) if item.days is None else Fraction(item.days, of)
    amount = _rounded(Fraction(on) * Fraction(share) * days * Fraction(coefficient), digits)
    return PayLine(part, item.id, item.name, number, on, share, item.days, coefficient, amount, item.assumed)


def _why_not(scheme: Scheme, item: PayItem) -> Reason | None:
    if item.part == "recurring":
        return "recurring"
    if scheme.rate(item.part) is None:
        return "not_in_scheme"
    if item.amount is None:
        return "no_amount"
    if _code(item.currency) != scheme.currency:
        return "other_currency"
    return "below_zero" if item.amount < 0 else None


def _plan_reached(rule: PlanRule, facts: MonthFacts) -> PlanReached:
    goal = facts.goal
    if goal is None:
        return PlanReached(None, None, None, None, None, _rounded(Fraction(1), COEFFICIENT_DIGITS))
    won = [item for item in facts.items if item.part in ("sale", "upsell")]
    if goal.metric == "contracts":
        actual = Decimal(len(won))
    else:
        same = [item.amount for item in won if item.amount is not None and _code(item.currency) == _code(goal.currency)]
        actual = sum(same, Decimal(0))
    reached = max(Fraction(0), Fraction(actual) / Fraction(goal.target)) if goal.target else Fraction(1)
    shown = Decimal(floor(reached * 10**COEFFICIENT_DIGITS)).scaleb(-COEFFICIENT_DIGITS)
    return PlanReached(goal.metric, goal.target, actual, goal.currency, shown, coefficient_of(rule, reached))


def _code(currency: str | None) -> str:
    return (currency or "").upper()


def _rounded(exact: Fraction, digits: int) -> Decimal:
    """Half up; only what is not negative comes here."""
    return Decimal(floor(exact * 10**digits + Fraction(1, 2))).scaleb(-digits)
