"""What a refusal costs the collector as it is shipped: time until the answer, and growth of the server's memory.

In: the table of abuse. Out: a table and JSON, and exit code 1 where a goal is missed. Time is the shortest of a few
tries beside that of the shortest refusal there is, so that a slow machine does not pass for slow code; memory is the
peak of the process that serves, above what it held before. Run it as `make bench-refusals`.
"""

import gzip
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from abuse import BODIES, HEAD, ONE, PACKED, REQUESTS, Case
from ingesting import batch, span
from raw_http import RawCollector, peak_kib, raw_collector, request, reset_peak
from running import CollectorProgram

GOAL_MS = 250.0
GOAL_MIB = 16.0
GIVES_BACK = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""Makes glibc return what was freed at once; kept for later, it would hide what the next refusal takes."""
PAUSE_S = 0.02
"""Between two measurements, so that threads come to rest."""


@dataclass(frozen=True)
class Cost:
    """One refusal: the shortest time of some tries, and the largest growth."""

    name: str
    status: int
    ms: float
    mib: float

    @property
    def well(self) -> bool:
        """Whether both goals are met; they are for refusals, not for what is stored."""
        return self.status == 200 or (self.ms <= GOAL_MS and self.mib <= GOAL_MIB)


def largest() -> list[Case]:
    """Bodies at the limits that are right as a whole: what storing them takes, and each of their spans refused."""
    padded = [ONE.replace(b"7", b"%d" % n) + b',"x":"' + b"x" * 8_200 + b'"}' for n in range(1_000)]
    right = gzip.compress(HEAD + b",".join(padded) + b"]}")
    wrong = gzip.compress(HEAD + b",".join([b'{"seq":"%b"}' % (b"x" * 8_300)] * 1_000) + b"]}")
    return [
        Case("8 MiB in a thousand spans", lambda token: request(token, right, "Content-Encoding: gzip"), 200, ""),
        Case("8 MiB in a thousand wrong spans", lambda token: request(token, wrong, "Content-Encoding: gzip"), 200, ""),
    ]


def costs(collector: RawCollector, cases: list[Case], tries: int) -> list[Cost]:
    """Measure each case `tries` times with a device of its own."""
    collector.ask(request(collector.device(), json.dumps(batch("warm", [span(1)])).encode()))
    return [_cost(collector, case, tries) for case in cases]


def _cost(collector: RawCollector, case: Case, tries: int) -> Cost:
    sent = case.build(collector.device())
    found = []
    for _ in range(tries):
        time.sleep(PAUSE_S)
        reset_peak(collector.worker)
        before, began = peak_kib(collector.worker), time.perf_counter()
        status = collector.ask(sent, finish=case.finish).status
        took = (time.perf_counter() - began) * 1_000
        found.append((took, (peak_kib(collector.worker) - before) / 1_024, status))
    return Cost(case.name, found[0][2], min(f[0] for f in found), max(f[1] for f in found))


@click.command()
@click.option("--tries", type=click.IntRange(1), default=3)
@click.option("--database-url", default=None, help="A database to use instead of SQLite in a folder of its own.")
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Where to write the JSON.")
def main(tries: int, database_url: str | None, out: Path | None) -> None:
    """Measure every refusal."""
    with tempfile.TemporaryDirectory() as folder:
        program = CollectorProgram(Path(folder), database_url)
        program.environment |= GIVES_BACK
        with raw_collector(program) as collector:
            found = costs(collector, [*REQUESTS, *PACKED, *BODIES, *largest()], tries)
    found.sort(key=lambda cost: -cost.mib)
    least = min(cost.ms for cost in found)
    for cost in found:
        mark = "" if cost.well else "  over the goal"
        click.echo(f"{cost.status:4} {cost.ms:8.1f} ms {cost.ms / least:7.0f} × {cost.mib:7.1f} MiB  {cost.name}{mark}")
    told = {"goal_ms": GOAL_MS, "goal_mib": GOAL_MIB, "least_ms": least, "refusals": [asdict(c) for c in found]}
    if out:
        out.write_text(json.dumps(told, indent=1), encoding="utf-8")
    sys.exit(0 if all(cost.well for cost in found) else 1)


if __name__ == "__main__":
    main()
