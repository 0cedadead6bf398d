"""Signing in by link and password, sessions, CSRF, headers, language."""

import pytest
from planwhy_collector.jobs.accounts import hashed
from planwhy_collector.queries.users import set_password, sign_in_link
from planwhy_shared.times import HOUR_MS
from signed_in import LEAD, OWN, Site, send

PASSWORD = "correct horse battery"


def with_password(place: Site) -> None:
    with place.database.writing() as session:
        set_password(session, place.user(LEAD).id, hashed(PASSWORD))


def test_a_link_signs_in_once_and_a_look_at_it_does_not_spend_it(place: Site) -> None:
    with place.database.writing() as session:
        link = f"/sign-in/{sign_in_link(session, place.user(LEAD).id, place.now)}"
    place.client().head(link)
    assert place.client().get(link).location == "/"
    assert place.client().get(link).status_code == 403


def test_a_link_grows_too_old(place: Site) -> None:
    with place.database.writing() as session:
        token = sign_in_link(session, place.user(LEAD).id, place.now)
    place.now += 24 * HOUR_MS
    assert place.client().get(f"/sign-in/{token}").status_code == 403


def test_a_password_signs_in_and_a_wrong_one_does_not(place: Site) -> None:
    with_password(place)
    browser = place.client()
    assert send(browser, "/sign-in", "/sign-in", email=LEAD, password="wrong") == 401
    assert send(browser, "/sign-in", "/sign-in", email="nobody@example.test", password=PASSWORD) == 401
    assert send(browser, "/sign-in", "/sign-in", email=LEAD.upper(), password=PASSWORD) == 302
    assert browser.get("/team").status_code == 200


def test_guessing_is_slowed_down(place: Site) -> None:
    browser = place.client()
    codes = {send(browser, "/sign-in", "/sign-in", email=LEAD, password="guess") for _ in range(25)}
    assert codes == {401, 429}


def test_signing_out_ends_the_session_on_the_server(place: Site) -> None:
    browser = place.client(LEAD)
    cookie = browser.get_cookie("planwhy_session")
    assert cookie and cookie.http_only and cookie.same_site == "Lax"
    assert send(browser, "/team", "/sign-out") == 302
    browser.set_cookie("planwhy_session", cookie.value)
    assert browser.get("/team").location == "/sign-in?then=/team"


def test_sessions_end_by_themselves(place: Site) -> None:
    browser = place.client(LEAD)
    place.now += 7 * 24 * HOUR_MS
    assert browser.get("/team").status_code == 302


@pytest.mark.parametrize(
    "path", ["/sign-out", "/language", "/me/comments", "/cases/1/conclusion", "/admin/enrol-codes"]
)
def test_a_form_without_its_token_is_refused(place: Site, path: str) -> None:
    assert place.client(OWN).post(path, data={"locale": "ru"}).status_code in (400, 403)


def test_going_on_after_sign_in_stays_on_this_site(place: Site) -> None:
    with_password(place)
    for then in ("//evil.example", "https://evil.example", "/\\evil.example", "/\n/evil.example"):
        browser = place.client()
        browser.get("/sign-in")
        with browser.session_transaction() as form:
            form.clear()
        page = browser.get("/sign-in").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        fields = {"email": LEAD, "password": PASSWORD, "csrf_token": token}
        answer = browser.post("/sign-in", query_string={"then": then}, data=fields)
        assert answer.location == "/"


def test_every_page_forbids_foreign_and_inline_scripts(place: Site) -> None:
    headers = place.client().get("/sign-in").headers
    assert (
        "unsafe" not in headers["Content-Security-Policy"]
        and "default-src 'none'" in headers["Content-Security-Policy"]
    )
    assert headers["X-Frame-Options"] == "DENY" and headers["X-Content-Type-Options"] == "nosniff"


def test_the_language_is_switched_and_remembered(place: Site) -> None:
    browser = place.client(LEAD)
    assert "Sign out" in browser.get("/team").text
    assert send(browser, "/team", "/language", locale="ru", then="/team") == 302
    assert "Выйти" in browser.get("/team").text and "Выйти" in place.client(LEAD).get("/team").text


def test_a_token_is_made_used_and_withdrawn_by_its_owner(place: Site) -> None:
    browser = place.client(LEAD)
    assert send(browser, "/account", "/account/tokens", label=" ") == 422
    assert send(browser, "/account", "/account/tokens", label="script") == 200
    page = browser.get("/account").text
    name = page.split('name="token" value="')[1].split('"')[0]
    assert send(place.client(OWN), "/account", "/account/tokens/withdraw", token=name) == 302
    assert name in browser.get("/account").text
    assert send(browser, "/account", "/account/tokens/withdraw", token=name) == 302
    assert name not in browser.get("/account").text


def test_a_new_password_signs_out_the_other_browsers(place: Site) -> None:
    with_password(place)
    one, two = place.client(LEAD), place.client(LEAD)
    assert send(one, "/account", "/account/password", old="wrong", new="another good one") == 422
    assert send(one, "/account", "/account/password", old=PASSWORD, new="short") == 422
    assert send(one, "/account", "/account/password", old=PASSWORD, new="another good one") == 302
    assert one.get("/team").status_code == 200 and two.get("/team").status_code == 302
