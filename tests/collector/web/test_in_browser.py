"""The pages in real Chromium: nothing breaks the content policy, nothing is wider than a phone, both languages."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from crm_rows import deal, plan, task
from objecting import objected
from pay_rows import put_in_force
from planwhy_collector.queries.users import sign_in_link
from playwright.sync_api import Browser, Page, sync_playwright
from signed_in import ADMIN, COUNCIL, LEAD, OWN, Site
from werkzeug.serving import make_server

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: make system-packages"),
]


@contextmanager
def served(place: Site) -> Iterator[str]:
    """The site on a free port of this machine."""
    server = make_server("127.0.0.1", 0, place.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for this file."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A narrow page with a profile of its own."""
    profile = chromium.new_context(viewport={"width": 390, "height": 800})
    yield profile.new_page()
    profile.close()


def furnish(place: Site) -> int:
    plan(place.database, place.person, "2026-10", 10.0)
    deal(place.database, place.person, "d1", won="2026-10-06 12:00")
    put_in_force(place.database)
    task(place.database, place.person, "Send the offer", "2026-10-01 10:00", "2026-10-05 12:00")
    objected(place, "acme.bitrix24.ru")
    return place.case()


def link(place: Site, email: str) -> str:
    with place.database.writing() as session:
        return f"/sign-in/{sign_in_link(session, place.user(email).id, place.now)}"


@pytest.mark.parametrize("locale", ["ru", "en"])
@pytest.mark.parametrize(
    ("email", "paths"),
    [
        (LEAD, ("/team?period=2026-10", "/cases/{case}", "/people/e1/?period=2026-10", "/people/e1/grant",
                 "/reports/weekly?week=2026-W41", "/people/e1/days/2026-10-05", "/account", "/next-steps",
                 "/plans?period=2026-11", "/plans?period=2026-10", "/people/e1/pay?period=2026-10", "/objections")),
         (OWN, ("/me?period=2026-10", "/me/explanation?period=2026-10", "/rules",
                "/me/pay?period=2026-10&new=100000&target=5", "/me/labels?period=2026-10",
                "/me/objections/new?kind=host&subject=hh.ru", "/people/e1/days/2026-10-05")),
        (ADMIN, ("/admin", "/objections")),
        (COUNCIL, ("/audit",)),
    ],
)  # fmt: skip
def test_pages_keep_their_policy_and_fit_a_phone(
    place: Site, phone: Page, locale: str, email: str, paths: tuple[str, ...]
) -> None:
    case, complaints = furnish(place), []
    phone.on("console", lambda message: complaints.append(message.text))
    with served(place) as address:
        phone.goto(address + link(place, email))
        if phone.locator("html").get_attribute("lang") != locale:
            phone.click(f"button[value={locale}]")
        for path in paths:
            answer = phone.goto(address + path.format(case=case))
            assert answer and answer.status == 200, path
            assert phone.locator("html").get_attribute("lang") == locale
            assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert complaints == []


def test_a_supervisor_walks_from_the_team_to_a_conclusion(place: Site, phone: Page) -> None:
    furnish(place)
    with served(place) as address:
        phone.goto(address + link(place, LEAD))
        phone.click("ul.plain a")
        assert phone.locator("figure svg").count() == 2
        phone.click("text=Help was agreed")
        phone.fill("form[action$=conclusion] textarea", "We look at the calls together")
        phone.click("form[action$=conclusion] button")
        assert phone.locator("text=We look at the calls together").is_visible()
        assert phone.locator("figure svg").count() == 0
