"""What a month brings, as text for a terminal. In: results, a language. Out: text without control characters."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from planwhy_collector.plan.pay import MonthPay, NotCounted, PayLine, PlanReached
from planwhy_collector.plan.pay_what_if import WhatIf
from planwhy_collector.report.language import Language
from planwhy_collector.report.pay import ONE_OF, REASONS
from planwhy_collector.report.words import METRICS

NAME_CHARS = 44


def pay_table(pay: MonthPay, say: Language) -> str:
    """The lines with their total, the coefficient, and what was not counted."""
    head = [
        say.say("What"),
        say.say("On"),
        say.say("Share"),
        say.say("Days"),
        say.say("Coefficient"),
        say.say("Amount"),
    ]
    rows = [_line(line, pay, say) for line in pay.lines]
    text = [*_aligned([head, *rows, [say.say("Total"), "", "", "", "", say.exact_money(pay.total, pay.currency)]])]
    if pay.plan:
        text += ["", plan_sentence(pay.plan, say)]
    if pay.not_counted:
        text += ["", f"{say.say('Not counted')}:", *(f"  {_left(one, say)}" for one in pay.not_counted)]
    return _joined(text)


def changes_table(both: WhatIf, say: Language) -> str:
    """What each line that changes brings in fact, what it would bring, and the difference."""
    code, after = both.after.currency, both.after
    head = [say.say("What"), say.say("In fact"), say.say("What if"), say.say("Difference")]
    rows = [
        [_what(c.part, c.name, c.assumed, say), *_three(c.before, c.after, code, say)]
        for c in both.changes
        if c.difference
    ]
    text = [*_aligned([head, *rows, [say.say("Total"), *_three(both.before.total, after.total, code, say)]])]
    return _joined([*text, "", plan_sentence(after.plan, say)] if after.plan else text)


def plan_sentence(plan: PlanReached, say: Language) -> str:
    """The share of the plan that was reached, and the coefficient that gives."""
    coefficient = say.decimal(plan.coefficient)
    if plan.target is None or plan.actual is None or plan.reached is None:
        return say.say("There is no plan for this month that could be used: the coefficient is 1.")
    return say.say(
        "Plan reached: %(share)s (%(actual)s of %(target)s %(metric)s); coefficient %(coefficient)s",
        share=say.exact_share(plan.reached), actual=say.decimal(plan.actual), target=say.decimal(plan.target),
        metric=plan.currency or say.say(METRICS[str(plan.metric)]), coefficient=coefficient,
    )  # fmt: skip


def _amount(one: NotCounted, say: Language) -> str:
    """The amount of something not counted, in its own currency where it names one."""
    amount = one.amount or Decimal(0)
    return say.exact_money(amount, one.currency) if one.currency else say.decimal(amount)


def _line(line: PayLine, pay: MonthPay, say: Language) -> list[str]:
    days = "" if line.days in (None, pay.month_days) else f"{line.days}/{pay.month_days}"
    return [
        _what(line.part, line.name, line.assumed, say), say.exact_money(line.on, pay.currency),
        say.exact_share(line.share), days, say.decimal(line.coefficient), say.exact_money(line.amount, pay.currency),
    ]  # fmt: skip


def _left(one: NotCounted, say: Language) -> str:
    amount = "" if one.amount is None else f", {_amount(one, say)}"
    return f"{_what(one.part, one.name, False, say)}{amount}: {say.say(REASONS[one.reason])}"


def _what(part: str, name: str, assumed: bool, say: Language) -> str:
    about = (
        say.say("assumed") if assumed else "".join(char if char.isprintable() else " " for char in name)[:NAME_CHARS]
    )
    return f"{say.say(ONE_OF[part])}: {about}" if about else say.say(ONE_OF[part])


def _three(before: Decimal, after: Decimal, currency: str, say: Language) -> list[str]:
    difference = say.exact_money(after - before, currency)
    signed = f"+{difference}" if after > before else difference
    return [say.exact_money(before, currency), say.exact_money(after, currency), signed]


def _joined(lines: Sequence[str]) -> str:
    """One text with ordinary spaces, so that it can be searched and copied."""
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def _aligned(rows: Sequence[list[str]]) -> Iterator[str]:
    """The first column to the left, the others to the right; columns that are empty below their head are left out."""
    kept = [n for n in range(len(rows[0])) if any(row[n] for row in rows[1:])]
    widths = {n: max(len(row[n]) for row in rows) for n in kept}
    for row in rows:
        cells = (row[n].ljust(widths[n]) if n == 0 else row[n].rjust(widths[n]) for n in kept)
        yield "  ".join(cells).rstrip()
