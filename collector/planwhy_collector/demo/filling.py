"""The first start: a simulated team with its history goes in the way real data does.

In: a home, a running collector. Out: a filled database. Never: a row written past import, enrolment and ingest.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click
from planwhy_shared.times import day_of

from planwhy_collector.config import Settings
from planwhy_collector.csvimport import import_folder
from planwhy_collector.csvimport.values import time_zone
from planwhy_collector.db import Database
from planwhy_collector.demo.home import Home
from planwhy_collector.demo.sending import Sender
from planwhy_collector.errors import Unavailable
from planwhy_collector.facts import EmployeeRecord
from planwhy_collector.ingest.enrolment import issue_code
from planwhy_collector.jobs.cases import open_cases
from planwhy_collector.jobs.judging import personal_categories
from planwhy_collector.jobs.objecting import counted_lately, object_to
from planwhy_collector.jobs.settle import settle
from planwhy_collector.queries.people import add_employee, person
from planwhy_collector.queries.users import add_user, user_by_email
from planwhy_collector.services import wall_clock_ms
from planwhy_collector.simulate.order import Order
from planwhy_collector.simulate.roster import DOMAIN, supervisor_of, team_of
from planwhy_collector.simulate.writing import span_files, write

T = TypeVar("T")

EMPLOYEES = 12
SEED = 7
MACHINE = "this-pc"
"""The public id of the person whom this machine's own agent records: one who works at any hour."""
USERS = {
    "supervisor": (supervisor_of(0), "Руководитель", None),
    "employee": (f"e1@{DOMAIN}", "Менеджер", "e1"),
    "admin": (f"admin@{DOMAIN}", "Администратор", None),
    "machine": (f"{MACHINE}@{DOMAIN}", "Этот компьютер", MACHINE),
}
"""Who signs in: e-mail, name, and whose own page it is."""
OBJECTION = "Здесь я смотрю, что публикуют клиенты и их конкуренты: без этого не подготовить предложение."
OBJECTED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Filling:
    """What the steps of a first start need."""

    home: Home
    database: Database
    settings: Settings
    url: str
    days: int


def fill(job: Filling) -> None:
    """Do everything that a first start does, in order."""
    yesterday = day_of(wall_clock_ms(), ZoneInfo("UTC")) - timedelta(days=1)
    order = Order(EMPLOYEES, job.days, SEED, yesterday, typical=True)
    keys = list(_shown(write(order, job.home.simulated), EMPLOYEES, "simulating a team"))
    _import(job)
    for key in _shown(keys, len(keys), "sending its history"):
        _send(job, key)
    _add_people(job.database)
    with job.database.reading() as session:
        ids = [person(session, key).id for key in keys]
    for employee_id in _shown(ids, len(ids), "adding up its days"):
        settle(job.database, wall_clock_ms(), employee_id)
    open_cases(job.database, wall_clock_ms(), job.settings)
    _object(job.database)


def _import(job: Filling) -> None:
    with job.database.writing() as session:
        report = import_folder(session, job.home.simulated, wall_clock_ms())
    if report.errors:
        first = report.errors[0]
        raise Unavailable(f"simulated data was refused: {first.file}:{first.line}: {first.column}: {first.reason}")


def _send(job: Filling, key: str) -> None:
    """Each of a person's machines has an agent, and is enrolled with a code of its own."""
    for path in span_files(job.home.simulated, key):
        with job.database.writing() as session:
            code = issue_code(session, key, wall_clock_ms()).code
        with closing(Sender(job.url, path.stem)) as sender:
            sender.enrol(code)
            sum(sender.send(path))


def _add_people(database: Database) -> None:
    now_ms = wall_clock_ms()
    with database.writing() as session:
        machine = EmployeeRecord(
            MACHINE, USERS["machine"][1], team=team_of(0), supervisor_email=supervisor_of(0),
            time_zone=_own_zone(), working_hours="Mon-Sun 00:00-24:00",
            hired_on=day_of(now_ms, ZoneInfo(_own_zone())),
        )  # fmt: skip
        add_employee(session, machine)
        for role, (email, name, key) in USERS.items():
            own = person(session, key) if key else None
            add_user(
                session, email, own.name if own else name, "employee" if own else role, own.id if own else None, now_ms
            )


def _object(database: Database) -> None:
    """Let the employee of the demo object to what counts as no work most of the time, so that it shows somewhere."""
    now_ms = wall_clock_ms()
    with database.reading() as session:
        own, user = person(session, USERS["employee"][2] or ""), user_by_email(session, USERS["employee"][0])
        rows, personal = counted_lately(session, own, OBJECTED_DAYS, now_ms), personal_categories(session)
    chosen = [row for row in rows if row.label == "non_work" and row.category not in personal and row.working_ms]
    if chosen:
        object_to(database, own, user.id, chosen[0].subject, OBJECTION, now_ms, chosen[0].key)


def _own_zone() -> str:
    """The machine's time zone, UTC where it does not say."""
    told = os.environ.get("TZ", "").lstrip(":") or str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    try:
        return time_zone(told)
    except ValueError:
        return "UTC"


def _shown(items: Iterable[T], length: int, label: str) -> Iterator[T]:
    """Show progress on a terminal, one line of text elsewhere."""
    if not sys.stderr.isatty():
        click.echo(f"{label} …")
        yield from items
        return
    with click.progressbar(items, length=length, label=f"{label:20}", file=sys.stderr) as shown:
        yield from shown
