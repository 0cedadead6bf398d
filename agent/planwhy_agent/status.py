"""What `status` knows: the agent's own files turned into one report.

In: the data and runtime folders. Out: a Report, for `status_words` or as JSON. Never: a title, an address that was
visited, a token.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from planwhy_shared.hours import FREE
from planwhy_shared.wire import Policy, TitleRule, ToldLook

from planwhy_agent.condition import Facts, condition_of, facts_of, own_page
from planwhy_agent.config import Settings
from planwhy_agent.errors import SpoolBroken, SpoolFull
from planwhy_agent.health import load_offset
from planwhy_agent.sender import spool_path
from planwhy_agent.sources.open_desktop import named_reason
from planwhy_agent.spool import Counts, Spool


class Keeping(Struct, frozen=True):
    """What the policy in force keeps: titles, addresses, in words of the policy itself."""

    titles: TitleRule
    title_rules: int
    path_hosts: tuple[str, ...]
    mask_patterns: int
    idle_after_s: int
    upload_interval_s: int


class ShownLook(Struct, frozen=True):
    """Somebody looked at the person's detail."""

    at: str
    name: str
    role: str
    purpose: str


class Report(Struct, frozen=True):
    """Everything `status --json` prints. Times are RFC 3339, UTC; words are English and never translated."""

    running: bool
    pid: int | None
    condition: str
    recording: str
    since: str | None
    app: str | None
    browsers: int
    display: str
    enrolled_at: str | None
    employee: str | None
    own_page: str | None
    notice_acknowledged: bool
    notice_version: str | None
    policy_version: str | None
    policy_problem: str
    remote: bool
    browser_trouble: dict[str, int]
    working_hours: str | None
    keeps: Keeping | None
    paused_until: str | None
    sending: str
    problem: str
    last_sent: str | None
    next_attempt: str | None
    waiting: int
    kept: int
    set_aside: int
    lost: dict[str, int]
    disk_full: bool
    clock_offset_ms: int
    looks: tuple[ShownLook, ...]


def report(settings: Settings, now_ms: int) -> Report:
    """Look at the agent's files."""
    return report_of(facts_of(settings, now_ms), spool_counts(spool_path(settings)), load_offset(settings.data))


def report_of(facts: Facts, counts: Counts, offset_ms: int) -> Report:
    """Put together what was found."""
    alive, identity, stored, sending = facts.alive, facts.identity, facts.stored, facts.sending
    return Report(
        running=facts.pid is not None,
        pid=facts.pid,
        condition=condition_of(facts).value,
        recording=alive.recording if alive else "nothing",
        since=when(alive.since_ms) if alive else None,
        app=alive.app if alive else None,
        browsers=alive.browsers if alive else 0,
        display=(alive.display or "in sight") if alive else named_reason(os.environ) or "unknown",
        enrolled_at=identity.url if identity else None,
        employee=identity.employee_name if identity else None,
        own_page=own_page(facts),
        notice_acknowledged=facts.acknowledged,
        notice_version=stored.answer.notice.version if stored else None,
        policy_version=stored.answer.policy.version if stored else None,
        policy_problem=_problem(facts),
        remote=alive.remote if alive else False,
        browser_trouble=alive.browser_trouble if alive else {},
        working_hours=_hours(stored.answer.policy) if stored else None,
        keeps=_keeping(stored.answer.policy) if stored else None,
        paused_until=when(facts.paused_until_ms) if facts.paused_until_ms else None,
        sending=sending.state,
        problem=sending.problem,
        last_sent=when(sending.sent_ms),
        next_attempt=when(sending.next_ms),
        waiting=counts.waiting,
        kept=counts.kept,
        set_aside=counts.aside,
        lost=counts.by_reason,
        disk_full=alive.disk_full if alive else False,
        clock_offset_ms=alive.clock_offset_ms if alive else offset_ms,
        looks=tuple(map(_shown, stored.answer.looks)) if stored else (),
    )


def spool_counts(path: Path) -> Counts:
    """Count what the spool holds, without making one."""
    if not path.exists():
        return Counts(0, 0, 0, 0, {})
    try:
        spool = Spool(path)
    except (SpoolBroken, SpoolFull) as error:
        return Counts(0, 0, 0, 0, {f"unreadable: {error.slug}": 1})
    try:
        return spool.counts()
    finally:
        spool.close()


def when(ms: int | None) -> str | None:
    """Write an instant; None where there is none, and the far future in words."""
    if ms is None:
        return None
    try:
        return datetime.fromtimestamp(ms / 1000, tz=UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return "further notice"


def _problem(facts: Facts) -> str:
    """Why the policy in force is not the collector's newest."""
    if facts.damaged:
        return "policy_invalid: the stored policy cannot be read; nothing is recorded until a new one came"
    return facts.alive.policy_problem if facts.alive else ""


def _hours(policy: Policy) -> str:
    told = "none in the coming week," if policy.working_hours == FREE else policy.working_hours
    return f"{told} {policy.time_zone}"


def _keeping(policy: Policy) -> Keeping:
    return Keeping(
        titles=policy.titles,
        title_rules=len(policy.title_rules),
        path_hosts=policy.path_hosts,
        mask_patterns=len(policy.mask_patterns),
        idle_after_s=policy.idle_after_s,
        upload_interval_s=policy.upload_interval_s,
    )


def _shown(look: ToldLook) -> ShownLook:
    return ShownLook(when(look.at_ms) or "", look.name, look.role, look.purpose)
