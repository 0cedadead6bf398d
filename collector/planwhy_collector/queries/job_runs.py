"""Who runs which tick of which job. In: a claim. Out: yes or no. Never: two owners of one tick at a time, or two ticks
of one job at a time.

All instants are the database's own: the clocks of the machines that ask may differ.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Select, Update, cast, delete, extract, func, select, text, update
from sqlalchemy.orm import Session

from planwhy_collector.models import JobRun
from planwhy_collector.queries.upsert import inserting

MOST_ATTEMPTS = 3
"""A tick that ended its process so often is given up: it would end the next one too."""
ABANDONED = "abandoned"
_EPOCH_AS_JULIAN_DAY = 2440587.5


@dataclass(frozen=True, slots=True)
class RunFact:
    """A tick: which, how it ended (`running`, `done`, `failed`), how often it was begun, and what went wrong."""

    job: str
    slot_ms: int
    status: str
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A tick that is its owner's for as long as the lease is renewed. `owner` names one run of one process."""

    job: str
    slot_ms: int
    owner: str
    attempts: int


def database_now(session: Session) -> int:
    """The time by the database's clock, Unix epoch milliseconds."""
    if session.get_bind().dialect.name == "sqlite":
        days = func.julianday("now") - text(str(_EPOCH_AS_JULIAN_DAY))
        return int(session.scalar(select(cast(days * 86_400_000, BigInteger))) or 0)
    return int(session.scalar(select(cast(extract("epoch", func.clock_timestamp()) * 1000, BigInteger))) or 0)


def claim(session: Session, job: str, slot_ms: int, owner: str, now_ms: int, lease_ms: int) -> Claim | None:
    """Claim a tick of a job, or take over an earlier one whose lease ran out without an end.

    None where the job is at work elsewhere, or the tick was run.
    """
    _one_at_a_time(session, job)
    _give_up(session, job, now_ms)
    running = session.scalars(_running(job)).all()
    if any(row.lease_until_ms >= now_ms for row in running):
        return None
    mine = {"owner": owner, "lease_until_ms": now_ms + lease_ms}
    if running:
        over, attempts = running[0].slot_ms, running[0].attempts + 1
        session.execute(_tick(job, over).values(**mine, attempts=attempts))
        return Claim(job, over, owner, attempts)
    first = inserting(session, JobRun).values(job=job, slot_ms=slot_ms, attempts=1, status="running", **mine)
    if session.execute(first.on_conflict_do_nothing().returning(JobRun.job)).first():
        return Claim(job, slot_ms, owner, 1)
    return None


def is_free(session: Session, job: str, slot_ms: int, now_ms: int) -> bool:
    """Whether there is something to claim; takes no lock."""
    running = session.scalars(_running(job)).all()
    if running:
        return all(row.lease_until_ms < now_ms for row in running)
    return session.get(JobRun, (job, slot_ms)) is None


def renew(session: Session, mine: Claim, until_ms: int) -> bool:
    """Prolong a lease; whether the tick is still its owner's."""
    return _changed(session, mine, lease_until_ms=until_ms)


def finish(session: Session, mine: Claim, fault: str | None) -> bool:
    """End a tick, done or failed; whether it was still its owner's. Else nothing changes."""
    return _changed(session, mine, status="failed" if fault else "done", error=fault)


def last_runs(session: Session) -> tuple[RunFact, ...]:
    """The newest tick of each job."""
    newest = select(JobRun.job, func.max(JobRun.slot_ms).label("slot_ms")).group_by(JobRun.job).subquery()
    same = (JobRun.job == newest.c.job) & (JobRun.slot_ms == newest.c.slot_ms)
    rows = session.execute(
        select(JobRun.job, JobRun.slot_ms, JobRun.status, JobRun.attempts, JobRun.error).join(newest, same)
    )
    return tuple(RunFact(*row) for row in rows)


def forget_runs(session: Session, before_ms: int) -> int:
    """Delete the record of ticks before an instant; how many."""
    gone = delete(JobRun).where(JobRun.slot_ms < before_ms).returning(JobRun.job)
    return len(session.execute(gone).all())


def _one_at_a_time(session: Session, job: str) -> None:
    """Claims of one job follow each other. SQLite's writers do anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"planwhy job {job}"))))


def _give_up(session: Session, job: str, now_ms: int) -> None:
    lost = (JobRun.job == job) & (JobRun.status == "running") & (JobRun.lease_until_ms < now_ms)
    session.execute(
        update(JobRun).where(lost, JobRun.attempts >= MOST_ATTEMPTS).values(status="failed", error=ABANDONED)
    )


def _running(job: str) -> Select[JobRun]:
    return select(JobRun).where(JobRun.job == job, JobRun.status == "running").order_by(JobRun.slot_ms)


def _tick(job: str, slot_ms: int) -> Update:
    return update(JobRun).where(JobRun.job == job, JobRun.slot_ms == slot_ms)


def _changed(session: Session, mine: Claim, **values: object) -> bool:
    held = _tick(mine.job, mine.slot_ms).where(JobRun.owner == mine.owner, JobRun.status == "running")
    return session.execute(held.values(**values).returning(JobRun.job)).first() is not None
