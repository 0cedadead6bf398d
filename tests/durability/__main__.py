"""The durability programme: every trial for real, one table, exit code 1 where anything is not 0.

`python -m tests.durability [TRIAL …]`, or `make durability`. With `--state FILE` it goes on where an earlier call
stopped, and `--slice-s` makes it stop in time.
"""

import importlib
import json
import sys
import time
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from tests.durability.found import Found, lines

TRIALS = (
    "kills", "power_cuts", "flips", "disks", "clocks", "instances", "servers", "month", "backlog",
)  # fmt: skip


@click.command()
@click.argument("trials", nargs=-1, type=click.Choice(TRIALS))
@click.option("--small", is_flag=True, help="As few runs as the ordinary tests do.")
@click.option("--seed", default=0, help="Where the numbering of runs begins.")
@click.option("--state", type=click.Path(path_type=Path), default=None, help="Go on from this file, and keep it.")
@click.option("--slice-s", default=1e9, help="Begin nothing new after so many seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
def main(trials: tuple[str, ...], small: bool, seed: int, state: Path | None, slice_s: float, as_json: bool) -> None:
    """Run the trials, all of them where none is named."""
    found = _read(state)
    deadline = time.monotonic() + slice_s
    for name in trials or TRIALS:
        _go_on(name, found, small, seed, deadline, state)
    chosen = {name: found[name] for name in TRIALS if name in found}
    if as_json:
        click.echo(json.dumps({name: one.plain() for name, one in chosen.items()}, indent=1))
    else:
        click.echo("\n".join(lines(chosen)))
    sys.exit(0 if chosen and all(one.well for one in chosen.values()) else 1)


def _go_on(name: str, found: dict[str, Found], small: bool, seed: int, deadline: float, state: Path | None) -> None:
    trial = importlib.import_module(f"tests.durability.{name}")
    total = trial.SMALL if small else trial.FULL
    while (done := found.get(name, Found())).runs < total and not done.skipped and time.monotonic() < deadline:
        began = time.monotonic()
        chunk = min(total - done.runs, getattr(trial, "CHUNK", 100))
        more = trial.run(seed + done.runs, chunk, deadline)
        found[name] = done + more + Found(seconds=time.monotonic() - began)
        if state:
            state.write_text(json.dumps({n: f.plain() for n, f in found.items()}))
        if sys.stderr.isatty():
            click.echo(f"{name}: {found[name].runs} of {total}", err=True)


def _read(state: Path | None) -> dict[str, Found]:
    if state is None or not state.exists():
        return {}
    plain = json.loads(state.read_text())
    return {
        name: Found(**{k: tuple(v) if k == "faults" else v for k, v in one.items() if k != "well"})
        for name, one in plain.items()
    }


if __name__ == "__main__":
    main()
