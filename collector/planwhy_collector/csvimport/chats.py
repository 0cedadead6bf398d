"""Chats that an import of clients makes a client's, or nobody's again: their verdicts are forgotten, so that the days
they lie in are judged anew. In: what changed of clients. Out: those days. Never: a chat whose title retention blanked.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from planwhy_collector.classify.chats import CHAT_RULE, MESSENGERS, KnownChats
from planwhy_collector.csvimport.changes import Changes
from planwhy_collector.queries.crm import client_names
from planwhy_collector.queries.rollups import days_in_contexts
from planwhy_collector.queries.verdicts import TitledVerdict, forget_verdicts, titled_verdicts


def days_of_chats(session: Session, clients: Changes) -> Iterable[tuple[int, date]]:
    """Forget what no longer holds of chats, and tell the days as (employee, day)."""
    if not _renames(clients):
        return ()
    chats = KnownChats(client_names(session))
    turned = {one.context_id for one in titled_verdicts(session, MESSENGERS) if _turns(one, chats)}
    forget_verdicts(session, turned)
    return days_in_contexts(session, turned)


def _renames(clients: Changes) -> bool:
    """Whether there are other names, or a client came or went."""
    return bool(clients.new) or any(
        (before.name, before.deleted_ms) != (after.name, after.deleted_ms) for before, after in clients.changed
    )


def _turns(stored: TitledVerdict, chats: KnownChats) -> bool:
    found = chats.found_in(stored.title)
    was = (stored.rule == CHAT_RULE, stored.entity_id)
    return stored.label != "non_work" and was != ((True, found[1] or "") if found else (False, ""))
