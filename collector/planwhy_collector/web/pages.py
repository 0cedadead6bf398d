"""What all pages share: rendering in the reader's language, headers, CSRF. In: view data. Out: answers.

Never: a script from elsewhere, an inline script or style, a text that is not escaped.
"""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, g, render_template, request
from flask_wtf.csrf import CSRFProtect, generate_csrf
from markupsafe import Markup
from planwhy_shared.times import day_of

from planwhy_collector.queries.objections import count_open
from planwhy_collector.queries.secrets import secret
from planwhy_collector.report import words
from planwhy_collector.report.charts import Spec, svg
from planwhy_collector.report.objections import objection_words, sum_words
from planwhy_collector.services import services
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
    app.jinja_env.globals["objections_waiting"] = _objections_waiting
    app.jinja_env.globals |= {"objection_words": objection_words, "sum_words": sum_words}
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, SESSION_COOKIE_NAME="planwhy_form")
    app.config.update(SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")
    app.config["SESSION_COOKIE_SECURE"] = services_of(app).settings.public_url.startswith("https://")
    app.secret_key = services_of(app).settings.secret_key or _stored_key(app)
    _csrf.init_app(app)
    app.after_request(_headers)


def prepare(blueprint: Blueprint) -> None:
    """Give a page's blueprint the check of forms."""
    blueprint.before_request(_csrf.protect)


def services_of(app: Flask) -> Any:
    """The services of an application outside of a request."""
    return app.extensions["planwhy"]


def _objections_waiting() -> int:
    """How many objections wait for this visitor's answer."""
    found = visitor()
    if found is None or found.role not in ("supervisor", "admin"):
        return 0
    with services().database.reading() as session:
        return count_open(session, None if found.role == "admin" else found.email, found.employee_id)


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
