"""Texts of rules, kept once under the digest of what they say. In: texts. Out: digests, and the texts again.

Never: a text changed or removed: every version that ever held can be read again.
"""

import hashlib
from collections.abc import Iterable, Mapping

import zstandard
from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.models import RuleTextRow
from planwhy_collector.queries.upsert import chunks, inserting


def keep_texts(session: Session, texts: Mapping[str, str]) -> dict[str, str]:
    """Keep texts by name; the digest of each."""
    named = {name: _digest(text) for name, text in texts.items()}
    known = set(session.scalars(select(RuleTextRow.digest).where(RuleTextRow.digest.in_(named.values()))))
    rows = [
        {"digest": digest, "body": zstandard.compress(texts[name].encode())}
        for name, digest in named.items()
        if digest not in known
    ]
    if rows:
        session.execute(inserting(session, RuleTextRow).on_conflict_do_nothing(), rows)
    return named


def kept_texts(session: Session, digests: Iterable[str]) -> dict[str, str]:
    """Find texts by their digests."""
    found: dict[str, str] = {}
    for part in chunks(sorted(set(digests))):
        query = select(RuleTextRow.digest, RuleTextRow.body).where(RuleTextRow.digest.in_(part))
        found |= {digest: zstandard.decompress(body).decode() for digest, body in session.execute(query)}
    return found


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
