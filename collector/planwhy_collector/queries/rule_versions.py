"""Which texts a version of the rules consists of. In: versions, texts. Out: what an installation adds to the product's.

The own text stands in the version's row; the product's texts and the packs, which many versions share, are kept once
(`rule_texts`). Rows of earlier releases hold all texts themselves.
"""

import json
from collections.abc import Iterable
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.classify.load import OWN, PACK, Additions, additions_in
from planwhy_collector.models import RuleSetRow
from planwhy_collector.queries.rule_texts import keep_texts, kept_texts

_REMEMBERED = 8
_read: dict[str, Additions] = {}
_reading = Lock()


def additions(session: Session) -> Additions:
    """What the installation adds to the product's rules by the version in force; nothing before the first.

    What a version says never changes, so the last ones read are remembered: one explanation asks a dozen times.
    """
    version = session.scalar(select(RuleSetRow.version).order_by(RuleSetRow.applied_ms.desc()).limit(1))
    if version is None:
        return Additions()
    with _reading:
        known = _read.get(version)
    return known or _remember(version, additions_of(session, version))


def additions_of(session: Session, version: str) -> Additions:
    """What the installation added by a version that holds or held."""
    body = _body(session, version)
    packs = {name: digest for name, digest in body.get("digests", {}).items() if name.startswith(PACK)}
    kept = kept_texts(session, packs.values())
    return additions_in({OWN: body.get("own", "")} | {name: kept[digest] for name, digest in packs.items()})


def own_texts_of(session: Session, versions: Iterable[str]) -> dict[str, str]:
    """The own texts of versions that hold or held; packs are not read."""
    query = select(RuleSetRow.version, RuleSetRow.body).where(RuleSetRow.version.in_(set(versions)))
    return {version: json.loads(body).get("own", "") for version, body in session.execute(query)}


def texts_of(session: Session, version: str) -> dict[str, str]:
    """All texts of a version that holds or held, by name."""
    body = _body(session, version)
    kept = kept_texts(session, body.get("digests", {}).values())
    own = {OWN: body["own"]} if body.get("own", "").strip() else {}
    return own | dict(body.get("texts", {})) | {name: kept[digest] for name, digest in body.get("digests", {}).items()}


def body_of(session: Session, added: Additions, texts: dict[str, str]) -> str:
    """Keep the texts of a version, and write what its row says of them."""
    shared = {name: text for name, text in texts.items() if name != OWN}
    kept = {"own": added.own, "texts": {}, "digests": keep_texts(session, shared)}
    return json.dumps(kept, ensure_ascii=False)


def _body(session: Session, version: str) -> dict[str, Any]:
    body = session.scalar(select(RuleSetRow.body).where(RuleSetRow.version == version))
    return dict(json.loads(body)) if body else {}


def _remember(version: str, added: Additions) -> Additions:
    with _reading:
        while len(_read) >= _REMEMBERED:
            _read.pop(next(iter(_read)))
        _read[version] = added
    return added
