"""One's own account: the password, and personal tokens for the reading API. Never: a token shown twice."""

from flask import Blueprint, make_response, redirect, request
from flask.typing import ResponseReturnValue

from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs.accounts import fits, hashed
from planwhy_collector.queries import sessions
from planwhy_collector.queries.mailing import READERS, set_digest, wants_digest
from planwhy_collector.queries.users import password_of, set_password
from planwhy_collector.services import services
from planwhy_collector.web.asked import typed
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import signed_in
from planwhy_collector.web.sign_in import limiter
from planwhy_collector.web.visitor import keep_signed_in, user

pages = Blueprint("account", __name__, url_prefix="/account")
TOKENS = 20
"""Most tokens of one account."""


@pages.get("")
@signed_in
def home() -> ResponseReturnValue:
    """The account and its tokens."""
    return _page("")


@pages.post("/tokens")
@signed_in
def new_token() -> ResponseReturnValue:
    """Make a token of 90 days and show it once."""
    label = " ".join(typed("label").replace("\x00", "").split())
    if not label:
        raise InvalidInput("label: is empty")
    with services().database.writing() as session:
        if len(sessions.api_tokens_of(session, user().id)) >= TOKENS:
            raise InvalidInput(f"tokens: an account holds at most {TOKENS}, withdraw one first")
        token = sessions.add_api_token(session, user().id, label, services().now_ms())
    return _page(token)


@pages.post("/tokens/withdraw")
@signed_in
def withdraw() -> ResponseReturnValue:
    """Withdraw a token."""
    with services().database.writing() as session:
        sessions.drop_api_token(session, user().id, typed("token")[:64])
    return redirect("/account")


@pages.post("/password")
@signed_in
@limiter.limit("20 per hour")
def password() -> ResponseReturnValue:
    """Set the password; the old one is asked for where there is one. All other browsers are signed out."""
    with services().database.reading() as session:
        stored = password_of(session, user().email)
    if stored and not fits(stored[1], typed("old")):
        raise InvalidInput("old password: is wrong")
    fresh = hashed(typed("new"))
    with services().database.writing() as session:
        set_password(session, user().id, fresh)
        sessions.end_sessions_of(session, user().id)
        token = sessions.open_session(session, user().id, services().now_ms())
    return keep_signed_in(make_response(redirect("/account")), token)


@pages.post("/digest")
@signed_in
def digest() -> ResponseReturnValue:
    """Switch the daily digest on or off."""
    with services().database.writing() as session:
        set_digest(session, user().id, typed("digest") == "on")
    return redirect("/account#digest")


def _page(token: str) -> str:
    with services().database.reading() as session:
        wanted = wants_digest(session, user().id)
        found = sessions.api_tokens_of(session, user().id)
        has_password = password_of(session, user().email) is not None
    shown = {"tokens": found, "token": token, "has_password": has_password, "digest": wanted}
    mailed = bool(services().settings.smtp_host) and user().role in READERS
    return page("account.html", root=request.url_root, mailed=mailed, hour=services().settings.digest_hour, **shown)
