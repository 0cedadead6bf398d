"""Answers of a cross-validation become figures. In: answers. Out: shares 0–1, counts, calibration, confusions. Pure.

Never: a figure that is not counted from these answers.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planwhy_collector.facts import Label
from planwhy_collector.suggest.examples import Source
from planwhy_collector.suggest.guess import Guess

THRESHOLDS = (0.5, 0.7, 0.9)
BINS = 10
MOST_CONFUSED = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of the cross-validation: the truth, the guesses, and what the two baselines said."""

    source: Source
    truth: str
    guesses: tuple[Guess, ...]
    frequent: str
    ending: str

    @property
    def best(self) -> Guess:
        """The likeliest category."""
        return self.guesses[0]

    @property
    def right(self) -> bool:
        """Whether that is the truth."""
        return self.best.category == self.truth


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One category: how many there are, how well it is found, and what it was taken for most often."""

    category: str
    count: int
    precision: float
    recall: float
    f1: float
    taken_for: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """Proposals with a confidence from `low` up to `high`: how many, their mean confidence, the share that is right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """Proposals with at least a confidence of `at`: their share of all, the share of them that is right.

    `flips`: the share of them that takes work for non-work or the reverse. None where there are none.
    """

    at: float
    coverage: float
    accuracy: float | None
    flips: float | None


@dataclass(frozen=True, slots=True)
class Scores:
    """How questions of one kind were answered. `flips`: work taken for non-work or the reverse, as a share of all.

    `calibration_error`: the mean distance between confidence and accuracy of the bins. `most_frequent`, `by_ending`:
    the accuracy of the baselines. `classes`: the worst first.
    """

    count: int
    accuracy: float
    macro_f1: float
    top3: float
    label_accuracy: float
    flips: float
    calibration_error: float
    most_frequent: float
    by_ending: float
    classes: tuple[ClassScore, ...]
    bins: tuple[Bin, ...]
    thresholds: tuple[Threshold, ...]


def scores_of(answers: Sequence[Answer], labels: Mapping[str, Label]) -> Scores:
    """Count answers, at least one."""
    classes, bins = _classes(answers), _bins(answers)
    return Scores(
        count=len(answers),
        accuracy=_share(answers, [one.right for one in answers]),
        macro_f1=sum(one.f1 for one in classes) / len(classes),
        top3=_share(answers, [one.truth in [g.category for g in one.guesses[:3]] for one in answers]),
        label_accuracy=_share(answers, [labels[one.truth] == labels[one.best.category] for one in answers]),
        flips=_share(answers, [_flips(one, labels) for one in answers]),
        calibration_error=sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / len(answers),
        most_frequent=_share(answers, [one.frequent == one.truth for one in answers]),
        by_ending=_share(answers, [one.ending == one.truth for one in answers]),
        classes=classes,
        bins=bins,
        thresholds=tuple(_threshold(answers, at, labels) for at in THRESHOLDS),
    )


def _share(answers: Sequence[Answer], hits: Sequence[bool]) -> float:
    return sum(hits) / len(answers)


def _flips(one: Answer, labels: Mapping[str, Label]) -> bool:
    return {labels[one.truth], labels[one.best.category]} == {"work", "non_work"}


def _classes(answers: Sequence[Answer]) -> tuple[ClassScore, ...]:
    """Of each category that was the truth at least once, the worst first."""
    truths, said = Counter(one.truth for one in answers), Counter(one.best.category for one in answers)
    pairs = Counter((one.truth, one.best.category) for one in answers)
    made = []
    for category, count in truths.items():
        hits = pairs[category, category]
        precision = hits / said[category] if said[category] else 0.0
        wrong = Counter({guess: n for (truth, guess), n in pairs.items() if truth == category != guess})
        f1 = 2 * hits / (count + said[category])
        taken_for = tuple(wrong.most_common(MOST_CONFUSED))
        made.append(ClassScore(category, count, precision, hits / count, f1, taken_for))
    return tuple(sorted(made, key=lambda one: (one.f1, one.category)))


def _bins(answers: Sequence[Answer]) -> tuple[Bin, ...]:
    made = []
    for number in range(BINS):
        within = [one for one in answers if min(int(one.best.confidence * BINS), BINS - 1) == number]
        if within:
            confidence = sum(one.best.confidence for one in within) / len(within)
            accuracy = _share(within, [one.right for one in within])
            made.append(Bin(number / BINS, (number + 1) / BINS, len(within), confidence, accuracy))
    return tuple(made)


def _threshold(answers: Sequence[Answer], at: float, labels: Mapping[str, Label]) -> Threshold:
    sure = [one for one in answers if one.best.confidence >= at]
    if not sure:
        return Threshold(at, 0.0, None, None)
    accuracy, flips = _share(sure, [one.right for one in sure]), _share(sure, [_flips(one, labels) for one in sure])
    return Threshold(at, len(sure) / len(answers), accuracy, flips)
