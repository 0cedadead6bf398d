"""What a month brings a person, for the reading API. Roles and rights are those of the page; no recorded activity."""

from flask import Blueprint, Response

from planwhy_collector.jobs.paying import needed_basis
from planwhy_collector.plan.pay import month_pay
from planwhy_collector.plan.period import parse_period
from planwhy_collector.report.pay import pay_document
from planwhy_collector.services import services
from planwhy_collector.web.api.answer import answer, asked
from planwhy_collector.web.pay import person_with_pay
from planwhy_collector.web.roles import role

paid = Blueprint("paid", __name__)


@paid.get("/employees/<key>/pay")
@role("employee", "supervisor", "admin")
def pay(key: str) -> Response:
    """What a month brings, line by line; 404 where no scheme is in force on its first day."""
    month = parse_period(asked("period"))
    with services().database.reading() as session:
        person = person_with_pay(session, key)
        basis = needed_basis(session, person, month)
    found = month_pay(basis.scheme, basis.facts)
    return answer(pay_document(person.key, month, basis.stored.since, found))
