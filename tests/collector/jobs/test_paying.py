"""From the CRM to what a month brings; which scheme a month has; and that recorded activity plays no part in it."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from activity_rows import at, enrol, hire, record, talk
from crm_rows import deal, letters, plan, task
from pay_rows import PLAIN, STEPS, client, put_in_force
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import EmployeeRecord, Person
from planwhy_collector.jobs.paying import apply_scheme, needed_basis, pay_basis
from planwhy_collector.jobs.settle import settled_totals
from planwhy_collector.models import Client, Deal
from planwhy_collector.plan.pay import MonthPay, month_pay
from planwhy_collector.plan.period import parse_period
from planwhy_collector.queries.pay import SchemeFact, pay_schemes
from planwhy_collector.queries.people import add_employee
from planwhy_collector.queries.people import person as find_person
from planwhy_collector.report.pay import pay_document
from sqlalchemy import event, update

OCTOBER = date(2026, 10, 1), date(2026, 10, 31)


@pytest.fixture
def person(database: Database) -> Person:
    put_in_force(database)
    return hire(database)


def paid(database: Database, person: Person, month: str = "2026-10") -> MonthPay:
    with database.reading() as session:
        basis = needed_basis(session, person, parse_period(month))
    return month_pay(basis.scheme, basis.facts)


def document(database: Database, person: Person) -> bytes:
    found = pay_document(person.key, parse_period("2026-10"), OCTOBER[0], paid(database, person))
    return msgspec.json.encode(found)


def amounts(pay: MonthPay) -> dict[str, Decimal]:
    return {line.id: line.amount for line in pay.lines}


def test_contracts_of_the_month_in_the_persons_zone_are_paid_by_their_kind(database: Database, person: Person) -> None:
    deal(database, person, "first", won="2026-10-01 00:00")
    deal(database, person, "last", won="2026-10-31 23:59", kind="upsell")
    deal(database, person, "before", won="2026-09-30 23:59")
    deal(database, person, "after", won="2026-11-01 00:00")
    deal(database, person, "open")
    assert amounts(paid(database, person)) == {"first": Decimal("10.00"), "last": Decimal("5.00")}


def test_what_was_deleted_in_the_crm_does_not_count(database: Database, person: Person) -> None:
    deal(database, person, "d", won="2026-10-05 12:00")
    client(database, person, "c")
    assert paid(database, person).total == 20
    with database.writing() as session:
        session.execute(update(Deal).values(deleted_ms=1))
        session.execute(update(Client).values(deleted_ms=1))
    assert paid(database, person).lines == ()


def test_other_currencies_and_missing_amounts_are_listed(database: Database, person: Person) -> None:
    deal(database, person, "euro", won="2026-10-05 12:00", currency="EUR")
    deal(database, person, "bare", won="2026-10-05 12:00", amount=None)
    client(database, person, "dollar", currency="USD")
    client(database, person, "unknown", payment=None)
    pay = paid(database, person)
    reasons = {one.id: one.reason for one in pay.not_counted}
    assert pay.lines == () and pay.total == 0
    assert reasons == {"euro": "other_currency", "bare": "no_amount", "dollar": "other_currency",
                       "unknown": "no_amount"}  # fmt: skip


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [("2026-10-31", "2026-12-31", 1), ("2026-01-01", "2026-10-01", 1), ("2026-10-10", "2026-10-19", 10),
     ("2026-09-01", "2026-11-30", 31), ("2026-09-01", "2026-09-30", 0), ("2026-10-20", "2026-10-10", 0)],
)  # fmt: skip
def test_care_counts_calendar_days_whatever_the_clocks_do(
    database: Database, since: str, until: str, days: int
) -> None:
    """In Berlin the clocks go back on 25 October 2026, so that the month lasts an hour longer than its days."""
    put_in_force(database)
    with database.writing() as session:
        add_employee(session, EmployeeRecord("b1", "Test Person", time_zone="Europe/Berlin"))
        person = find_person(session, "b1")
    client(database, person, "c", payment="3100", since=since, until=until)
    assert amounts(paid(database, person)) == ({"c": Decimal(days)} if days else {})


def test_nobody_cares_for_clients_before_hiring_or_after_leaving(database: Database) -> None:
    put_in_force(database, 'base_salary = "3100"\n' + PLAIN)
    person = hire(database, hired_on=date(2026, 10, 12), left_on=date(2026, 10, 21))
    client(database, person, "c", payment="3100")
    pay = paid(database, person)
    assert {line.part: (line.days, line.amount) for line in pay.lines} == {"base": (10, 1000), "service": (10, 10)}


def test_the_coefficient_follows_the_plan_of_the_whole_month(database: Database) -> None:
    put_in_force(database, PLAIN + STEPS)
    person = hire(database)
    deal(database, person, "d", won="2026-10-05 12:00")
    assert paid(database, person).total == 10
    plan(database, person, "2026-10", 2.0)
    found = paid(database, person)
    assert found.plan and (found.plan.reached, found.total) == (Decimal("0.5"), 5)
    plan(database, person, "2026-10", 1.0)
    assert paid(database, person).total == 10


def test_quarter_plans_count_by_their_part_and_full_reach_is_full_reach(database: Database) -> None:
    """October 2026 has 22 of the quarter's 66 working days; a third of 9 contracts is 3 and not 2.9999999."""
    put_in_force(database, PLAIN + STEPS)
    person = hire(database)
    plan(database, person, "2026-Q4", 9.0)
    for number in range(3):
        deal(database, person, f"d{number}", won="2026-10-05 12:00")
    found = paid(database, person)
    assert found.plan and (found.plan.target, found.plan.coefficient, found.total) == (3, 1, 30)


