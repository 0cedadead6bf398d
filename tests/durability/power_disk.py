"""A disk as it may look after the power went: what was synced is there, of the rest anything may be.

In: operations. Out: folders of files. A file that was synced holds what was written before the sync began. Names
(created, renamed, removed) are there once their folder was synced; of later ones the first so many may be, in order.
Of writes that were not synced any may have arrived, each of them in pages of 4,096 bytes, in any order.
"""

import random
from dataclasses import dataclass, field
from itertools import pairwise

from tests.durability.trace import Op

PAGE = 4_096
Write = tuple[int, str, int, bytes]
"""Number of the operation, `write` or `truncate`, where, what."""


@dataclass
class Inode:
    """One file: what is safe, and what was done to it since."""

    safe: bytearray = field(default_factory=bytearray)
    since: list[Write] = field(default_factory=list)
    size: int = 0

    def settle(self, before: int) -> None:
        """Sync: everything that was done before an operation began is safe."""
        for write in [w for w in self.since if w[0] < before]:
            _apply(self.safe, write)
        self.since = [w for w in self.since if w[0] >= before]


@dataclass
class Disk:
    """Files under their names, safe and present."""

    names: dict[str, Inode] = field(default_factory=dict)
    safe_names: dict[str, Inode] = field(default_factory=dict)
    changes: list[tuple[int, str, str, Inode]] = field(default_factory=list)
    done: int = 0

    def take(self, op: Op) -> None:
        """One operation more."""
        if op.kind == "create":
            if op.path not in self.names:
                self._name(op.path, Inode())
        elif op.kind == "rename":
            inode = self.names[op.path]
            self._unname(op.path)
            self._name(op.other, inode)
        elif op.kind == "unlink":
            self._unname(op.path)
        elif op.kind == "sync" and op.path in self.names:
            self.names[op.path].settle(op.begun)
        elif op.kind == "sync":
            self._settle_names(op.path, op.begun)
        elif op.path in self.names:
            self._write(self.names[op.path], op)
        self.done += 1

    def kept(self) -> dict[str, bytes]:
        """Everything arrived."""
        return {name: _content(inode, inode.since) for name, inode in self.names.items()}

    def synced(self) -> dict[str, bytes]:
        """Only what was synced arrived."""
        return {name: bytes(inode.safe) for name, inode in self.safe_names.items()}

    def mixed(self, chance: random.Random) -> dict[str, bytes]:
        """Anything that was not synced may have arrived or not, in pages."""
        names = dict(self.safe_names)
        for _, verb, path, inode in self.changes[: chance.randrange(len(self.changes) + 1)]:
            names.pop(path, None) if verb == "gone" else names.__setitem__(path, inode)
        share = chance.random()
        return {name: _content(inode, _torn(inode.since, chance, share)) for name, inode in names.items()}

    def _name(self, path: str, inode: Inode) -> None:
        self.names[path] = inode
        self.changes.append((self.done, "named", path, inode))

    def _unname(self, path: str) -> None:
        if (inode := self.names.pop(path, None)) is not None:
            self.changes.append((self.done, "gone", path, inode))

    def _settle_names(self, folder: str, before: int) -> None:
        for change in [c for c in self.changes if c[0] < before and c[2].rpartition("/")[0] == folder]:
            _, verb, path, inode = change
            self.safe_names.pop(path, None) if verb == "gone" else self.safe_names.__setitem__(path, inode)
            self.changes.remove(change)

    def _write(self, inode: Inode, op: Op) -> None:
        at = inode.size if op.at is None else op.at
        inode.since.append((self.done, op.kind, at, op.data))
        inode.size = at if op.kind == "truncate" else max(inode.size, at + len(op.data))


def _torn(since: list[Write], chance: random.Random, share: float) -> list[Write]:
    pieces = [piece for write in since for piece in _pages(write)]
    return [piece for piece in pieces if chance.random() < share]


def _pages(write: Write) -> list[Write]:
    number, kind, at, data = write
    if kind == "truncate":
        return [write]
    cuts = [at, *range(at - at % PAGE + PAGE, at + len(data), PAGE), at + len(data)]
    return [(number, kind, a, data[a - at : b - at]) for a, b in pairwise(cuts)]


def _content(inode: Inode, since: list[Write]) -> bytes:
    content = bytearray(inode.safe)
    for write in since:
        _apply(content, write)
    return bytes(content)


def _apply(content: bytearray, write: Write) -> None:
    _, kind, at, data = write
    if kind == "truncate":
        del content[at:]
        content.extend(bytes(at - len(content)))
    else:
        content.extend(bytes(max(0, at - len(content))))
        content[at : at + len(data)] = data
