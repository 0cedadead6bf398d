"""What a month brings, on the person's own page and on that for the supervisor, with a plain "what if".

In: CRM facts, plans and the scheme in force; the assumptions in the address. Out: pages. Never: recorded activity, so
that no gate is asked and no look is written. Whether a supervisor may see it is a setting. Always one person: there is
no table of people.
"""

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from planwhy_collector.errors import Forbidden, InvalidInput
from planwhy_collector.facts import Person
from planwhy_collector.gate import is_self
from planwhy_collector.jobs.paying import PayBasis, is_month, needed_basis, pay_basis
from planwhy_collector.plan.pay import MonthPay, month_pay
from planwhy_collector.plan.pay_what_if import Assumed, read_amount, read_amounts, what_if_pay
from planwhy_collector.plan.period import Period
from planwhy_collector.queries.pay import SchemeFact, scheme_on
from planwhy_collector.report import pay as words_of_pay
from planwhy_collector.report.pay import PartSum, part_changes, part_sums
from planwhy_collector.report.pay_table import plan_sentence
from planwhy_collector.services import services
from planwhy_collector.web.asked import LONGEST, asked_period, known_person, neighbours
from planwhy_collector.web.pages import page, today
from planwhy_collector.web.visitor import spoken, user

FIELDS = ("new", "upsell", "client")
BLANKS = 2
"""Empty fields for each kind of assumption, after those that are filled."""


@dataclass(frozen=True, slots=True)
class PayShown:
    """A month's pay ready for a template; `sentence` tells the plan reached, "" where no coefficient depends on it."""

    stored: SchemeFact
    pay: MonthPay
    sums: tuple[PartSum, ...]
    sentence: str


def pay_page(session: Session, person: Person) -> str:
    """The page of a month, with what it would bring if. Raises InvalidInput, and NotFound without a scheme."""
    period, assumed = asked_period("period", today(person.zone)), _assumed()
    basis = needed_basis(session, person, period)
    both = what_if_pay(basis.scheme, basis.scheme, basis.facts, assumed)
    before, after = neighbours(period)
    return page(
        "pay.html", person=person, period=period, before=before, after=after, own=is_self(user(), person),
        shown=_shown(basis, both.before), both=both if assumed else None, fields=_fields(),
        changed=part_changes(both), after_plan=_sentence(both.after), pay_words=words_of_pay,
        running=period.last >= today(person.zone),
    )  # fmt: skip


def pay_card(session: Session, person: Person, period: Period) -> dict[str, object]:
    """What the own page shows of a month; `pay` is None for other periods, and for months without a scheme.

    A stored scheme that cannot be read is told as `pay_problem`; the rest of the page has nothing to do with it.
    """
    common = {"pay_words": words_of_pay, "running": period.last >= today(person.zone)}
    try:
        basis = pay_basis(session, person, period) if is_month(period) else None
    except InvalidInput as error:
        return common | {"pay": None, "pay_problem": error.detail}
    return common | {"pay": _shown(basis, month_pay(basis.scheme, basis.facts)) if basis else None}


def pay_open(session: Session, person: Person, period: Period) -> bool:
    """Whether there is a page of that month's pay that the visitor may see."""
    visible = is_self(user(), person) or services().settings.pay_visible_to_supervisor
    return visible and is_month(period) and scheme_on(session, period.first) is not None


def person_with_pay(session: Session, key: str) -> Person:
    """An employee whose pay the visitor may see. Raises NotFound, and Forbidden where only the person may."""
    person = known_person(session, key)
    if not (is_self(user(), person) or services().settings.pay_visible_to_supervisor):
        raise Forbidden("what a month brings is shown to the person only")
    return person


def _shown(basis: PayBasis, pay: MonthPay) -> PayShown:
    return PayShown(basis.stored, pay, part_sums(pay), _sentence(pay))


def _sentence(pay: MonthPay) -> str:
    return plan_sentence(pay.plan, spoken()) if pay.plan else ""


def _assumed() -> Assumed:
    new, upsell, client = (read_amounts(name, request.args.getlist(name)) for name in FIELDS)
    target = request.args.get("target", "").strip()
    return Assumed(new, upsell, client, read_amount("target", target) if target else None)


def _fields() -> dict[str, list[str]]:
    """What the form holds: what was typed, and some empty fields."""
    typed = {name: [text[:LONGEST] for text in request.args.getlist(name) if text.strip()] for name in FIELDS}
    return {name: [*texts, *[""] * BLANKS] for name, texts in typed.items()}
