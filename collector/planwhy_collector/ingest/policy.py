"""The policy of one person's agents. In: settings and the person. Out: what to record and how often to send.

The version is a hash of the content: it changes exactly when the policy does.
"""

import hashlib

import msgspec
from planwhy_shared.wire import Policy, PolicyAnswer

from planwhy_collector.config import Settings
from planwhy_collector.facts import Person
from planwhy_collector.ingest.notice import notice


def policy_answer(settings: Settings, person: Person) -> PolicyAnswer:
    """The policy for a person, with the notice that it names."""
    told = notice(settings.title_days, settings.span_months)
    draft = Policy(
        version="",
        notice_version=told.version,
        working_hours=person.hours.text(),
        time_zone=person.zone.key,
        path_hosts=tuple(host.strip() for host in settings.crm_hosts.split(",") if host.strip()),
    )
    version = hashlib.sha256(msgspec.json.encode(draft)).hexdigest()[:12]
    return PolicyAnswer(msgspec.structs.replace(draft, version=version), told)
