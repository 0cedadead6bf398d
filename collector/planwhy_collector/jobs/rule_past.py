"""What was done to the rules, with the lines of own rules that each change took away and added. Query → pure."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from planwhy_collector.classify.exchange import own_difference
from planwhy_collector.queries.rule_history import Event, events
from planwhy_collector.queries.rule_versions import own_texts_of


@dataclass(frozen=True, slots=True)
class PastChange:
    """A change, and the lines of the own text that went (`-`) and came (`+`) with it."""

    event: Event
    lines: tuple[str, ...]


def past_changes(session: Session, most: int, before_ms: int | None = None) -> tuple[PastChange, ...]:
    """The latest changes of the rules before an instant (ms)."""
    found = events(session, most + 1, before_ms)
    own = own_texts_of(session, (one.version for one in found))
    earlier = [*(own[one.version] for one in found[1:]), ""]
    pairs = zip(found[:most], earlier, strict=False)
    return tuple(PastChange(one, tuple(own_difference(before, own[one.version]))) for one, before in pairs)
