"""Who is asking, in which language, and whether this route is for them.

In: the session cookie or a bearer token. Out: the account of this request. Never: a cookie's value in a log.
"""

from urllib.parse import quote

from flask import Flask, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from planwhy_collector.errors import Forbidden
from planwhy_collector.ingest.refusal import Refusal
from planwhy_collector.queries.sessions import SESSION_HOURS, user_of_api_token, user_of_session
from planwhy_collector.queries.users import UserFact
from planwhy_collector.report.language import LOCALES, Language, language
from planwhy_collector.services import services
from planwhy_collector.web.roles import PUBLIC, roles_of

COOKIE = "planwhy_session"
LOCALE_COOKIE = "planwhy_language"
_OWN = ("pages", "api")


def register(app: Flask) -> None:
    """Check each request for the pages and the reading API before it reaches its view."""
    app.before_request(check_role)


def check_role() -> ResponseReturnValue | None:
    """Send strangers to the sign-in page; refuse roles that a route is not for, and routes that state none."""
    if not _is_ours():
        return None
    wanted = roles_of(current_app.view_functions.get(request.endpoint or ""))
    if wanted == PUBLIC:
        return None
    user = visitor()
    if user is None:
        return _ask_to_sign_in()
    if wanted is None or user.role not in wanted:
        raise Forbidden("this is not for your role")
    return None


def visitor() -> UserFact | None:
    """The account of this request; None for strangers."""
    if "visitor" not in g:
        g.visitor = _find()
    found: UserFact | None = g.visitor
    return found


def user() -> UserFact:
    """The account of this request. Raises Forbidden for strangers; routes that are not public have one."""
    found = visitor()
    if found is None:
        raise Forbidden("sign in first")
    return found


def spoken() -> Language:
    """The language: the account's, else the browser's cookie, else the setting."""
    found = visitor()
    cookie = request.cookies.get(LOCALE_COOKIE)
    chosen = (found and found.locale) or (cookie if cookie in LOCALES else None)
    return language(chosen or services().settings.default_locale)


def keep_signed_in(answer: Response, token: str) -> Response:
    """Give the browser its session cookie."""
    secure = request.is_secure or services().settings.public_url.startswith("https://")
    answer.set_cookie(
        COOKIE, token, max_age=SESSION_HOURS * 3600, httponly=True, samesite="Lax", secure=secure, path="/"
    )
    return answer


def _is_ours() -> bool:
    return (request.blueprint or "").partition(".")[0] in _OWN


def _find() -> UserFact | None:
    now_ms = services().now_ms()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    with services().database.reading() as session:
        if request.path.startswith("/api/") and scheme.lower() == "bearer":
            return user_of_api_token(session, token.strip(), now_ms)
        return user_of_session(session, request.cookies.get(COOKIE, ""), now_ms)


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        raise Refusal(401, "unauthorised", "sign in, or send a personal API token as Bearer")
    then = quote(request.full_path.rstrip("?")) if request.method == "GET" else ""
    return redirect(f"/sign-in?then={then}" if then and then != "/" else "/sign-in")
