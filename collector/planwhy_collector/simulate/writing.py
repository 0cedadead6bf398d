"""A simulated company as files: the CSV files of an import, span batches by person, and the truth.

In: an order. Out: a folder. Never: a write outside it, or into one that holds other things.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from planwhy_collector.errors import InvalidInput
from planwhy_collector.simulate import tabling
from planwhy_collector.simulate.history import History, history
from planwhy_collector.simulate.order import Order
from planwhy_collector.simulate.roster import roster
from planwhy_collector.simulate.spans import MACHINES, batches


def write(order: Order, out: Path) -> Iterator[str]:
    """Write everything into `out`; yields each person's key when the person is done.

    Raises InvalidInput where the folder holds anything already.
    """
    _check(out)
    (out / "spans").mkdir(parents=True)
    people: list[dict[str, object]] = []
    with ExitStack() as files:
        tables = {name: _table(files, out / name, columns) for name, columns in tabling.COLUMNS.items()}
        for member in roster(order.employees, order.seed):
            lived = history(member, order)
            for name, rows in tabling.rows(lived):
                tables[name](rows)
            key = member.person.key
            _write_spans(out / "spans", lived, order.seed)
            people.append({"employee_id": key, "months": lived.truth})
            yield key
    _write_truth(out / "truth.json", order, people)


def span_files(folder: Path, key: str) -> list[Path]:
    """The files of a person's machines, each to be sent by an agent of its own."""
    paths = (_spans_of(folder / "spans", key, machine) for machine in MACHINES)
    return [path for path in paths if path.exists()]


def _spans_of(folder: Path, key: str, machine: str) -> Path:
    return folder / f"{key}{'' if machine == MACHINES[0] else f'-{machine}'}.jsonl"


def _check(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InvalidInput(f"{out}: exists and is not empty")


def _table(files: ExitStack, path: Path, columns: tuple[str, ...]) -> Callable[[Iterable[Iterable[Any]]], Any]:
    file = files.enter_context(path.open("w", encoding="utf-8", newline=""))
    writer = csv.writer(file)
    writer.writerow(columns)
    return writer.writerows


def _write_spans(folder: Path, lived: History, seed: int) -> None:
    """One file per machine; the first one always, others where they were used."""
    encode = msgspec.json.Encoder().encode
    key, months = lived.member.person.key, list(zip(lived.months, lived.views, strict=True))
    for machine in MACHINES:
        lines = [encode(batch) + b"\n" for batch in batches(key, seed, months, machine)]
        if lines or machine == MACHINES[0]:
            _spans_of(folder, key, machine).write_bytes(b"".join(lines))


def _write_truth(path: Path, order: Order, people: list[dict[str, object]]) -> None:
    truth = {"seed": order.seed, "from": str(order.first), "to": str(order.last), "people": people}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1) + b"\n")
