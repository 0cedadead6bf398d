"""Who was erased, without saying who: each erasure holds a hash of the person's public id under a salt of its own.

In: public ids. Out: which of them were erased. Never: a name, an id or an address of anyone.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from planwhy_collector.models import ErasureRow
from planwhy_collector.queries.upsert import inserting

_SALT_BYTES = 16


class Erasure(Struct, frozen=True):
    """One erasure: when, by which account (None: command line), and how many rows of which table went."""

    person: bytes
    salt: bytes
    erased_ms: int
    erased_by: int | None
    counts: dict[str, int]

    def names(self, key: str) -> bool:
        """Whether this is the erasure of the person with that public id."""
        return _hash(self.salt, key) == self.person


def erasure_of(key: str, now_ms: int, by: int | None, counts: dict[str, int]) -> Erasure:
    """Write an erasure down under a new salt."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return Erasure(_hash(salt, key), salt, now_ms, by, counts)


def erasures(session: Session) -> tuple[Erasure, ...]:
    """List all erasures, the oldest first; none where the schema is older than they are.

    Locked until the transaction ends: nobody is erased while a file that may name the person is imported.
    """
    if not inspect(session.connection()).has_table(ErasureRow.__tablename__):
        return ()
    rows = session.scalars(select(ErasureRow).order_by(ErasureRow.erased_ms).with_for_update(read=True))
    return tuple(Erasure(r.person, r.salt, r.erased_ms, r.erased_by, json.loads(r.counts)) for r in rows)


def add_erasures(session: Session, added: Iterable[Erasure]) -> None:
    """Store erasures; those that are known already stay as they are."""
    for one in added:
        values = {"person": one.person, "salt": one.salt, "erased_ms": one.erased_ms, "erased_by": one.erased_by}
        statement = inserting(session, ErasureRow).values(**values, counts=json.dumps(one.counts, sort_keys=True))
        session.execute(statement.on_conflict_do_nothing())


def named_by(known: Iterable[Erasure], keys: Iterable[str]) -> frozenset[str]:
    """Find the public ids that one of the erasures is about."""
    listed = tuple(known)
    return frozenset(key for key in keys if any(one.names(key) for one in listed))


def erased_among(session: Session, keys: Iterable[str]) -> frozenset[str]:
    """Find the public ids whose people were erased."""
    return named_by(erasures(session), keys)


def _hash(salt: bytes, key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), key=salt, digest_size=32).digest()
