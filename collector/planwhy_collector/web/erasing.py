"""Erasure of a person by an administrator, with the id typed as confirmation; and one's own data as a file."""

import tempfile

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.jobs.erasing import erase, what_would_go
from planwhy_collector.jobs.exporting import export
from planwhy_collector.queries.people import person, person_by_id
from planwhy_collector.services import services
from planwhy_collector.web.asked import typed
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import role, signed_in
from planwhy_collector.web.visitor import user

pages = Blueprint("erasing", __name__)


@pages.get("/admin/people/<key>/erase")
@role("admin")
def form(key: str) -> ResponseReturnValue:
    """What would go with a person, in numbers, and the form that asks for the typed id."""
    with services().database.reading() as session:
        who, going = person(session, key), what_would_go(session, key)
    return page("erase.html", person=who, counts=going, done=None)


@pages.post("/admin/people/<key>/erase")
@role("admin")
def confirmed(key: str) -> ResponseReturnValue:
    """Erase a person for good."""
    with services().database.reading() as session:
        who = person(session, key)
    if typed("confirm").strip() != who.key:
        raise InvalidInput("confirm: type the person's id to erase the person")
    done = erase(services().database, services().settings, key, user(), services().now_ms())
    return page("erase.html", person=None, counts=done.counts, done=done)


@pages.post("/me/export")
@signed_in
def own_data() -> ResponseReturnValue:
    """All that is known of oneself, as a file."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  the answer reads and closes it
    with services().database.writing() as session:
        if (own := user().employee_id) is None:
            raise NotFound("this account belongs to no employee, so there is no page of its own")
        export(session, target, user(), person_by_id(session, own), "", services().now_ms(), cli=False)
    target.seek(0)
    return send_file(target, "application/zip", as_attachment=True, download_name="planwhy-my-data.zip")
