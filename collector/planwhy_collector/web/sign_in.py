"""Signing in and out: by password, by one-off link; and the choice of a language."""

from functools import cache
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs.accounts import fits, hashed
from planwhy_collector.queries import sessions
from planwhy_collector.queries.users import LOCALES, UserFact, password_of, set_locale, use_link
from planwhy_collector.report.language import N_
from planwhy_collector.services import services
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import public, signed_in
from planwhy_collector.web.visitor import COOKIE, LOCALE_COOKIE, keep_signed_in, visitor

pages = Blueprint("sign_in", __name__)
TRIES = "20 per minute; 100 per hour"
LINKS = "60 per minute"
limiter = Limiter(get_remote_address, storage_uri="memory://")
HOMES = {"supervisor": "/team", "employee": "/me", "admin": "/admin", "council": "/audit"}


def register(app: Flask) -> None:
    """Slow down the guessing of passwords and links, by address."""
    limiter.init_app(app)


@pages.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """Lead to the page that a role begins with."""
    found = visitor()
    return redirect(HOMES[found.role] if found else "/sign-in")


@pages.get("/sign-in")
@public
def form() -> ResponseReturnValue:
    """The sign-in form."""
    return redirect("/") if visitor() else page("sign_in.html", wrong=None, email="")


@pages.post("/sign-in")
@public
@limiter.limit(TRIES)
def by_password() -> ResponseReturnValue:
    """Sign in with e-mail and password. The answer does not tell which of them was wrong."""
    email, password = request.form.get("email", "")[:254], request.form.get("password", "")
    with services().database.reading() as session:
        found = password_of(session, email)
    right = fits(found[1] if found else _nobodys(), password)
    if not (found and right):
        return page("sign_in.html", wrong=N_("E-mail or password is wrong."), email=email), 401
    return _welcome(found[0], request.args.get("then", "/"))


@pages.get("/sign-in/<token>")
@public
@limiter.limit(LINKS)
def by_link(token: str) -> ResponseReturnValue:
    """Sign in with a one-off link. Programs that only look at it (HEAD) do not spend it."""
    if request.method == "HEAD":
        return Response()
    with services().database.writing() as session:
        found = use_link(session, token, services().now_ms())
    if found is None:
        wrong = N_("This link was used before or is too old. Ask for a new one.")
        return page("sign_in.html", wrong=wrong, email=""), 403
    return _welcome(found, "/")


@pages.post("/sign-out")
@signed_in
def out() -> ResponseReturnValue:
    """End this browser's session."""
    with services().database.writing() as session:
        sessions.end_session(session, request.cookies.get(COOKIE, ""))
    answer = make_response(redirect("/sign-in"))
    answer.delete_cookie(COOKIE, path="/")
    return answer


@pages.post("/language")
@public
def language() -> ResponseReturnValue:
    """Switch the language and remember it."""
    chosen = request.form.get("locale", "")
    if chosen not in LOCALES:
        raise InvalidInput(f"language {chosen[:20]!r}: expected one of {', '.join(LOCALES)}")
    if found := visitor():
        with services().database.writing() as session:
            set_locale(session, found.id, chosen)
    answer = make_response(redirect(_local(request.form.get("then", "/"))))
    answer.set_cookie(LOCALE_COOKIE, chosen, max_age=365 * 24 * 3600, httponly=True, samesite="Lax")
    return answer


def _welcome(found: UserFact, then: str) -> ResponseReturnValue:
    with services().database.writing() as session:
        token = sessions.open_session(session, found.id, services().now_ms())
    return keep_signed_in(make_response(redirect(_local(then))), token)


def _local(then: str) -> str:
    """The address to go on to: one of ours, or the home page."""
    parts = urlsplit(then)
    clean = then.startswith("/") and not then.startswith(("//", "/\\")) and not parts.netloc and "\\" not in then
    return then if clean and then.isprintable() else "/"


@cache
def _nobodys() -> str:
    """A hash that no password fits: unknown accounts take as long as known ones."""
    return hashed("no account has this password")
