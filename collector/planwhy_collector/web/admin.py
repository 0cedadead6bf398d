"""The administrator's home: people, machines, codes. Never: what anyone did."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from planwhy_collector.ingest.enrolment import issue_code
from planwhy_collector.queries.devices import devices
from planwhy_collector.queries.people import people
from planwhy_collector.queries.users import users
from planwhy_collector.services import services
from planwhy_collector.web.asked import typed
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import role

pages = Blueprint("admin", __name__, url_prefix="/admin")


@pages.get("")
@role("admin")
def home() -> ResponseReturnValue:
    """Employees, their machines, and the accounts."""
    return _page(None, "")


@pages.post("/enrol-codes")
@role("admin")
def code() -> ResponseReturnValue:
    """Make an enrolment code and show it once."""
    key = typed("employee")[:200]
    with services().database.writing() as session:
        issued = issue_code(session, key, services().now_ms())
    return _page(issued, key)


def _page(issued: object, key: str) -> str:
    with services().database.reading() as session:
        staff = sorted(people(session), key=lambda one: (one.name, one.key))
        found = devices(session)
        accounts = users(session)
    machines = {one.id: [d for d in found if d.employee_id == one.id] for one in staff}
    return page("admin.html", staff=staff, machines=machines, accounts=accounts, issued=issued, key=key)
