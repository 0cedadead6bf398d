"""A site with people who sign in, at a moment the test sets: for tests of pages, API and gate."""

import re
from dataclasses import dataclass, field

from activity_rows import at, enrol, hire, record
from flask.testing import FlaskClient
from planwhy_collector.app import create_app
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.facts import Person
from planwhy_collector.plan.period import parse_period
from planwhy_collector.queries.cases import open_case
from planwhy_collector.queries.users import UserFact, add_user, sign_in_link, user_by_email
from planwhy_collector.services import Services

NOW = "2026-11-02 12:00"
LEAD, OTHER, ADMIN, COUNCIL, OWN = (f"{n}@example.test" for n in ("lead", "other", "admin", "council", "own"))
TITLE = "Prices <script>alert(1)</script>"


@dataclass
class Site:
    """The application over a database of its own; `now` may be moved, `more` are settings."""

    database: Database
    person: Person
    now: int = field(default_factory=lambda: at(NOW))
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = Settings(**({"database_url": self.database.url, "default_locale": "en"} | self.more))  # type: ignore[arg-type]
        self.settings = settings
        self.app = create_app(settings, self.database, Services(settings, self.database, lambda: self.now))

    def user(self, email: str) -> UserFact:
        """One of the accounts."""
        with self.database.reading() as session:
            return user_by_email(session, email)

    def client(self, email: str | None = None) -> FlaskClient:
        """A browser, signed in by a one-off link."""
        browser = self.app.test_client()
        if email is not None:
            with self.database.writing() as session:
                token = sign_in_link(session, self.user(email).id, self.now)
            assert browser.get(f"/sign-in/{token}").status_code == 302
        return browser

    def case(self, period: str = "2026-10") -> int:
        """Open a case about the person and return its key."""
        with self.database.writing() as session:
            made, _ = open_case(session, self.person.id, parse_period(period), "rule", None, self.now, 14)
        return made.id


def site(database: Database) -> Site:
    """One employee with a recorded morning, the supervisor, another supervisor, an administrator, the council."""
    person = hire(database, email=OWN, supervisor_email=LEAD, team="North", position="Sales manager")
    hire(database, "e2", supervisor_email=OTHER, team="South")
    morning = [
        ("2026-10-05 09:00", "2026-10-05 10:00", "active", "https://acme.bitrix24.ru/crm/deal/details/7/"),
        ("2026-10-05 10:00", "2026-10-05 11:00", "active", "https://hh.ru/"),
        ("2026-10-05 11:00", "2026-10-05 12:00", "idle", None),
    ]
    record(database, person, enrol(database, person), morning)
    with database.writing() as session:
        for email, role, own in (
            (LEAD, "supervisor", None), (OTHER, "supervisor", None), (ADMIN, "admin", None),
            (COUNCIL, "council", None), (OWN, "employee", person.id),
        ):  # fmt: skip
            add_user(session, email, email.partition("@")[0].title(), role, own, 0)
    return Site(database, person)


def send(browser: FlaskClient, page: str, to: str, /, **fields: str) -> int:
    """Fill in a form on a page as a browser does, hidden token included; the status of the answer."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert found, page
    return browser.post(to, data=fields | {"csrf_token": found[1]}).status_code
