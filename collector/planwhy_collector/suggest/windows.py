"""What people had before them, sorted. In: contexts and what rules made of them. Out: what to learn from, what to ask.

Of each host and program only the windows with the most time are held, so that memory is bounded by how many there are.
Never: whose window it was.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest

from planwhy_collector.classify.subject import Subject, subject_of
from planwhy_collector.suggest.examples import MOST_OF_ONE, SeenWindow

_HELD = 8 * MOST_OF_ONE


@dataclass(frozen=True, slots=True)
class Unclassified:
    """A host or program that no rule knows: its milliseconds, and the windows of it with the most time."""

    subject: Subject
    ms: int
    windows: tuple[SeenWindow, ...]


class Windows:
    """Takes windows one after the other."""

    def __init__(self) -> None:
        self._known: defaultdict[tuple[Subject, str], list[SeenWindow]] = defaultdict(list)
        self._unknown: defaultdict[Subject, list[SeenWindow]] = defaultdict(list)
        self._spent: Counter[Subject] = Counter()

    def add(self, one: SeenWindow) -> None:
        """Take a window; without time or a subject it says nothing."""
        subject = subject_of(one.context)
        if subject is None or one.ms <= 0:
            return
        if one.rule is None:
            self._spent[subject] += one.ms
            _hold(self._unknown[subject], one)
        else:
            _hold(self._known[subject, one.profile], one)

    def known(self) -> Iterator[SeenWindow]:
        """Windows that a rule knows."""
        for windows in self._known.values():
            yield from longest(windows)

    def unclassified(self, most: int) -> tuple[Unclassified, ...]:
        """Up to so many hosts and programs that no rule knows, those with the most time first."""
        order = sorted(self._spent, key=lambda subject: (-self._spent[subject], subject))[:most]
        return tuple(Unclassified(one, self._spent[one], longest(self._unknown[one])) for one in order)


def longest(windows: list[SeenWindow]) -> tuple[SeenWindow, ...]:
    """The windows of one host or program with the most time, in an order that does not depend on how they came."""
    return tuple(nlargest(MOST_OF_ONE, windows, key=lambda one: (one.ms, repr(one.context))))


def _hold(held: list[SeenWindow], one: SeenWindow) -> None:
    held.append(one)
    if len(held) > _HELD:
        held[:] = longest(held)