def test_the_scheme_names_which_of_two_plans_it_means(database: Database) -> None:
    put_in_force(database, PLAIN + STEPS.replace("[plan]", '[plan]\nmetric = "revenue"'))
    person = hire(database)
    deal(database, person, "d", won="2026-10-05 12:00")
    plan(database, person, "2026-10", 50.0)
    plan(database, person, "2026-10", 100.0, metric="revenue", currency="RUB")
    found = paid(database, person)
    assert found.plan and (found.plan.metric, found.plan.actual, found.total) == ("revenue", 100, 10)


def test_a_month_keeps_the_scheme_of_its_first_day_when_a_later_one_comes(database: Database, person: Person) -> None:
    deal(database, person, "d", won="2026-10-05 12:00")
    client(database, person, "c")
    before = document(database, person)
    put_in_force(database, PLAIN.replace("10 %", "50 %"), since="2026-10-02")
    assert document(database, person) == before
    assert paid(database, person, "2026-11").total == 10
    deal(database, person, "n", won="2026-11-05 12:00")
    assert paid(database, person, "2026-11").total == 60


def test_a_month_that_has_ended_is_changed_only_on_purpose(database: Database, person: Person) -> None:
    today = date(2026, 11, 15)
    fact = SchemeFact(date(2026, 10, 31), PLAIN, 1, "test")
    with database.writing() as session:
        with pytest.raises(InvalidInput, match="since 2026-10-31: that month has ended"):
            apply_scheme(session, fact, today, correct=False)
        apply_scheme(session, SchemeFact(date(2026, 11, 1), PLAIN, 2, "test"), today, correct=False)
        apply_scheme(session, fact, today, correct=True)
    with database.reading() as session:
        assert [one.applied_ms for one in pay_schemes(session)] == [0, 1, 2]


def test_without_a_scheme_there_is_nothing_to_show_and_only_months_are_paid(database: Database) -> None:
    person = hire(database)
    with database.reading() as session:
        assert pay_basis(session, person, parse_period("2026-10")) is None
        with pytest.raises(NotFound, match="no pay scheme is in force on 2026-10-01"):
            needed_basis(session, person, parse_period("2026-10"))
        with pytest.raises(InvalidInput, match="pay is for a calendar month"):
            pay_basis(session, person, parse_period("2026-W43"))


def furnish(database: Database, person: Person) -> None:
    plan(database, person, "2026-10", 2.0)
    deal(database, person, "d", won="2026-10-05 12:00")
    client(database, person, "c", since="2026-10-10")


def test_totally_different_activity_gives_byte_identical_pay(database: Database) -> None:
    put_in_force(database, PLAIN + STEPS)
    person = hire(database)
    furnish(database, person)
    silent = document(database, person)
    work, play = "https://acme.bitrix24.ru/crm/deal/details/7/", "https://www.youtube.com/watch"
    device, now, seen = enrol(database, person), at("2026-11-02 12:00"), set()
    for day, what in (("2026-10-05", work), ("2026-10-06", play), ("2026-10-07", None)):
        record(database, person, device, [(f"{day} 09:00", f"{day} 18:00", "active" if what else "locked", what)])
        talk(database, person, f"{day} 10:00", 30, deal_id="d")
        letters(database, person, "d", f"{day} 12:00")
        task(database, person, f"t{day}", f"{day} 10:00", f"{day} 12:00", entity_type="deal", entity_id="d")
        seen.add(settled_totals(database, person, *OCTOBER, now))
        assert document(database, person) == silent
    assert len(seen) == 3


def test_pay_reads_no_table_that_knows_of_activity(database: Database) -> None:
    put_in_force(database, PLAIN + STEPS)
    person = hire(database)
    furnish(database, person)
    with database.reading() as session:
        statements: list[str] = []
        event.listen(session.get_bind(), "before_cursor_execute", lambda _c, _k, text, *_: statements.append(text))
        assert pay_basis(session, person, parse_period("2026-10"))
    tables = {text.split("FROM ")[1].split()[0] for text in statements if "FROM" in text}
    assert tables == {"pay_schemes", "deals", "clients", "plans"}
