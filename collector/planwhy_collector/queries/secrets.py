"""The keys that live with the data. In: a key's name. Out: 32 random bytes, always the same. Never: a key in a log."""

import secrets

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from planwhy_collector.models import Secret
from planwhy_collector.queries.upsert import inserting

_VALUE = select(Secret.value).where(Secret.name == bindparam("name"))


def secret(session: Session, name: str) -> bytes:
    """The key of that name, made when first asked for; two processes that ask at once get the same one."""
    found = _stored(session, name)
    if found is None:
        session.execute(
            inserting(session, Secret).values(name=name, value=secrets.token_bytes(32)).on_conflict_do_nothing()
        )
        found = _stored(session, name)
    if found is None:
        raise LookupError("a key that was just made is gone")
    return found


def _stored(session: Session, name: str) -> bytes | None:
    return session.connection().scalar(_VALUE, {"name": name})
