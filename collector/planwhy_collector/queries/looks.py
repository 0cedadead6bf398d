"""The log of looks at people's detail: rows are only added, each carries the hash of the one before it.

In: who looked at whom, what, by which right. Out: rows, and whether the chain holds. Never: a removal, or a change
other than words that go with an erased person, for which a later row vouches.
A chain cannot show that its newest rows were cut off; hence pages print the newest digest, to be kept elsewhere.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace

from planwhy_shared.wire import ToldLook
from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from planwhy_collector.models import Look, User
from planwhy_collector.queries.upsert import chunks
from planwhy_collector.queries.vouching import Voucher, together_with, unexplained, voucher, vouching_text

ERASURE = "erasure"
"""What a row of the log says that tells of an erasure and vouches for the rows that lost words with it."""

_FIRST = bytes(32)
_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class NewLook:
    """A look to be written down. `via`: case, grant or cli; the range is what was shown, Unix epoch ms."""

    at_ms: int
    actor: str
    actor_id: int | None
    employee_id: int
    what: str
    via: str
    from_ms: int
    to_ms: int
    purpose: str
    reason: str


@dataclass(frozen=True, slots=True)
class LookFact:
    """A look as written down, with its place in the log."""

    seq: int
    look: NewLook
    digest: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """What a check of the whole log found: its length, the newest digest, the first row that does not fit."""

    rows: int
    newest: bytes
    broken_at: int | None

    @property
    def holds(self) -> bool:
        """Whether every row fits the one before it."""
        return self.broken_at is None


def append_look(session: Session, look: NewLook) -> LookFact:
    """Add a look at the end of the log, inside the caller's transaction."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite writers are one at a time already
        session.execute(text("LOCK TABLE looks IN SHARE ROW EXCLUSIVE MODE"))
    last = session.execute(select(Look.seq, Look.digest).order_by(Look.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.digest) if last else (1, _FIRST)
    digest = _digest(previous, seq, look)
    session.add(Look(seq=seq, previous=previous, digest=digest, **asdict(look)))
    session.flush()
    return LookFact(seq, look, digest)


def looks_at(session: Session, employee_id: int, limit: int = 200) -> tuple[LookFact, ...]:
    """List the newest looks at one person, the newest first."""
    query = select(Look).where(Look.employee_id == employee_id).order_by(Look.seq.desc()).limit(limit)
    return tuple(_fact(row) for row in session.scalars(query))


def looks_told(session: Session, employee_id: int, since_ms: int, limit: int) -> tuple[ToldLook, ...]:
    """What a person's own machines are told of the newest looks since a moment: no reason, no e-mail address."""
    query = (
        select(Look.at_ms, Look.actor, Look.purpose, User.role)
        .outerjoin(User, User.id == Look.actor_id)
        .where(Look.employee_id == employee_id, Look.at_ms >= since_ms, Look.what != ERASURE)
        .order_by(Look.seq.desc())
        .limit(limit)
    )
    return tuple(
        ToldLook(row.at_ms, row.actor.partition(" <")[0][:255], (row.role or "") if row.actor else "", row.purpose)
        for row in session.execute(query)
    )


def looks_before(session: Session, before_seq: int | None, limit: int) -> tuple[LookFact, ...]:
    """A page of the whole log, the newest first; `before_seq` None starts at the end."""
    query = select(Look).order_by(Look.seq.desc()).limit(limit)
    if before_seq is not None:
        query = query.where(Look.seq < before_seq)
    return tuple(_fact(row) for row in session.scalars(query))


def verify_chain(session: Session) -> Chain:
    """Check every row's hash and link, and that no number is missing. Rows that lost words must be vouched for."""
    previous, seq = _FIRST, 0
    odd: set[int] = set()
    vouchers: list[Voucher] = []
    for row in _rows(session):
        seq += 1
        if row.seq != seq or row.previous != previous:
            return Chain(seq, previous, seq - 1 if seq - 1 in odd else row.seq)  # its own digest was changed
        look = _fact(row).look
        if row.digest != _digest(previous, seq, look):
            odd.add(seq)
        if look.what == ERASURE and (found := voucher(seq, look.reason)):
            vouchers.append(found)
        previous = row.digest
    return Chain(seq, previous, unexplained(odd, vouchers, lambda seqs: _said(session, seqs)))


def forget_words(session: Session, employee_id: int, users: Collection[int], told: NewLook) -> int:
    """Take the typed reasons of looks at a person, and the person's name as one who looked, out of the log; how many.

    `told` is the row that tells of the erasure; it gets the words that vouch for the others.
    """
    about = or_(Look.employee_id == employee_id, Look.actor_id.in_(users))
    rows = session.scalars(select(Look).where(about)).all()
    for row in rows:
        if row.employee_id == employee_id and row.what != ERASURE:
            row.reason = ""
        if row.actor_id in users:
            row.actor = ""
    session.flush()
    earlier = session.scalars(select(Look).where(Look.what == ERASURE))
    vouchers = [found for row in earlier if (found := voucher(row.seq, row.reason))]
    said = _said(session, together_with((row.seq for row in rows), vouchers))
    append_look(session, replace(told, what=ERASURE, reason=vouching_text(said)))
    return len(rows)


def _said(session: Session, seqs: Collection[int]) -> dict[int, str]:
    """What rows say now, with their place in the chain."""
    found: dict[int, str] = {}
    for part in chunks(sorted(seqs)):
        for row in session.scalars(select(Look).where(Look.seq.in_(part))):
            found[row.seq] = json.dumps([asdict(_fact(row).look), row.previous.hex(), row.digest.hex()], sort_keys=True)
    return found


def _rows(session: Session) -> Iterator[Look]:
    after = 0
    while block := session.scalars(select(Look).where(Look.seq > after).order_by(Look.seq).limit(_BLOCK)).all():
        yield from block
        after = block[-1].seq


def _digest(previous: bytes, seq: int, look: NewLook) -> bytes:
    content = json.dumps([seq, asdict(look)], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(previous + content.encode()).digest()


def _fact(row: Look) -> LookFact:
    look = NewLook(
        row.at_ms, row.actor, row.actor_id, row.employee_id, row.what, row.via,
        row.from_ms, row.to_ms, row.purpose, row.reason,
    )  # fmt: skip
    return LookFact(row.seq, look, row.digest)
