"""A category is proposed, never decided. In: examples, then looks. Out: categories with probabilities.

A linear support vector machine for each category on the rows of `features`; its scores become probabilities by two
numbers, chosen on examples that the machine has not learnt from. How right a confidence is, `quality` measures. The
same examples and seed give the same model.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planwhy_collector.suggest.examples import Example
from planwhy_collector.suggest.features import Embed, Features, Look
from planwhy_collector.suggest.guess import Guess

SEED = 20
PENALTY = 0.2
"""C of the machine."""
INNER_FOLDS = 3
_STEEPNESS, _SHIFT = (0.01, 30.0), (-20.0, 20.0)
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trust:
    """How scores become probabilities: a sigmoid of each, the same for all categories, as shares of their sum."""

    steepness: float = 3.0
    shift: float = 0.0

    def probabilities(self, scores: Numbers) -> Numbers:
        """Scores as probabilities; rows add up to 1."""
        logs = -np.logaddexp(0.0, -(scores * self.steepness + self.shift))
        raised = np.exp(logs - logs.max(axis=1, keepdims=True))  # relative to the likeliest: none of them all vanish
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))


class Model:
    """What was learnt. `categories` are those that an example has, in the order of columns."""

    def __init__(self, features: Features, machine: Any, trust: Trust) -> None:
        self._features, self._machine, self.trust = features, machine, trust
        self.categories: tuple[str, ...] = tuple(map(str, machine.classes_))

    def probabilities(self, looks: Sequence[Look]) -> Numbers:
        """A row for each look, a column for each category; rows add up to 1."""
        if not looks:
            return np.zeros((0, len(self.categories)))
        return self.trust.probabilities(_scores(self._machine, self._features.rows(looks)))

    def propose_all(self, questions: Sequence[Sequence[tuple[Look, float]]]) -> list[tuple[Guess, ...]]:
        """What each host or program is, from its looks averaged by weight; all categories, the likeliest first."""
        rows = self.probabilities([look for question in questions for look, _ in question])
        answers, at = [], 0
        for question in questions:
            mine = rows[at : at + len(question)]
            at += len(question)
            answers.append(self._ranked(np.average(mine, axis=0, weights=_positive([w for _, w in question]))))
        return answers

    def _ranked(self, row: Numbers) -> tuple[Guess, ...]:
        return tuple(Guess(self.categories[at], float(row[at])) for at in np.argsort(-row, kind="stable"))


def train(examples: Sequence[Example], embed: Embed | None = None, seed: int = SEED) -> Model | None:
    """Learn; None where the examples know fewer than two categories, because then nothing can be told apart."""
    categories = np.array([one.category for one in examples])
    if len(set(categories)) < 2:
        return None
    features = Features(embed)
    rows = features.learn([Look(one.context, one.profile) for one in examples])
    weights = np.array([one.weight for one in examples])
    trust = _trust(rows, categories, weights, [one.group for one in examples], seed)
    return Model(features, _machine(rows, categories, weights, seed), trust)


def folds_of(categories: Sequence[str], groups: Sequence[str], most: int, seed: int) -> list[tuple[Any, Any]]:
    """Cut examples into folds, alike in their categories, no group in two of them; none where there are too few."""
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415  heavy: when it is needed

    count = min(most, len(set(groups)), max(map(categories.count, set(categories)), default=0))
    if count < 2:
        return []
    cut = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():  # that a category has fewer examples than there are folds is no news
        warnings.simplefilter("ignore", UserWarning)
        return list(cut.split(np.zeros(len(categories)), np.array(categories), np.array(groups)))


def _machine(rows: Any, categories: Any, weights: Numbers, seed: int) -> Any:
    from sklearn.svm import LinearSVC  # noqa: PLC0415  heavy: when it is needed

    return LinearSVC(C=PENALTY, random_state=seed).fit(rows, categories, sample_weight=weights)


def _scores(machine: Any, rows: Any) -> Numbers:
    """The machine's scores, a column for each category also where there are only two."""
    scores = np.asarray(machine.decision_function(rows), dtype=float)
    return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


def _trust(rows: Any, categories: Any, weights: Numbers, groups: Sequence[str], seed: int) -> Trust:
    """The trust under which held out categories are likeliest, on folds that share no group.

    Platt's sigmoid, its two numbers chosen for the shares it ends in. The usual one where nothing can be held out.
    """
    from scipy.optimize import minimize  # noqa: PLC0415  heavy: when it is needed

    scored: list[tuple[Numbers, Any, Numbers]] = []
    for learnt, held in folds_of(list(categories), groups, INNER_FOLDS, seed):
        if len(set(categories[learnt])) > 1:
            machine = _machine(rows[learnt], categories[learnt], weights[learnt], seed)
            known = np.flatnonzero(np.isin(categories[held], machine.classes_))
            places = np.searchsorted(machine.classes_, categories[held][known])
            scored.append((_scores(machine, rows[held[known]]), places, weights[held[known]]))
    if not sum(len(places) for _, places, _ in scored):
        return Trust()

    def loss(point: Numbers) -> float:
        return sum(_surprise(Trust(*map(float, point)).probabilities(scores), *rest) for scores, *rest in scored)

    usual = Trust()
    found = minimize(loss, (usual.steepness, usual.shift), bounds=(_STEEPNESS, _SHIFT), method="Nelder-Mead")
    return Trust(*map(float, found.x))


def _surprise(probabilities: Numbers, places: Any, weights: Numbers) -> float:
    true = probabilities[np.arange(len(places)), places]
    return float(-(np.log(np.maximum(true, 1e-12)) * weights).sum())


def _positive(weights: Sequence[float]) -> Numbers:
    given = np.asarray(weights, dtype=float)
    return given if given.sum() > 0 else np.ones(len(given))
