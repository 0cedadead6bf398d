"""How fast contexts are judged: by 500 rules drawn from the catalogue, by all of it, and beside a hostile pattern.

In: how many contexts. Out: a table and JSON: contexts a second and CPU µs each, beside those of a plain loop that asks
RE2 for one pattern and a dict twice for the same contexts in the same run, so that a slow machine does not pass for
slow code. Exit code 1 where the goal is missed. Run it as `make bench-classify` or
`python -m tests.bench.classify_speed`.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from statistics import median

import click
import re2
from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.load import builtin_rules, rules_with
from planwhy_collector.classify.rule import Pack, Rule
from planwhy_collector.facts import Context

from tests.bench.classify_contexts import Team

GOAL_PER_S = 100_000
FEW = 500
PROFILE = "sales"
HOSTILE = "[games non_work]\ntitle R-hostile any regex: (a+)+$\ntitle R-hostile-too any regex: (?:a?){100}a{100}x\n"
LONGEST = 1_024
"""Code points of a title that an agent lets through."""


@dataclass(frozen=True)
class Speed:
    """Rules in force, contexts judged, CPU µs a context in the median of the rounds, and of the plain loop."""

    rules: int
    contexts: int
    us: float
    plain_us: float

    @property
    def per_s(self) -> float:
        """Contexts judged in a second on one core."""
        return 1e6 / self.us

    @property
    def ratio(self) -> float:
        """How many plain loops the judging takes."""
        return self.us / self.plain_us


def measure(contexts: int, rounds: int) -> dict[str, Speed]:
    """Judge new contexts in every round, by each set of rules."""
    full = builtin_rules()
    return {
        "500 rules": _timed(_drawn(full, FEW), full, contexts, rounds),
        "catalogue": _timed(full, full, contexts, rounds),
        "hostile": _hostile(max(20, contexts // 100)),
    }


def _drawn(full: RuleSet, count: int) -> RuleSet:
    """Rules of each kind in the catalogue's proportions; a site is drawn with its host."""
    random, share = Random(7), count / len(full.rules)
    kinds: dict[str, list[Rule]] = {}
    for rule in full.rules:
        kinds.setdefault(rule.kind, []).append(rule)
    wanted = {kind: max(1, round(len(rules) * share)) for kind, rules in kinds.items()}
    sites = random.sample(kinds.pop("site"), wanted["site"])
    named = {site.scope[0] for site in sites}
    hosts = kinds.pop("host")
    chosen = [rule for rule in hosts if rule.values[0] in named]
    chosen += random.sample([rule for rule in hosts if rule.values[0] not in named], wanted["host"] - len(chosen))
    codes = {rule.code for rule in (*chosen, *sites)}
    codes |= {rule.code for kind, rules in kinds.items() for rule in random.sample(rules, wanted[kind])}
    drawn = tuple(rule for rule in full.rules if rule.code in codes)
    return RuleSet(Pack(tuple(full.categories.values()), drawn, full.positions, full.overrides), "drawn")


def _timed(rules: RuleSet, full: RuleSet, count: int, rounds: int) -> Speed:
    """Time rounds of contexts of one team; what it opened in the first round is known by then."""
    team = Team(full.rules, seed=11)
    plain = _plain(rules)
    spent, beside = [], []
    for round_ in range(rounds + 1):
        seen = team.contexts(count)
        taken = _cpu_us(lambda one: rules.judge(one, PROFILE), seen), _cpu_us(plain, seen)
        if round_:
            spent.append(taken[0])
            beside.append(taken[1])
    return Speed(len(rules.rules), count * rounds, median(spent), median(beside))


def _plain(rules: RuleSet) -> Callable[[Context], object]:
    """One pattern for the title, one dict for the host and one for the program."""
    options = re2.Options()
    options.log_errors = False
    pattern = re2.compile(r"(?:^|[^\pL])договор", options)
    hosts = {rule.values[0]: rule for rule in rules.rules if rule.kind == "host"}
    programs = {name: rule for rule in rules.rules if rule.kind == "program" for name in rule.values}
    return lambda one: (pattern.search(one.title), hosts.get(one.host), programs.get(one.app))


def _hostile(count: int) -> Speed:
    """Titles of the greatest length beside patterns that make backtracking engines hang."""
    rules = rules_with(HOSTILE)
    texts = ("a" * LONGEST, "a" * (LONGEST - 1) + "!", "ы " * (LONGEST // 2), "договор " * (LONGEST // 8))
    seen = [Context("chrome.exe", "x.example", f"/{n}", f"{n}{texts[n % len(texts)]}"[:LONGEST]) for n in range(count)]
    return Speed(
        len(rules.rules), count, _cpu_us(lambda one: rules.judge(one, PROFILE), seen), _cpu_us(_plain(rules), seen)
    )


def _cpu_us(step: Callable[[Context], object], seen: Sequence[Context]) -> float:
    gc.collect()
    start = time.process_time_ns()
    for one in seen:
        step(one)
    return (time.process_time_ns() - start) / 1e3 / len(seen)


def lines(found: dict[str, Speed]) -> Iterator[str]:
    """The table."""
    yield f"{'':12}{'rules':>7}{'contexts':>10}{'a second':>10}{'us each':>9}{'plain us':>10}{'ratio':>8}"
    for name, one in found.items():
        figures = f"{one.per_s:>10.0f}{one.us:>9.2f}{one.plain_us:>10.2f}{one.ratio:>8.1f}"
        yield f"{name:12}{one.rules:>7}{one.contexts:>10}{figures}"


@click.command()
@click.option("--contexts", type=click.IntRange(100), default=40_000, show_default=True, help="In each round.")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--goal", type=float, default=GOAL_PER_S, show_default=True, help="Contexts a second by 500 rules.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write all figures there as well.")
def main(contexts: int, rounds: int, goal: float, path: Path | None) -> None:
    """Time the judging of contexts on one core."""
    found = measure(contexts, rounds)
    click.echo("\n".join(lines(found)))
    if path:
        told = {name: asdict(one) | {"per_s": one.per_s, "ratio": one.ratio} for name, one in found.items()}
        path.write_text(json.dumps(told | {"goal_per_s": goal}, indent=1) + "\n", encoding="utf-8")
    sys.exit(0 if found["500 rules"].per_s >= goal else 1)


if __name__ == "__main__":
    main()
