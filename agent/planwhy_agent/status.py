"""What `status` says: the agent's own files turned into one report, in words or as JSON.

In: the data and runtime folders. Out: a Report and lines. Never: a title, an address, a token.
"""

from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from planwhy_shared.hours import FREE
from planwhy_shared.wire import Policy

from planwhy_agent import health
from planwhy_agent.app import lock_path
from planwhy_agent.config import Settings
from planwhy_agent.errors import SpoolBroken, SpoolFull
from planwhy_agent.identity import load_identity
from planwhy_agent.instance_lock import holder
from planwhy_agent.pause import paused_until
from planwhy_agent.policy import PolicyStore, StoredPolicy
from planwhy_agent.sender import spool_path
from planwhy_agent.spool import Counts, Spool


class Report(Struct, frozen=True):
    """Everything `status --json` prints. Times are RFC 3339, UTC."""

    running: bool
    pid: int | None
    recording: str
    since: str | None
    app: str | None
    browsers: int
    display: str
    enrolled_at: str | None
    employee: str | None
    notice_acknowledged: bool
    notice_version: str | None
    policy_version: str | None
    working_hours: str | None
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


def report(settings: Settings, now_ms: int) -> Report:
    """Look at the agent's files."""
    pid = holder(lock_path(settings))
    alive = health.load_health(settings.runtime) if pid else None
    stored, acknowledged = _policy(settings.data)
    counts = spool_counts(spool_path(settings))
    identity = load_identity(settings.data)
    sending = alive.sending if alive and alive.sending.state != "idle" else health.load_sending(settings.data)
    until = paused_until(settings.data)
    return Report(
        running=pid is not None,
        pid=pid,
        recording=alive.recording if alive else "nothing",
        since=_when(alive.since_ms) if alive else None,
        app=alive.app if alive else None,
        browsers=alive.browsers if alive else 0,
        display=(alive.display or "in sight") if alive else "unknown",
        enrolled_at=identity.url if identity else None,
        employee=identity.employee_name if identity else None,
        notice_acknowledged=acknowledged,
        notice_version=stored.answer.notice.version if stored else None,
        policy_version=stored.answer.policy.version if stored else None,
        working_hours=_hours(stored.answer.policy) if stored else None,
        paused_until=_when(until) if until > now_ms else None,
        sending=sending.state,
        problem=sending.problem,
        last_sent=_when(sending.sent_ms),
        next_attempt=_when(sending.next_ms),
        waiting=counts.waiting,
        kept=counts.kept,
        set_aside=counts.aside,
        lost=counts.by_reason,
        disk_full=alive.disk_full if alive else False,
        clock_offset_ms=alive.clock_offset_ms if alive else health.load_offset(settings.data),
    )


def lines(found: Report) -> list[str]:
    """The report in words."""
    return [
        f"recording    {_recording(found)}",
        f"display      {found.display}; browsers connected: {found.browsers}",
        f"enrolled     {f'{found.employee} at {found.enrolled_at}' if found.enrolled_at else 'no'}",
        f"notice       {'acknowledged' if found.notice_acknowledged else 'not acknowledged: planwhy-agent notice'}",
        f"policy       {found.policy_version or 'none'}; {found.working_hours or 'no working hours known'}",
        f"private      {f'until {found.paused_until}' if found.paused_until else 'no'}",
        f"sent         {found.last_sent or 'never'}; {_sending(found)}",
        f"waiting      {found.waiting} spans; set aside: {found.set_aside}; kept for a day: {found.kept}",
        f"lost         {', '.join(f'{reason} {n}' for reason, n in sorted(found.lost.items())) or 'nothing'}",
    ]


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


def _recording(found: Report) -> str:
    if not found.running:
        return "the agent does not run"
    what = f"{found.recording} in {found.app}" if found.app else found.recording
    return f"{what} since {found.since}" if found.since else what


def _sending(found: Report) -> str:
    if found.sending == "locked_out":
        return f"the collector refuses this device ({found.problem}); recording goes on"
    if found.sending == "waiting":
        return f"not reached now ({found.problem}), next attempt {found.next_attempt}"
    return "no problem" if found.sending == "ok" else "no attempt yet"


def _policy(folder: Path) -> tuple[StoredPolicy | None, bool]:
    store = PolicyStore(folder)
    stored = store.load()
    return stored, stored is not None and store.acknowledged() == stored.answer.policy.notice_version


def _hours(policy: Policy) -> str:
    told = "none in the coming week," if policy.working_hours == FREE else policy.working_hours
    return f"{told} {policy.time_zone}"


def _when(ms: int | None) -> str | None:
    """Write an instant; None where there is none, and the far future in words."""
    if ms is None:
        return None
    try:
        return datetime.fromtimestamp(ms / 1000, tz=UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return "further notice"
