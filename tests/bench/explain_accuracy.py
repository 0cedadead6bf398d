"""How right the explanations are: simulated teams through the real interfaces, scored against their truth.

In: how much to simulate. Out: a table of scores beside their goals, and JSON. Exit code 1 where a goal is missed.
Run it as `make bench-explain` or `python -m tests.bench.explain_accuracy`.
"""

import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import click
from planwhy_collector.simulate.causes import NAMES

from tests.bench.company import Company, company, last_of_month, shown
from tests.bench.scoring import Case, Scores, score
from tests.bench.table import as_json, lines, met

HIDDEN = (0.0, 0.1, 0.25)
BY_COMMAND = 3
"""Explanations that are also asked from the command line, which must say the same as the API."""


def measure(
    folder: Path, port: int, per_cause: int, months: int, seed: int, hide: Sequence[float], bare: float, causes: str
) -> tuple[Scores, dict[str, float]]:
    """Simulate, send, explain, score; and the seconds of each step."""
    last = last_of_month(datetime.now(UTC).date())
    first = date(last.year - (months - last.month + 11) // 12, (last.month - months) % 12 + 1, 1)
    options = ["--per-cause", str(per_cause), "--days", str((last - first).days + 1), "--seed", str(seed)]
    options += [
        "--until",
        str(last),
        "--causes",
        causes,
        "--bare",
        str(bare),
        *(o for h in hide for o in ("--hide", str(h))),
    ]
    with company(folder, port) as one:
        one.fill(options)
        cases: list[Case] = []
        one.timed("explain", lambda: cases.extend(_cases(one)))
        one.timed("commands", lambda: _same_by_command(one, cases))
    return score(cases), one.seconds


def _cases(one: Company) -> list[Case]:
    true = [(person["employee_id"], month) for person in one.truth()["people"] for month in person["months"]]
    found = one.explained((key, month["period"]) for key, month in true)
    return [Case(month, next(found)) for _, month in shown(true, "explaining")]


def _same_by_command(one: Company, cases: list[Case]) -> None:
    """The command line gives what the API gave, up to the moment of asking."""
    for case in Random(1).sample(cases, min(BY_COMMAND, len(cases))):
        told = one.explained_by_command(case.found["employee_id"], case.truth["period"])
        different = [name for name in told if name != "as_of" and told[name] != case.found[name]]
        if different:
            raise RuntimeError(f"the command line and the API differ in {different} of {case.found['employee_id']}")


@click.command()
@click.option(
    "--per-cause", type=click.IntRange(min=1), default=200, show_default=True, help="Person-months of each cause."
)
@click.option("--months", type=click.IntRange(1, 24), default=12, show_default=True, help="Months of each person.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--hide", type=float, multiple=True, default=(0.0, 0.1, 0.25), show_default=True, help="Shares hidden, in turn."
)
@click.option("--bare", type=float, default=0.0, show_default=True, help="Share of plans without assumptions.")
@click.option("--causes", default=",".join(NAMES), help="Only these causes.")
@click.option("--port", type=int, default=8171, show_default=True)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write all figures there as well.")
def main(
    per_cause: int,
    months: int,
    seed: int,
    hide: tuple[float, ...],
    bare: float,
    causes: str,
    port: int,
    path: Path | None,
) -> None:
    """Simulate teams with known causes, explain their months, and score the explanations."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whoever ends it ends what it started
    with tempfile.TemporaryDirectory(prefix="planwhy-bench-") as folder:
        scores, seconds = measure(Path(folder), port, per_cause, months, seed, hide, bare, causes)
    click.echo("\n".join(lines(scores, seconds)))
    if path:
        path.write_text(json.dumps(as_json(scores, seconds), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.exit(0 if all(met(scores).values()) else 1)


if __name__ == "__main__":
    main()
