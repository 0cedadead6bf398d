"""What is counted: kinds of time, sales contacts, contracts, and which of them are late."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.explain.lateness import late_contacts
from planwhy_collector.explain.quantities import Sales, SalesFacts, sales_of, time_split
from planwhy_collector.explain.task_life import life_of
from planwhy_collector.explain.worktime import WorkTime
from planwhy_collector.facts import ContactFact, DealFact, TaskFact
from planwhy_collector.rollup.piece import Total
from planwhy_shared.times import HOUR_MS, Interval

DAY = 24 * HOUR_MS
WORKING = WorkTime([Interval(n * DAY + 9 * HOUR_MS, n * DAY + 17 * HOUR_MS) for n in range(10)])
MONDAY = date(2026, 10, 5)


def deal(key: str, kind: str = "new", currency: str = "RUB", amount: int | None = 100) -> DealFact:
    return DealFact(key, 1, None, kind, "", None if amount is None else Decimal(amount), currency, 0, 2 * DAY, "won")


def contact(key: str, **named: str | None) -> ContactFact:
    names = {"deal_id": None, "client_id": None, "task_id": None} | named
    return ContactFact(key, 1, DAY + 12 * HOUR_MS, "email", "out", 0, **names)


def task(key: str, deadline: int | None, closed: int | None = None, entity: str = "d1", kind: str = "deal") -> TaskFact:
    return TaskFact(key, 1, "", 0, deadline, False, closed, kind, entity, "")


def counted(
    contacts: tuple[ContactFact, ...] = (), won: tuple[DealFact, ...] = (), tasks: tuple[TaskFact, ...] = (),
    deals: tuple[DealFact, ...] = (), metric: str = "contracts",
) -> Sales:  # fmt: skip
    held = [life_of(task).held_by(1) for task in tasks]
    facts = SalesFacts(contacts, won, held, {d.id: d for d in deals}, {t.id: t for t in tasks})
    return sales_of(facts, metric, "RUB", WORKING)


@pytest.mark.parametrize(
    ("made", "is_sales"),
    [
        (contact("c", deal_id="new"), True),
        (contact("c", deal_id="upsell"), True),
        (contact("c", deal_id="recurring"), False),
        (contact("c", deal_id="unknown"), True),
        (contact("c", client_id="7"), False),
        (contact("c", task_id="on_lead"), True),
        (contact("c", task_id="on_deal"), True),
        (contact("c", task_id="on_client"), False),
        (contact("c"), False),
    ],
)
def test_a_sales_contact_is_one_on_a_lead_or_on_a_deal_of_new_business(made: ContactFact, is_sales: bool) -> None:
    tasks = tuple(task(f"on_{kind}", None, entity="new", kind=kind) for kind in ("lead", "deal", "client"))
    deals = tuple(deal(kind, kind) for kind in ("new", "upsell", "recurring"))
    assert counted((made,), tasks=tasks, deals=deals).counts.contacts == is_sales


def test_a_contract_without_contact_implies_one_and_recurring_deals_are_no_contracts() -> None:
    found = counted(won=(deal("d1"), deal("d2", "recurring"))).counts
    assert (found.contacts, found.contracts, found.revenue) == (1, 1, 100.0)


def test_a_contract_is_late_when_its_deal_had_a_late_contact() -> None:
    overdue = task("t", 10 * HOUR_MS)
    found = counted((contact("c1", deal_id="d1"), contact("c2", deal_id="d2")), (deal("d1"), deal("d2")), (overdue,))
    assert (found.counts.contacts_late, found.counts.contracts_late) == (1, 1)
    assert (found.counts.contacts_on_time, found.counts.contracts_on_time) == (1, 1)


def test_what_is_left_out_of_the_counts_is_counted() -> None:
    won = (deal("a"), deal("b", currency="USD"), deal("c", amount=None))
    found = counted((contact("c1"),), won, metric="revenue")
    assert (found.other_currency, found.no_amount, found.no_card) == (1, 1, 1)
    assert (found.counts.contracts, found.counts.revenue) == (2, 100.0)


@pytest.mark.parametrize(
    ("deadline", "closed", "at", "late"),
    [
        (10 * HOUR_MS, None, 11 * HOUR_MS, False),
        (10 * HOUR_MS, None, 11 * HOUR_MS + 1, True),
        (10 * HOUR_MS, 12 * HOUR_MS, 12 * HOUR_MS, True),
        (10 * HOUR_MS, 12 * HOUR_MS, 12 * HOUR_MS + 1, False),
        (16 * HOUR_MS, None, DAY + 8 * HOUR_MS, False),
        (16 * HOUR_MS, None, DAY + 10 * HOUR_MS, True),
        (None, None, 5 * DAY, False),
    ],
)
def test_a_contact_is_late_more_than_a_working_hour_after_a_deadline(
    deadline: int | None, closed: int | None, at: int, late: bool
) -> None:
    found = late_contacts(
        [("c", at, "d1"), ("other", at, "d2")], [life_of(task("t", deadline, closed)).held_by(1)], WORKING
    )
    assert found == ({"c"} if late else set())


def test_what_the_totals_do_not_tell_of_a_day_is_unrecorded_and_of_an_approved_absence_absent() -> None:
    totals = [Total(MONDAY, "active", "work", None, "sales", None, HOUR_MS, HOUR_MS)]
    tuesday = date(2026, 10, 6)
    found = time_split(totals, {MONDAY: 8 * HOUR_MS, tuesday: 8 * HOUR_MS}, {tuesday: 8 * HOUR_MS})
    assert (found.sales, found.none, found.absent) == (HOUR_MS, 7 * HOUR_MS, 8 * HOUR_MS)
    assert found.expected == 16 * HOUR_MS


@given(st.integers(0, 10 * DAY), st.integers(0, 10 * DAY), st.integers(0, 10 * DAY))
def test_working_time_adds_up_over_neighbouring_stretches(one: int, two: int, three: int) -> None:
    a, b, c = sorted((one, two, three))
    assert WORKING.ms(a, b) + WORKING.ms(b, c) == WORKING.ms(a, c) <= c - a
    assert WORKING.ms(c, a) == 0
