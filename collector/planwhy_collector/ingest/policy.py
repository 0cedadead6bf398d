"""The policy of one person's agents. In: settings, what is declared, the person, the moment. Out: a policy.

Its working hours are those of the coming seven days, today included, in the person's zone: exceptions and holidays
are in them already. The version is a hash of the content: it changes exactly when the policy does, so with a week
like the one before it stays the same from day to day. An agent out of reach goes on with the week that it knows.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from functools import lru_cache

import msgspec
from flask import Flask, current_app
from planwhy_shared.times import HOUR_MS, day_of
from planwhy_shared.wire import Policy, PolicyAnswer
from sqlalchemy.orm import Session

from planwhy_collector.config import Settings
from planwhy_collector.facts import Person
from planwhy_collector.ingest.notice import notice
from planwhy_collector.ingest.recording import asked, declared
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries.looks import looks_told
from planwhy_collector.queries.recording import StoredRecording, recording_in_force

HELD_MS = 5_000
"""How late a receipt may tell of a changed policy. `GET /api/v1/agent/policy` is never late."""
MOST_HELD = 20_000
LOOKS = 20
LOOKS_DAYS = 30
"""How many looks of how many days the person's own machine is told of."""


def policy_answer(session: Session, settings: Settings, person: Person, now_ms: int) -> PolicyAnswer:
    """The policy for a person at a moment, with the notice that it names."""
    return _of_day(settings, person, day_of(now_ms, person.zone), recording_in_force(session))


def with_looks(session: Session, answer: PolicyAnswer, person: Person, now_ms: int) -> PolicyAnswer:
    """The same answer with the looks at the person's detail that the own machine is told of."""
    looks = looks_told(session, person.id, now_ms - LOOKS_DAYS * 24 * HOUR_MS, LOOKS)
    return msgspec.structs.replace(answer, looks=looks)


def tag_of(answer: PolicyAnswer) -> str:
    """The ETag: it changes with the policy, with the notice and with each look."""
    told = f"-{hashlib.sha256(msgspec.json.encode(answer.looks)).hexdigest()[:12]}" if answer.looks else ""
    return f"{answer.policy.version}-{answer.notice.version}{told}"


class PolicyVersions:
    """The version for each person, at most HELD_MS old: every batch is answered with it."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, tuple[int, str]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, employee_id: int, now_ms: int, read: Callable[[], PolicyAnswer]) -> str:
        """The version in force for a person; `read` is called where none is held, or only an old one."""
        with self._lock:
            until_ms, version = self._held.get(employee_id, (0, ""))
        if now_ms < until_ms <= now_ms + HELD_MS:
            return version
        version = read().policy.version
        with self._lock:
            self._held[employee_id] = now_ms + HELD_MS, version
            self._held.move_to_end(employee_id)
            if len(self._held) > MOST_HELD:
                self._held.popitem(last=False)
        return version


def attach_versions(app: Flask) -> None:
    """Hang the versions on an application."""
    app.extensions["planwhy_versions"] = PolicyVersions()


def versions() -> PolicyVersions:
    """The versions held by the application that handles this request."""
    found: PolicyVersions = current_app.extensions["planwhy_versions"]
    return found


@lru_cache(maxsize=1_000)
def _of_day(settings: Settings, person: Person, today: date, stored: StoredRecording | None) -> PolicyAnswer:
    what = declared(settings, stored).of(person.team)
    told = notice(settings, what, asked(stored, person.team))
    week = WorkCalendar(person).week_from(today)
    draft = Policy(
        version="",
        notice_version=told.version,
        working_hours=week.text(),
        time_zone=person.zone.key,
        idle_after_s=what.idle_after_s,
        upload_interval_s=what.upload_interval_s,
        titles=what.titles,
        title_rules=what.title_rules,
        path_hosts=what.path_hosts,
        mask_patterns=what.mask_patterns,
        address_rules=what.address_rules or msgspec.UNSET,
    )
    version = hashlib.sha256(msgspec.json.encode(draft)).hexdigest()[:12]
    return PolicyAnswer(msgspec.structs.replace(draft, version=version), told)
