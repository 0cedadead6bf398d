"""What all pages share: rendering in the reader's language, headers, errors, CSRF. In: view data. Out: answers.

Never: a script from elsewhere, an inline script or style, a text that is not escaped.
"""

from datetime import date
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from markupsafe import Markup
from planwhy_shared.times import day_of
from werkzeug.exceptions import HTTPException

from planwhy_collector.errors import PlanwhyError
from planwhy_collector.ingest.answers import failure, is_api
from planwhy_collector.queries.secrets import secret
from planwhy_collector.report import words
from planwhy_collector.report.charts import Spec, svg
from planwhy_collector.report.language import N_
from planwhy_collector.services import services
from planwhy_collector.web.refusals import refusal_words
from planwhy_collector.web.visitor import spoken, visitor

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SAID = {
    403: N_("This is not for you"),
    404: N_("There is no such page"),
    429: N_("Too many tries, wait a minute"),
    503: N_("Something needed is away for now"),
}
TOO_LARGE = 413
"""A body that is not read."""
_WORDS = ("reason", "text", "circumstance_")
"""Beginnings of the names of fields for sentences."""
_csrf = CSRFProtect()


def page(template: str, **values: Any) -> str:
    """Render a page with what every page needs."""
    say = spoken()
    return render_template(template, say=say, user=visitor(), words=words, path=request.full_path.rstrip("?"), **values)


def chart(spec: Spec) -> Markup:
    """Draw a chart to stand in a page."""
    return Markup(svg(spec))  # noqa: S704  our own drawing; the texts in it are escaped by the drawing


def today(zone: ZoneInfo) -> date:
    """The day it is for a person."""
    return day_of(services().now_ms(), zone)


def register(app: Flask) -> None:
    """Prepare templates, CSRF and headers."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_say, _say_n, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["csrf_token"] = generate_csrf
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, SESSION_COOKIE_NAME="planwhy_form")
    app.config.update(SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")
    app.config["SESSION_COOKIE_SECURE"] = services_of(app).settings.public_url.startswith("https://")
    app.secret_key = services_of(app).settings.secret_key or _stored_key(app)
    _csrf.init_app(app)
    app.register_error_handler(404, not_found)
    app.after_request(_headers)


def prepare(blueprint: Blueprint) -> None:
    """Give a page's blueprint the check of forms and the error pages."""
    blueprint.before_request(_csrf.protect)
    blueprint.register_error_handler(PlanwhyError, _planwhy)
    blueprint.register_error_handler(CSRFError, _http)
    blueprint.register_error_handler(HTTPException, _http)


def services_of(app: Flask) -> Any:
    """The services of an application outside of a request."""
    return app.extensions["planwhy"]


def not_found(error: HTTPException) -> ResponseReturnValue:
    """Answer for an address that there is not: a page, or JSON for the API."""
    if is_api():
        return failure(404, "not_found", error.description or error.name, retryable=False)
    return _error_page(404, ""), 404


def _say(text: str) -> str:
    return spoken().texts.gettext(text)


def _say_n(one: str, many: str, number: int) -> str:
    return spoken().texts.ngettext(one, many, number)


def _stored_key(app: Flask) -> bytes:
    with services_of(app).database.writing() as session:
        return secret(session, "pages")


def _headers(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if answer.mimetype == "text/html" and "visitor" in g:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _planwhy(error: PlanwhyError) -> ResponseReturnValue:
    return _error_page(error.status, error.detail), error.status


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    status = error.code or 500
    return _error_page(status, error.description or ""), status


def _error_page(status: int, detail: str) -> str:
    title = SAID.get(status, N_("This did not work"))
    told = refusal_words(detail, spoken())
    more = {"told": told, "back": _back(), "words_typed": _words_typed(status)}
    return page("error.html", title=title, detail=detail, status=status, **more)


def _back() -> str:
    """The page of ours that the visitor came from; the first one where none is known."""
    came = urlsplit(request.referrer or "")
    return came._replace(scheme="", netloc="").geturl() if came.netloc == request.host else "/"


def _words_typed(status: int) -> list[str]:
    """What was written into a form in so many words, so that it is not lost; nothing else of it, and no password."""
    if request.method != "POST" or status == TOO_LARGE:
        return []
    return [text for name, text in request.form.items() if name.startswith(_WORDS) and text.strip()]
