"""A simulated company as files: the CSV files of an import, span batches by person, and the truth.

In: how many people and days, a seed. Out: a folder. Never: a write outside it, or into one that holds other things.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from planwhy_collector.errors import InvalidInput
from planwhy_collector.simulate import tabling
from planwhy_collector.simulate.history import History, history
from planwhy_collector.simulate.roster import roster
from planwhy_collector.simulate.spans import batches

LONGEST_DAYS = 800
MOST_EMPLOYEES = 5_000


@dataclass(frozen=True, slots=True)
class Order:
    """What to simulate: people, days that end with `last`, and the seed that decides everything else."""

    employees: int
    days: int
    seed: int
    last: date

    @property
    def first(self) -> date:
        """The first simulated day."""
        return self.last - timedelta(days=self.days - 1)


def write(order: Order, out: Path) -> Iterator[str]:
    """Write everything into `out`; yields each person's key when the person is done.

    Raises InvalidInput where the folder holds anything already or the order is out of range.
    """
    _check(order, out)
    (out / "spans").mkdir(parents=True)
    people: list[dict[str, object]] = []
    with ExitStack() as files:
        tables = {name: _table(files, out / name, columns) for name, columns in tabling.COLUMNS.items()}
        for member in roster(order.employees, order.seed):
            lived = history(member, order.first, order.last, order.seed)
            for name, rows in tabling.rows(lived):
                tables[name](rows)
            key = member.person.key
            _write_spans(out / "spans" / f"{key}.jsonl", lived, order.seed)
            people.append({"employee_id": key, "months": lived.truth})
            yield key
    _write_truth(out / "truth.json", order, people)


def _check(order: Order, out: Path) -> None:
    if not 1 <= order.employees <= MOST_EMPLOYEES:
        raise InvalidInput(f"employees: {order.employees} is not between 1 and {MOST_EMPLOYEES}")
    if not 1 <= order.days <= LONGEST_DAYS:
        raise InvalidInput(f"days: {order.days} is not between 1 and {LONGEST_DAYS}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InvalidInput(f"{out}: exists and is not empty")


def _table(files: ExitStack, path: Path, columns: tuple[str, ...]) -> Callable[[Iterable[Iterable[Any]]], Any]:
    file = files.enter_context(path.open("w", encoding="utf-8", newline=""))
    writer = csv.writer(file)
    writer.writerow(columns)
    return writer.writerows


def _write_spans(path: Path, lived: History, seed: int) -> None:
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        for batch in batches(lived.member.person.key, seed, lived.months):
            file.write(encode(batch) + b"\n")


def _write_truth(path: Path, order: Order, people: list[dict[str, object]]) -> None:
    truth = {"seed": order.seed, "from": str(order.first), "to": str(order.last), "people": people}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1) + b"\n")
