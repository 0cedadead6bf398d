"""The report's figures: counted by hand, and measured on a part of the catalogue."""

import pytest
from planwhy_collector.classify.load import builtin_rules
from planwhy_collector.cli.suggest_text import report_text
from planwhy_collector.facts import Context, Label
from planwhy_collector.suggest.baseline import by_ending, most_frequent
from planwhy_collector.suggest.examples import Example, SeenWindow, examples_of
from planwhy_collector.suggest.guess import Guess
from planwhy_collector.suggest.model import folds_of
from planwhy_collector.suggest.quality import cross_validated
from planwhy_collector.suggest.scores import Answer, Scores, Threshold, scores_of
from suggest_rows import small_rules

LABELS: dict[str, Label] = {"crm": "work", "games": "non_work", "news": "non_work", "mail": "neutral"}


def answer(truth: str, said: str, confidence: float) -> Answer:
    others = [one for one in LABELS if one != said]
    guesses = (Guess(said, confidence), *(Guess(one, 0.0) for one in others))
    return Answer("host", truth, guesses, "games", "news")


@pytest.fixture
def scores() -> Scores:
    return scores_of(
        [
            answer("crm", "crm", 0.95),
            answer("crm", "games", 0.75),
            answer("games", "news", 0.55),
            answer("games", "games", 0.72),
        ],
        LABELS,
    )


def test_shares_are_counted_over_all_questions(scores: Scores) -> None:
    assert (scores.accuracy, scores.label_accuracy, scores.flips) == (0.5, 0.75, 0.25)
    assert (scores.most_frequent, scores.by_ending, scores.top3) == (0.5, 0.0, 1.0)
    assert scores.macro_f1 == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_the_worst_category_comes_first_with_what_it_is_taken_for(scores: Scores) -> None:
    games, crm = scores.classes
    assert (games.category, games.precision, games.recall, games.taken_for) == ("games", 0.5, 0.5, (("news", 1),))
    assert (crm.category, crm.precision, crm.recall, crm.taken_for) == ("crm", 1.0, 0.5, (("games", 1),))


def test_confidence_is_set_beside_what_was_right(scores: Scores) -> None:
    assert [(one.low, one.count, one.accuracy) for one in scores.bins] == [(0.5, 1, 0.0), (0.7, 2, 0.5), (0.9, 1, 1.0)]
    assert scores.calibration_error == pytest.approx((0.55 + 2 * 0.235 + 0.05) / 4)
    assert scores.thresholds[1] == Threshold(0.7, 0.75, 2 / 3, 1 / 3)


def host(name: str, category: str) -> Example:
    return Example(Context(host=name), category, "host", name)


def test_the_baselines_count_names_and_endings() -> None:
    learnt = [host("a.ru", "mail"), host("b.ru", "mail"), host("c.com", "news"), host("x.d.com", "crm")]
    ending = by_ending(learnt)
    assert most_frequent(learnt) == "mail"
    asked = ("new.ru", "y.d.com", "z.com", "z.org")
    assert [ending(Context(host=one)) for one in asked] == ["mail", "crm", "crm", "mail"]


def test_no_group_stands_on_both_sides() -> None:
    examples = examples_of(builtin_rules())
    groups = [one.group for one in examples]
    for learnt, held in folds_of([one.category for one in examples], groups, 5, 1):
        assert not {groups[at] for at in learnt} & {groups[at] for at in held}


def test_the_catalogue_is_proposed_better_than_by_counting_and_confidence_means_something() -> None:
    rules = builtin_rules()
    part = [one for one in examples_of(rules) if one.category in ("games", "email", "jobs", "restricted", "calls")]
    quality = cross_validated(part, {one.id: one.label for one in rules.categories.values()})
    assert quality is not None
    names = quality.scores["names"]
    assert names.accuracy > 1.5 * max(names.most_frequent, names.by_ending)
    assert names.thresholds[1].accuracy is not None
    assert names.thresholds[1].accuracy > 0.8
    assert names.calibration_error < 0.1


def test_windows_of_one_host_are_one_question_and_the_report_tells_no_title() -> None:
    windows = [
        SeenWindow(Context("chrome", f"{name}.test", "/secretpath", f"SecretTitle {n}"), "sales", 5, category, "H-x")
        for name, category in (("one", "games"), ("two", "games"), ("three", "finance_gov"), ("four", "finance_gov"))
        for n in range(3)
    ]
    quality = cross_validated(examples_of(small_rules(), windows), {"games": "non_work", "finance_gov": "neutral"})
    assert quality is not None
    assert (quality.examples["seen"], quality.scores["windows"].count) == (12, 4)
    text = report_text(quality, {"games": "non_work", "finance_gov": "neutral"}, "not installed", 1.0)
    assert "secret" not in text.lower()
    assert "sentence embedding: not installed" in text


@pytest.mark.parametrize("examples", [[], [host("a.ru", "mail")], [host("a.ru", "mail"), host("b.ru", "mail")]])
def test_too_little_to_hold_out_is_no_quality(examples: list[Example]) -> None:
    assert cross_validated(examples, LABELS) is None
    assert "too little" in report_text(None, LABELS, "not installed", 0.0)
