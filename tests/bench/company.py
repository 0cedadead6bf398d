"""A simulated company in a real collector: simulate, import, enrol, upload, rebuild, and then ask.

In: how much to simulate. Out: explanations as the API and the command line give them. Never: a row written past the
product's own interfaces, or a process left running.
"""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click
from planwhy_collector.db import Database
from planwhy_collector.demo.children import Child, clean_environment, wait_ready
from planwhy_collector.demo.sending import Sender
from planwhy_collector.ingest.enrolment import issue_code
from planwhy_collector.queries.people import people
from planwhy_collector.queries.sessions import add_api_token
from planwhy_collector.queries.users import add_user, user_by_email
from planwhy_collector.services import wall_clock_ms
from planwhy_collector.simulate.writing import span_files

PLANWHY = [sys.executable, "-m", "planwhy_collector.cli"]
T = TypeVar("T")


@dataclass
class Company:
    """A running collector with its folder. `seconds` says how long each step took."""

    folder: Path
    url: str
    environment: dict[str, str]
    database: Database
    seconds: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """What was simulated."""
        return self.folder / "simulated"

    def truth(self) -> Any:
        """The truth behind the data."""
        return json.loads((self.data / "truth.json").read_text(encoding="utf-8"))

    def fill(self, simulate: Iterable[str]) -> None:
        """Do all that comes before the first question. `simulate` are options of `planwhy simulate`."""
        self.timed("simulate", lambda: self.run("simulate", *simulate, "--out", str(self.data)))
        self.timed("import", lambda: self.run("import", str(self.data)))
        self.timed("upload", self.upload)
        truth = self.truth()
        self.timed("rebuild", lambda: self.run("rebuild", "--from", truth["from"], "--to", truth["to"]))
        self.timed("accounts", self.invite)

    def upload(self) -> None:
        """Each machine of each person is enrolled with a code and sends what it recorded, over HTTP."""
        keys = [one["employee_id"] for one in self.truth()["people"]]
        for key in shown(keys, "uploading"):
            for path in span_files(self.data, key):
                with self.database.writing() as session:
                    code = issue_code(session, key, wall_clock_ms()).code
                with closing(Sender(self.url, path.stem)) as sender:
                    sender.enrol(code)
                    sum(sender.send(path))

    def invite(self) -> None:
        """An account and a personal token for each person, who may read all about themselves."""
        now = wall_clock_ms()
        with self.database.writing() as session:
            for one in people(session):
                add_user(session, one.email or one.key, one.name, "employee", one.id, now)
                own = user_by_email(session, one.email or one.key)
                self.tokens[one.key] = add_api_token(session, own.id, "benchmark", now)

    def explained(self, asked: Iterable[tuple[str, str]]) -> Iterator[Any]:
        """The API's explanations of (employee, period)."""
        with closing(http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=120)) as connection:
            for key, period in asked:
                headers = {"Authorization": f"Bearer {self.tokens[key]}"}
                connection.request("GET", f"/api/v1/employees/{key}/explanation?period={period}&lang=en", None, headers)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{key} {period}: {answer.status} {body[:300]!r}")
                yield json.loads(body)

    def explained_by_command(self, key: str, period: str) -> Any:
        """The same by `planwhy explain --json`."""
        return json.loads(self.run("explain", key, period, "--lang", "en", "--json"))

    def run(self, *arguments: str) -> str:
        """Run `planwhy …` on the company's database; its standard output. Progress goes to the terminal."""
        done = subprocess.run(
            [*PLANWHY, *arguments], env=self.environment, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"planwhy {arguments[0]} ended with {done.returncode}: {done.stdout[-2000:]}")
        return done.stdout

    def timed(self, name: str, step: Callable[[], Any]) -> None:
        """Do a step and note its seconds."""
        start = time.monotonic()
        step()
        self.seconds[name] = time.monotonic() - start


@contextmanager
def company(folder: Path, port: int) -> Iterator[Company]:
    """Serve a fresh SQLite database in a folder; the server ends with the block."""
    url, database_url = f"http://127.0.0.1:{port}", f"sqlite:///{folder / 'planwhy.sqlite3'}"
    environment = clean_environment() | {"PLANWHY_DATABASE_URL": database_url, "PLANWHY_PORT": str(port)}
    command = [*PLANWHY, "serve", "--no-scheduler"]
    with Child("collector", command, environment, folder / "collector.log", folder) as server:
        wait_ready(server, url)
        with closing_database(Database(database_url)) as database:
            yield Company(folder, url, environment, database)


@contextmanager
def closing_database(database: Database) -> Iterator[Database]:
    """Let go of the database at the end."""
    try:
        yield database
    finally:
        database.engine.dispose()


def last_of_month(today: date) -> date:
    """The last day of the month before."""
    return date.fromordinal(today.replace(day=1).toordinal() - 1)


def shown(items: list[T], label: str) -> Iterator[T]:
    """Show progress on a terminal."""
    hidden = not os.isatty(2)
    with click.progressbar(items, label=f"{label:12}", file=sys.stderr, hidden=hidden) as bar:
        yield from bar
