"""The policy of one person's agents. In: settings, the person, the moment. Out: what to record, how often to send.

Its working hours are those of the coming seven days, today included, in the person's zone: exceptions and holidays
are in them already. The version is a hash of the content: it changes exactly when the policy does, so with a week
like the one before it stays the same from day to day. An agent out of reach goes on with the week that it knows.
"""

import hashlib
from datetime import date
from functools import lru_cache

import msgspec
from planwhy_shared.times import day_of
from planwhy_shared.wire import Policy, PolicyAnswer

from planwhy_collector.config import Settings
from planwhy_collector.facts import Person
from planwhy_collector.ingest.notice import notice
from planwhy_collector.plan.workcalendar import WorkCalendar


def policy_answer(settings: Settings, person: Person, now_ms: int) -> PolicyAnswer:
    """The policy for a person at a moment, with the notice that it names."""
    return _of_day(settings, person, day_of(now_ms, person.zone))


@lru_cache(maxsize=20_000)  # every batch is answered with its version
def _of_day(settings: Settings, person: Person, today: date) -> PolicyAnswer:
    told = notice(settings.title_days, settings.span_months)
    week = WorkCalendar(person).week_from(today)
    draft = Policy(
        version="",
        notice_version=told.version,
        working_hours=week.text(),
        time_zone=person.zone.key,
        path_hosts=tuple(host.strip() for host in settings.crm_hosts.split(",") if host.strip()),
    )
    version = hashlib.sha256(msgspec.json.encode(draft)).hexdigest()[:12]
    return PolicyAnswer(msgspec.structs.replace(draft, version=version), told)
