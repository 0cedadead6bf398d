"""The declared policy: who is told what, and what a new text changes. In: settings, texts. Out: Declared, reasons.

Never: a text stored that could not be read, or that keeps more without everybody concerned being asked again.
"""

from dataclasses import replace

from planwhy_shared.limits import POLICY_RULES
from sqlalchemy.orm import Session

from planwhy_collector.config import Settings
from planwhy_collector.errors import InvalidInput
from planwhy_collector.queries.recording import StoredRecording, recording_in_force, store_recording, team_names
from planwhy_collector.recording.read import EVERYBODY, Declared, Recording, read_declared
from planwhy_collector.recording.widening import asked_since, reasons

NAME = "policy in force"


def declared(settings: Settings, stored: StoredRecording | None) -> Declared:
    """What a stored text says, with the hosts of the CRM among those whose addresses keep the path."""
    found = read_declared(stored.body, NAME) if stored else Declared(Recording())
    hosts = tuple(host.strip() for host in settings.crm_hosts.split(",") if host.strip())
    return Declared(
        _with_hosts(found.everybody, hosts), tuple((name, _with_hosts(one, hosts)) for name, one in found.teams)
    )


def asked(stored: StoredRecording | None, team: str | None) -> int:
    """Since when people of a team are asked to acknowledge what is in force; 0 where nothing was ever applied."""
    known = dict(stored.asked) if stored else {}
    return known.get(team or EVERYBODY, known.get(EVERYBODY, 0))


def apply_recording(
    session: Session, settings: Settings, text: str, name: str, by: str, now_ms: int
) -> tuple[str, ...]:
    """Put a text in force; name what it keeps more than the one before. Raises InvalidInput."""
    fresh = read_declared(text, name)
    if unknown := sorted({team for team, _ in fresh.teams} - team_names(session)):
        raise InvalidInput(f"{name}: teams.{unknown[0]}: there is no such team")
    stored = recording_in_force(session)
    now_ms = max(now_ms, stored.applied_ms + 1) if stored else now_ms
    before = declared(settings, stored)
    after = declared(settings, StoredRecording(now_ms, text, by, ()))
    if any(len(one.path_hosts) > POLICY_RULES for one in (after.everybody, *dict(after.teams).values())):
        raise InvalidInput(f"{name}: path_hosts: with those of the CRM more than {POLICY_RULES}, which agents refuse")
    store_recording(session, now_ms, text, by, asked_since(before, after, dict(stored.asked) if stored else {}, now_ms))
    return tuple(reasons(before, after))


def _with_hosts(one: Recording, hosts: tuple[str, ...]) -> Recording:
    return replace(one, path_hosts=tuple(dict.fromkeys((*hosts, *one.path_hosts))))
