"""Reads what a page's address and forms ask for. In: the request. Out: periods, days, people. Raises InvalidInput."""

import re
from datetime import date, datetime, timedelta

from flask import request
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Person
from planwhy_collector.gate import may_know_of
from planwhy_collector.plan.period import Period, month_of, parse_period
from planwhy_collector.queries.people import person, person_by_id
from planwhy_collector.web.visitor import user

LONGEST = 40
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?(e[+-]?[0-9]{1,2})?")


def asked_period(name: str, default: date) -> Period:
    """The period that the address names; the month of the default day where it names none."""
    text = request.args.get(name, "")[:LONGEST]
    return parse_period(text) if text else month_of(default)


def asked_day(text: str) -> date:
    """A day such as 2026-10-05."""
    try:
        found = date.fromisoformat(text[:LONGEST])
    except ValueError:
        found = date.min
    if not date(2000, 1, 1) <= found <= date(9000, 1, 1):
        raise InvalidInput(f"day {text[:LONGEST]!r}: expected such as 2026-10-05")
    return found


def asked_moment(name: str) -> str:
    """A local time that the address suggests for a form, such as 2026-10-05T10:00; empty where it is none."""
    text = request.args.get(name, "")[:16]
    try:
        return datetime.fromisoformat(text).isoformat(timespec="minutes")[:16]
    except ValueError:
        return ""


def typed(name: str) -> str:
    """A field of the form; empty where it is missing."""
    return request.form.get(name, "")


def typed_number(name: str) -> float:
    """A number of the form, written with a comma or a point. Raises InvalidInput that names the field."""
    text = "".join(typed(name)[:LONGEST].split()).replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise InvalidInput(f"{name} {text!r}: expected a number")
    return float(text)


def own_person(session: Session) -> Person:
    """The employee whose account this is. Raises NotFound where it is nobody's."""
    employee_id = user().employee_id
    if employee_id is None:
        raise NotFound("this account belongs to no employee, so there is no page of its own")
    return person_by_id(session, employee_id)


def known_person(session: Session, key: str) -> Person:
    """An employee whom the visitor may know of: one of the own people, or oneself. Raises NotFound."""
    found = person(session, key)
    may_know_of(user(), found)
    return found


def neighbours(period: Period) -> tuple[str, str]:
    """The calendar months before and after."""
    before, after = period.first.replace(day=1) - timedelta(days=1), period.last + timedelta(days=1)
    return month_of(before).text, month_of(after).text
