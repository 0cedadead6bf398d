"""Very many hosts in little memory. In: hosts. Out: whether one is among them. Never: what a host means.

They lie sorted in one piece, with the place of each. A look-up is a binary search, made once for a host that people
open, not for every context.
"""

from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator
from itertools import accumulate


class HostSet(Container[str]):
    """An immutable set of hosts, in the order of their UTF-8."""

    __slots__ = ("_ends", "_text")

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self._text, self._ends = b"", array("I", [0])
        self._fill(sorted({host.encode("utf-8", "replace") for host in hosts}))

    def __contains__(self, host: object) -> bool:
        if not isinstance(host, str):
            return False
        sought = host.encode("utf-8", "replace")
        at = bisect_left(range(len(self)), sought, key=self._raw)
        return at < len(self) and self._raw(at) == sought

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __iter__(self) -> Iterator[str]:
        return (self._raw(at).decode() for at in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HostSet) and self._text == other._text and self._ends == other._ends

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"HostSet({len(self):,} hosts)"

    @property
    def size_bytes(self) -> int:
        """The memory that it takes."""
        return len(self._text) + self._ends.itemsize * len(self._ends)

    def differing(self, other: "HostSet") -> "HostSet":
        """The hosts that are in one of both only."""
        made, mine, theirs = [], 0, 0
        while mine < len(self) and theirs < len(other):
            one, another = self._raw(mine), other._raw(theirs)
            if one != another:
                made.append(min(one, another))
            mine, theirs = mine + (one <= another), theirs + (another <= one)
        made += [self._raw(at) for at in range(mine, len(self))]
        made += [other._raw(at) for at in range(theirs, len(other))]
        return HostSet()._fill(made)

    def _fill(self, ordered: list[bytes]) -> "HostSet":
        self._text = b"".join(ordered)
        self._ends = array("I", accumulate(map(len, ordered), initial=0))
        return self

    def _raw(self, at: int) -> bytes:
        return self._text[self._ends[at] : self._ends[at + 1]]
