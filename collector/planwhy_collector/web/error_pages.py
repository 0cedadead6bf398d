"""What a browser is shown instead of a page. In: errors. Out: a page that says what happened and what to do.

Never: a page of errors that needs the database to say that the database is away.
"""

from urllib.parse import urlsplit

from flask import Blueprint, Flask, g, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from planwhy_collector.away import is_away
from planwhy_collector.errors import PlanwhyError
from planwhy_collector.ingest.answers import RETRY_AFTER_S, failure, is_api, note_away, note_unexpected
from planwhy_collector.ingest.refusal import request_id
from planwhy_collector.report.language import N_
from planwhy_collector.web.pages import page
from planwhy_collector.web.refusals import refusal_words
from planwhy_collector.web.visitor import spoken

SAID = {
    403: N_("This is not for you"),
    404: N_("There is no such page"),
    429: N_("Too many tries, wait a minute"),
    503: N_("Something needed is away for now"),
}
TOO_LARGE = 413
"""A body that is not read."""
_WORDS = ("reason", "text", "answer", "circumstance_")
"""Beginnings of the names of fields for sentences."""


def register(app: Flask) -> None:
    """Answer addresses that there are not."""
    app.register_error_handler(404, _not_found)


def prepare(blueprint: Blueprint) -> None:
    """Give a page's blueprint the error pages."""
    blueprint.register_error_handler(PlanwhyError, _planwhy)
    blueprint.register_error_handler(CSRFError, _http)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(Exception, _unexpected)


def _not_found(error: HTTPException) -> ResponseReturnValue:
    """Answer for an address that there is not: a page, or JSON for the API."""
    if is_api():
        return failure(404, "not_found", error.description or error.name, retryable=False)
    return _told(404, "")


def _planwhy(error: PlanwhyError) -> ResponseReturnValue:
    return _bare(503) if error.status == 503 else _told(error.status, error.detail)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    return _told(error.code or 500, error.description or "")


def _unexpected(error: Exception) -> ResponseReturnValue:
    """The outermost loop of a page."""
    if is_away(error):
        note_away(error)
        return _bare(503)
    note_unexpected(error)
    return _bare(500)


def _told(status: int, detail: str) -> ResponseReturnValue:
    """The page of an error within the site's frame, which asks the database who is reading."""
    try:
        told = refusal_words(detail, spoken())
        more = {"told": told, "back": _back(), "words_typed": _words_typed(status)}
        return page("error.html", title=_title(status), detail=detail, status=status, **more), status
    except SQLAlchemyError as error:
        return _unexpected(error)


def _bare(status: int) -> ResponseReturnValue:
    """A page for whoever reads it: the database is not asked who that is."""
    g.visitor = None
    more = {"title": _title(status), "wait": status == 503, "words_typed": _words_typed(status), "again": _again()}
    shown = page("away.html", request_id=request_id(), **more)
    wait = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}
    return shown, status, wait | {"Cache-Control": "no-store"}


def _title(status: int) -> str:
    return SAID.get(status, N_("This did not work"))


def _again() -> str:
    """Where trying again leads: to the page that was asked for; never to a form that was sent."""
    return request.full_path.rstrip("?") if request.method == "GET" else _back()


def _back() -> str:
    """The page of ours that the visitor came from; the first one where none is known."""
    came = urlsplit(request.referrer or "")
    return came._replace(scheme="", netloc="").geturl() if came.netloc == request.host else "/"


def _words_typed(status: int) -> list[str]:
    """What was written into a form in so many words, so that it is not lost; nothing else of it, and no password."""
    if request.method != "POST" or status == TOO_LARGE:
        return []
    return [text for name, text in request.form.items() if name.startswith(_WORDS) and text.strip()]
