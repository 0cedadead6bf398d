"""The report on proposals as lines of text. In: a Quality. Out: text. Never: a title, or a figure of its own."""

from collections.abc import Iterator, Mapping

from planwhy_collector.facts import Label
from planwhy_collector.suggest.quality import FOLDS, Quality
from planwhy_collector.suggest.scores import Scores

WORST = 5
_KINDS = {
    "names": "hosts and programs by their name alone",
    "windows": "hosts and programs by the windows seen here",
    "texts": "names of sites, paths and words of titles, each by itself",
}


def report_text(quality: Quality | None, labels: Mapping[str, Label], embedding: str, took_s: float) -> str:
    """The whole report."""
    if quality is None:
        return "there is too little to learn from"
    return "\n".join(_lines(quality, labels, embedding, took_s))


def _lines(quality: Quality, labels: Mapping[str, Label], embedding: str, took_s: float) -> Iterator[str]:
    counted = ", ".join(f"{source} {count}" for source, count in quality.examples.items())
    yield f"examples: {sum(quality.examples.values())} ({counted}) in {quality.groups} groups"
    yield f"sentence embedding: {embedding}"
    yield f"{FOLDS}-fold cross-validation, no group both learnt and asked: {took_s:.0f} s"
    for kind, scores in quality.scores.items():
        yield ""
        yield f"{_KINDS[kind]}: {scores.count} questions"
        yield from _summary(scores)
        yield from _trust(scores)
        yield from _worst(scores)
        if kind != "texts":
            yield from _classes(scores, labels)


def _summary(one: Scores) -> Iterator[str]:
    yield f"  category   right {one.accuracy:.1%}  in the first three {one.top3:.1%}  macro F1 {one.macro_f1:.3f}"
    yield f"  baselines  the most frequent category {one.most_frequent:.1%}  the longest ending {one.by_ending:.1%}"
    yield f"  label      right {one.label_accuracy:.1%}  work taken for non-work or the reverse {one.flips:.1%}"


def _trust(one: Scores) -> Iterator[str]:
    for at in one.thresholds:
        if at.accuracy is not None and at.flips is not None:
            right = f"right {at.accuracy:.1%}  work ↔ non-work {at.flips:.1%}"
            yield f"  confidence of {at.at:.1f} and more: {at.coverage:.1%} of all  {right}"
    yield f"  calibration, mean distance {one.calibration_error:.3f}: confidence → right (questions)"
    yield "   " + "".join(f"  {b.confidence:.2f} → {b.accuracy:.2f} ({b.count})" for b in one.bins)


def _worst(one: Scores) -> Iterator[str]:
    for worst in one.classes[:WORST]:
        taken = ", ".join(f"{category} {count}" for category, count in worst.taken_for)
        yield f"  worst: {worst.category}, F1 {worst.f1:.2f}; of {worst.count} taken for {taken or 'nothing else'}"


def _classes(one: Scores, labels: Mapping[str, Label]) -> Iterator[str]:
    yield f"  {'category':<18} {'label':<9} {'n':>5} {'precision':>9} {'recall':>7} {'F1':>6}"
    for c in one.classes:
        figures = f"{c.count:>5} {c.precision:>9.2f} {c.recall:>7.2f} {c.f1:>6.2f}"
        yield f"  {c.category:<18} {labels[c.category]:<9} {figures}"
