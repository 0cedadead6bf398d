"""The keys that live with the data. In: a key's name. Out: 32 random bytes, always the same. Never: a key in a log."""

import secrets
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.orm import Session

from planwhy_collector.models import Secret
from planwhy_collector.queries.upsert import inserting

_kept: WeakKeyDictionary[Engine, dict[str, bytes]] = WeakKeyDictionary()
_MADE = "planwhy_made_a_secret"
_VALUE = select(Secret.value).where(Secret.name == bindparam("name"))


def secret(session: Session, name: str) -> bytes:
    """The key of that name, made when first asked for; two processes that ask at once get the same one.

    A key never changes, so that this process remembers it, but not one that its own transaction made and may undo.
    """
    kept = _kept.setdefault(session.get_bind().engine, {})
    if name in kept:
        return kept[name]
    found = _stored(session, name)
    if found is not None and _MADE not in session.info:
        kept[name] = found
    if found is None:
        session.info[_MADE] = True
        session.execute(
            inserting(session, Secret).values(name=name, value=secrets.token_bytes(32)).on_conflict_do_nothing()
        )
        found = _stored(session, name)
    if found is None:
        raise LookupError("a key that was just made is gone")
    return found


def _stored(session: Session, name: str) -> bytes | None:
    return session.connection().scalar(_VALUE, {"name": name})
