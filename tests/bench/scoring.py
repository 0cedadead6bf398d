"""Scores explanations against the truth. Pure.

In: pairs of a true month and its explanation, both as JSON gave them. Out: Scores. Never: a figure of the product's
own in place of the truth's.

- A factor dominates a month that misses its target by a tenth or more where it takes at least half of the shortfall
  and twice as much as the next one.
- The error of a contribution is taken as a share of the shortfall, or of a tenth of the target where the shortfall is
  smaller, for nothing can be a share of nearly nothing.
- An interval covers where it holds the true contribution, within a millionth of the target: of the time factors as
  it really was, of follow-up, conversion and deal value by the latent rates. Months drawn to be unlucky are left out
  of the latter, because their draws do not follow the latent rates.
- Plans without assumptions are scored apart: their plan side comes from history, not from the truth.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

TIME = ("attendance", "focus", "sales_share", "contact_rate")
LATENT = ("follow_up", "conversion", "deal_value")
LEAST_MISS = 0.1
LIMIT = 0.6


@dataclass(frozen=True)
class Case:
    """A true month and what the product says of it."""

    truth: dict[str, Any]
    found: dict[str, Any]

    @property
    def hidden(self) -> float:
        """The share that was hidden."""
        return float(self.truth["hidden"]["share"])

    @property
    def true_parts(self) -> dict[str, dict[str, Any]]:
        """The true factors, in the form that the product chose: those of time, or contacts."""
        form = "factors" if self.found["coverage"]["conclusive"] else "contacts"
        return {f["name"]: f for f in self.truth[form]}

    @property
    def found_parts(self) -> dict[str, dict[str, Any]]:
        """The product's factors."""
        return {f["name"]: f for f in self.found["factors"]}

    @property
    def missed(self) -> bool:
        """Whether there is a shortfall to speak of."""
        return bool(self.truth["shortfall"] >= LEAST_MISS * self.truth["target"])

    @property
    def dominant(self) -> str | None:
        """The factor that really dominates, if one does."""
        parts = sorted(((f["contribution"], name) for name, f in self.true_parts.items()), reverse=True)
        first, second = parts[0], parts[1]
        clear = first[0] >= 0.5 * self.truth["shortfall"] and first[0] >= 2 * second[0]
        return first[1] if self.missed and clear else None

    @property
    def largest(self) -> str:
        """The largest factor that the product found."""
        return max(self.found["factors"], key=lambda f: f["contribution"])["name"]

    def errors(self) -> Iterator[float]:
        """Errors of the contributions, as shares of the shortfall."""
        whole = max(abs(self.truth["shortfall"]), LEAST_MISS * self.truth["target"])
        found = self.found_parts
        for name, true in self.true_parts.items():
            yield abs(found[name]["contribution"] - true["contribution"]) / whole

    def covered(self) -> Iterator[tuple[str, bool, float]]:
        """Each factor with an interval: whether it covers, and its width as a share of the target."""
        slack, found = 1e-6 * self.truth["target"], self.found_parts
        for name, true in self.true_parts.items():
            latent = name in LATENT
            if name not in (*TIME, *LATENT) or (latent and self.truth["cause"] == "bad_luck"):
                continue
            if name == "deal_value" and self.truth["metric"] != "revenue":
                continue
            value = true["latent_contribution"] if latent else true["contribution"]
            low, high = found[name]["low"] - slack, found[name]["high"] + slack
            yield name, low <= value <= high, (found[name]["high"] - found[name]["low"]) / self.truth["target"]


@dataclass
class Rate:
    """How many of how many."""

    right: int = 0
    of: int = 0

    def add(self, right: bool) -> None:
        """Count one."""
        self.right += right
        self.of += 1

    @property
    def share(self) -> float | None:
        """The share; None of nothing."""
        return self.right / self.of if self.of else None


@dataclass
class Scores:
    """All figures of a benchmark. Errors are shares of the shortfall; keys of `coverage` are (factor, hidden share)."""

    months: Counter[str] = field(default_factory=Counter)
    dominant: Rate = field(default_factory=Rate)
    dominant_by_cause: dict[str, Rate] = field(default_factory=lambda: defaultdict(Rate))
    dominant_bare: Rate = field(default_factory=Rate)
    as_meant: dict[str, Rate] = field(default_factory=lambda: defaultdict(Rate))
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    errors: dict[float, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors_bare: list[float] = field(default_factory=list)
    chance: Rate = field(default_factory=Rate)
    chance_by_cause: dict[str, Rate] = field(default_factory=lambda: defaultdict(Rate))
    below_limit: int = 0
    concluded_below: int = 0
    verdicts: Rate = field(default_factory=Rate)
    verdict_confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    firm: Rate = field(default_factory=Rate)
    coverage: dict[tuple[str, float], Rate] = field(default_factory=lambda: defaultdict(Rate))
    widths: dict[tuple[str, float], list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def error(self) -> float:
        """The mean error where nothing was hidden on purpose."""
        return fmean(self.errors[min(self.errors)]) if self.errors else 0.0


def score(cases: Iterable[Case]) -> Scores:
    """Score all cases."""
    scores = Scores()
    for case in cases:
        scores.months[case.truth["cause"]] += 1
        _limit(scores, case)
        _verdicts(scores, case)
        if case.truth["bare"]:
            scores.errors_bare += case.errors()
            if case.dominant:
                scores.dominant_bare.add(case.largest == case.dominant)
            continue
        _largest(scores, case)
        _chance(scores, case)
        scores.errors[case.hidden] += case.errors()
        for name, covers, width in case.covered():
            scores.coverage[name, case.hidden].add(covers)
            scores.widths[name, case.hidden].append(width)
    return scores


def _largest(scores: Scores, case: Case) -> None:
    cause, meant = case.truth["cause"], case.truth["dominant"]
    if meant and case.missed:
        scores.as_meant[cause].add(case.largest == meant)
    if case.dominant:
        scores.dominant.add(case.largest == case.dominant)
        scores.dominant_by_cause[cause].add(case.largest == case.dominant)
        scores.confusion[case.dominant, case.largest] += 1


def _chance(scores: Scores, case: Case) -> None:
    if case.found["chance"] is not None:
        called = case.found["chance"]["within_chance"]
        scores.chance.add(called == case.truth["within_chance"])
        scores.chance_by_cause[case.truth["cause"]].add(called)


def _limit(scores: Scores, case: Case) -> None:
    """Below the limit nothing may be concluded from time, neither in so many words nor by a factor."""
    if case.truth["recorded_share"] < LIMIT:
        scores.below_limit += 1
        spoken = case.found["coverage"]["conclusive"] or any(name in TIME for name in case.found_parts)
        scores.concluded_below += spoken


def _verdicts(scores: Scores, case: Case) -> None:
    """A task that the product does not show has the verdict `missing`."""
    found = {task["task_id"]: task["verdict"] for task in case.found["overdue"]}
    for task, true in case.truth["overdue"].items():
        told = found.get(task, "missing")
        scores.verdicts.add(told == true["verdict"])
        scores.verdict_confusion[true["verdict"], told] += 1
        if told not in ("unclear", "no_data", "missing"):
            scores.firm.add(told == true["really"])
