"""Spool files of devices, and which of their spans have arrived. In: a device and numbers. Out: epochs, runs, flags.

`seq_ranges` remembers as intervals which numbers of an epoch have arrived or were declared lost: the exact answer to
"is this span new?" in a handful of rows. Never: a number forgotten, also when its spans are gone by retention.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from sqlalchemy import Executable, and_, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput
from planwhy_collector.models import Device, Epoch, SeqRange
from planwhy_collector.queries.bulk import insert_rows
from planwhy_collector.queries.sequences import Runs

MOST_EPOCHS = 32_000
"""Spool files of one device: the number that blocks of spans carry for them is small."""
MOST_COPIES = 8
"""Machines that write the same spool file's numbers; more than ever came of copying a disk by mistake."""
COPY = "\x1f"
"""Stands between the name of an epoch and the number of its copy; no agent can send it."""
TOGETHER_MS = 60_000
"""Two machines are told from one whose clock was set by how long both recorded at once."""


@dataclass(frozen=True, slots=True)
class EpochFact:
    """A spool file: its number, its name, from when to when it recorded with the focus, and which numbers it used up.

    `runs` are the numbers that have arrived or were declared lost.
    """

    no: int
    name: str
    from_ms: int | None = None
    until_ms: int | None = None
    runs: Runs = ()


_EPOCHS = (
    select(Epoch.epoch_no, Epoch.epoch, Epoch.from_ms, Epoch.until_ms, SeqRange.first_seq, SeqRange.last_seq)
    .outerjoin(SeqRange, and_(SeqRange.device_id == Epoch.device_id, SeqRange.epoch_no == Epoch.epoch_no))
    .where(Epoch.device_id == bindparam("device"))
    .order_by(Epoch.epoch_no, SeqRange.first_seq)
)

_FORGET_RUN = delete(SeqRange).where(
    SeqRange.device_id == bindparam("device"),
    SeqRange.epoch_no == bindparam("no"),
    SeqRange.first_seq == bindparam("first"),
)
_LENGTHEN_RUN = (
    update(SeqRange)
    .where(
        SeqRange.device_id == bindparam("device"),
        SeqRange.epoch_no == bindparam("no"),
        SeqRange.first_seq == bindparam("first"),
    )
    .values(last_seq=bindparam("last"))
)
_RUN_COLUMNS = {"device_id": "bigint", "epoch_no": "smallint", "first_seq": "bigint", "last_seq": "bigint"}
_WIDEN = (
    update(Epoch)
    .where(Epoch.device_id == bindparam("device"), Epoch.epoch_no == bindparam("no"))
    .values(from_ms=bindparam("first"), until_ms=bindparam("last"))
)


def epochs_of(session: Session, device_id: int) -> dict[str, EpochFact]:
    """Find the spool files of a device by name, copies included."""
    rows = session.connection().execute(_EPOCHS, {"device": device_id})
    return {
        name: EpochFact(no, name, from_ms, until_ms, tuple((row[4], row[5]) for row in found if row[4] is not None))
        for (no, name, from_ms, until_ms), found in groupby(rows, key=lambda row: tuple(row[:4]))
    }


def copy_name(epoch: str, copy: int) -> str:
    """Name the copies of an epoch; 0 is the epoch itself. Raises InvalidInput for one copy too many."""
    if copy > MOST_COPIES:
        raise InvalidInput(f"epoch: more than {MOST_COPIES} machines send under this device, enrol each of them")
    return f"{epoch}{COPY}{copy}" if copy else epoch


def add_epoch(session: Session, device_id: int, known: dict[str, EpochFact], name: str, now_ms: int) -> EpochFact:
    """Number a spool file heard of for the first time. Raises InvalidInput for one too many."""
    number = max((one.no for one in known.values()), default=-1) + 1
    if number >= MOST_EPOCHS:
        raise InvalidInput(f"epoch: this device has used {MOST_EPOCHS} of them, enrol it anew")
    session.execute(insert(Epoch).values(device_id=device_id, epoch_no=number, epoch=name, first_ms=now_ms))
    known[name] = EpochFact(number, name)
    return known[name]


def update_epoch(session: Session, device_id: int, before: EpochFact, after: EpochFact) -> None:
    """Store what has changed of an epoch since it was read in the same transaction."""
    if (before.from_ms, before.until_ms) != (after.from_ms, after.until_ms):
        values = {"device": device_id, "no": after.no, "first": after.from_ms, "last": after.until_ms}
        session.connection().execute(_WIDEN, values)
    old, new = dict(before.runs), dict(after.runs)
    _each(session, _FORGET_RUN, device_id, after.no, dict.fromkeys(old.keys() - new.keys(), 0))
    _each(session, _LENGTHEN_RUN, device_id, after.no, {f: new[f] for f in old.keys() & new.keys() if old[f] != new[f]})
    rows = [(device_id, after.no, first, new[first]) for first in sorted(new.keys() - old.keys())]
    insert_rows(session, SeqRange.__tablename__, _RUN_COLUMNS, rows, "")


def widened(epoch: EpochFact, from_ms: int, until_ms: int) -> EpochFact:
    """The epoch with what it recorded from one instant to another."""
    first = from_ms if epoch.from_ms is None else min(epoch.from_ms, from_ms)
    last = until_ms if epoch.until_ms is None else max(epoch.until_ms, until_ms)
    return replace(epoch, from_ms=first, until_ms=last)


def recorded_together(one: EpochFact, other: EpochFact) -> bool:
    """Whether two spool files recorded at the same time for longer than a clock's correction explains."""
    if one.no == other.no or one.from_ms is None or other.from_ms is None:
        return False
    first, last = max(one.from_ms, other.from_ms), min(one.until_ms or 0, other.until_ms or 0)
    return last - first > TOGETHER_MS


def flag_clone(session: Session, device_id: int, now_ms: int) -> None:
    """Note, once, that two machines send under one device."""
    first = update(Device).where(Device.id == device_id, Device.cloned_ms.is_(None))
    session.execute(first.values(cloned_ms=now_ms))


def _each(session: Session, statement: Executable, device_id: int, epoch_no: int, runs: Mapping[int, int]) -> None:
    values = [{"device": device_id, "no": epoch_no, "first": f, "last": last} for f, last in sorted(runs.items())]
    if values:
        session.connection().execute(statement, values)
