"""What is measured of a filled database. In: a database, people, days. Out: Figures: found beside the target, and
beside a plain reading of the same rows in the same run, so that a slow machine does not pass for slow code.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median, quantiles

from planwhy_collector.classify.load import Additions
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.facts import Person
from planwhy_collector.gate import Opening
from planwhy_collector.jobs.carrying import ahead, carry_change
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.jobs.reporting import weekly_report
from planwhy_collector.jobs.rule_change import apply
from planwhy_collector.jobs.rule_preview import preview
from planwhy_collector.jobs.settle import settled_totals
from planwhy_collector.jobs.timeline import timeline_of
from planwhy_collector.plan.period import Period, parse_period
from planwhy_collector.queries import rollups
from planwhy_shared.times import day_bounds
from sqlalchemy import text

from tests.bench.company import shown

OWN = "[business_info work]\nhost news.example\n"
"""Rules that give every day of everybody another meaning: a site that all have open."""
PLAIN = "SELECT * FROM day_totals WHERE employee_id = :key AND day BETWEEN :first AND :last"
PLAIN_WEEK = "SELECT COUNT(*), SUM(working_ms) FROM day_totals WHERE day BETWEEN :first AND :last"
PLAIN_YEAR = "SELECT COUNT(*), SUM(working_ms) FROM day_contexts"
ROUNDS = 3
READERS = 20
QUIET_S = 2.0


@dataclass(frozen=True)
class Figure:
    """One thing measured, in milliseconds. `target` None: only told. `cpu`: this process's processor time."""

    name: str
    found: float
    target: float | None = None
    reference: float | None = None
    of: str = ""
    cpu: float | None = None

    @property
    def missed(self) -> bool:
        """Whether it takes longer than it may."""
        return self.target is not None and self.found > self.target


@dataclass
class Scene:
    """A filled database, its people, the last recorded day, the instant at which it is looked at."""

    database: Database
    people: Sequence[Person]
    last: date
    now_ms: int
    figures: list[Figure] = field(default_factory=list)

    @property
    def month(self) -> Period:
        """The month of the last day."""
        return parse_period(f"{self.last:%Y-%m}")

    @property
    def week(self) -> Period:
        """The week of the last day."""
        year, week, _ = self.last.isocalendar()
        return parse_period(f"{year}-W{week:02}")


def one_person(scene: Scene, stayers: Sequence[Person]) -> Iterator[Figure]:
    """The timeline of a day, a month by category and its explanation, of those who were there all month."""
    first, last = scene.month.first, scene.month.last
    plain = median(_plain(scene, PLAIN, key=one.id, first=first, last=last) for one in stayers)
    yield _median("timeline of a day", [lambda one=one: _timeline(scene, one) for one in stayers], 40, plain)
    yield _median("month by category", [lambda one=one: _by_category(scene, one) for one in stayers], 20, plain)
    settings = Settings()
    explaining = [
        lambda one=one: explain(scene.database, one.key, scene.month, scene.now_ms, settings, "en") for one in stayers
    ]
    yield _median("explanation of a month", explaining, 200, plain)


def week_of_all(scene: Scene) -> Iterator[Figure]:
    """The week of everybody: the data, and the report made of it."""
    ids, week = sorted(one.id for one in scene.people), scene.week
    plain = min(_plain(scene, PLAIN_WEEK, first=week.first, last=week.last) for _ in range(ROUNDS))

    def data() -> None:
        with scene.database.reading() as session:
            rollups.working_totals(session, ids, week.first, week.last)

    def report() -> None:
        weekly_report(scene.database, week, None, scene.now_ms, only=scene.people)

    of = f"{len(ids)} people"
    yield _median("week of everybody, data", [data], 100, plain, of)
    yield _median("week of everybody, report", [report], 2_000, plain, of)


def rule_change(scene: Scene) -> Iterator[Figure]:
    """A change of rules while others read, and what it would have moved beforehand."""
    plain = _plain(scene, PLAIN_YEAR)
    start = time.perf_counter()
    preview(scene.database, Additions(OWN), scene.last - timedelta(days=30), scene.last)
    previewed = (time.perf_counter() - start) * 1000
    keys = [one.key for one in scene.people[:: max(1, len(scene.people) // READERS)]]
    with _reading(scene, keys) as quiet:
        time.sleep(QUIET_S)
    with _reading(scene, keys) as meanwhile:
        start, cpu = time.perf_counter(), time.process_time()
        apply(scene.database, OWN, "bench", scene.now_ms)
        applied = (time.perf_counter() - start) * 1000
        left = ahead(scene.database)
        longest = 0.0
        began = time.perf_counter()
        for done in shown(carry_change(scene.database, scene.now_ms), "rule change"):
            longest = max(longest, 0 if done.verdicts else time.perf_counter() - began)
            began = time.perf_counter()
        whole, cpu = (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000
    of = f"{left.days} days, {left.verdicts} verdicts"
    yield Figure("preview of 30 days", previewed, None, plain)
    yield Figure("rule change", whole, 60_000, plain, of, cpu)
    yield Figure("  until it is in force", applied)
    yield Figure("  longest write transaction", longest * 1000, 1_000)
    for kind, target in (("stored", 250.0), ("exact", 2_000.0)):
        before, then = quiet[kind], meanwhile[kind]
        usual, high = median(before), quantiles(then, n=100, method="inclusive")[-1]
        yield Figure(f"  reader of {kind} totals meanwhile, 99 %", high, target, usual, f"{len(then)} readings")
        yield Figure(f"  reader of {kind} totals meanwhile, longest", max(then), None, max(before))


def _timeline(scene: Scene, one: Person) -> None:
    bounds = day_bounds(scene.last, one.zone)
    with scene.database.reading() as session:
        timeline_of(session, one, bounds, scene.now_ms, Opening("self", "", "", bounds))


def _by_category(scene: Scene, one: Person) -> Counter[str | None]:
    found: Counter[str | None] = Counter()
    for total in settled_totals(scene.database, one, scene.month.first, scene.month.last, scene.now_ms):
        found[total.category] += total.working_ms
    return found


def _median(name: str, steps: Sequence[Callable[[], object]], target: float, reference: float, of: str = "") -> Figure:
    """Each step once unmeasured, then measured."""
    for step in steps:
        step()
    cpu = time.process_time()
    found = [_ms(step) for step in list(steps) * ROUNDS]
    return Figure(name, median(found), target, reference, of, (time.process_time() - cpu) * 1000 / len(found))


def _ms(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return (time.perf_counter() - start) * 1000


def _plain(scene: Scene, query: str, **values: object) -> float:
    raw = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    with scene.database.engine.connect() as connection:
        return _ms(lambda: connection.execute(text(query), raw).fetchall())


@contextmanager
def _reading(scene: Scene, keys: Sequence[str]) -> Iterator[dict[str, list[float]]]:
    """Let another process read; what it measured is there at the end."""
    took: dict[str, list[float]] = {}
    words = (scene.database.url, scene.month.first.isoformat(), scene.last.isoformat(), str(scene.now_ms), *keys)
    program = [sys.executable, "-m", "tests.bench.scale_reader", *words]
    child = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    child.stdout.readline()  # it is ready
    try:
        yield took
    finally:
        told, _ = child.communicate()
        took |= json.loads(told)
