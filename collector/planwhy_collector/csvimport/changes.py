"""A file compared with what is stored, pure.

In: facts before and after, by key. Out: what is new, changed, the same. Never: a decision what to do with it.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Changes:
    """The facts of one file. `changed` holds (before, after)."""

    new: tuple[Any, ...]
    changed: tuple[tuple[Any, Any], ...]
    unchanged: int

    @property
    def to_store(self) -> tuple[Any, ...]:
        """What has to be written."""
        return (*self.new, *(after for _, after in self.changed))

    @property
    def touched(self) -> tuple[Any, ...]:
        """Every fact that appears, disappears or differs: new ones, and both sides of the changed."""
        return (*self.new, *(fact for pair in self.changed for fact in pair))


def compared(stored: Mapping[Any, Any], facts: Iterable[Any], key: Callable[[Any], Hashable]) -> Changes:
    """Compare by key."""
    new: list[Any] = []
    changed: list[tuple[Any, Any]] = []
    same = 0
    for fact in facts:
        before = stored.get(key(fact))
        if before is None:
            new.append(fact)
        elif before != fact:
            changed.append((before, fact))
        else:
            same += 1
    return Changes(tuple(new), tuple(changed), same)
