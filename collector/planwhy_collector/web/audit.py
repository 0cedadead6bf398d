"""For the works council: the log of looks with its check. Read-only, no detail of anyone."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from planwhy_collector.errors import InvalidInput
from planwhy_collector.queries.looks import looks_before, verify_chain
from planwhy_collector.queries.people import people
from planwhy_collector.services import services
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import role

pages = Blueprint("audit", __name__)
PAGE = 100


@pages.get("/audit")
@role("admin", "council")
def log() -> ResponseReturnValue:
    """Who looked at whom, when, by which right and why; and whether the log is whole."""
    with services().database.reading() as session:
        found = looks_before(session, _before(), PAGE)
        names = {one.id: one for one in people(session)}
        chain = verify_chain(session)
    more = found[-1].seq if len(found) == PAGE else None
    return page("audit.html", looks=found, people=names, chain=chain, more=more)


def _before() -> int | None:
    text = request.args.get("before", "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidInput(f"before: {text[:40]!r} is not a number")
    return int(text) if text else None
