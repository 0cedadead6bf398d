"""How good proposals are, measured. In: examples, the label of each category. Out: a Quality, by cross-validation.

No group is both learnt and asked. Hosts and programs are asked by their name alone; those that windows were seen of
are asked as they are in earnest, by all their windows together; texts of rules are asked by themselves. Never: a
figure that was not measured in this run, or a text of an example.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planwhy_collector.classify.subject import Subject, subject_of
from planwhy_collector.facts import Label
from planwhy_collector.suggest.baseline import by_ending, most_frequent
from planwhy_collector.suggest.examples import SOURCES, Example, Source
from planwhy_collector.suggest.features import Embed, Look
from planwhy_collector.suggest.model import SEED, folds_of, train
from planwhy_collector.suggest.scores import Answer, Scores, scores_of

FOLDS = 5
KINDS: Mapping[str, frozenset[Source]] = {
    "names": frozenset({"host", "program"}),
    "windows": frozenset({"seen"}),
    "texts": frozenset({"site", "path", "title"}),
}
"""Kinds of questions: a host or program by its name alone; by its windows; a text alone."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How many examples of each source there are, in how many groups, and the scores by kind of question."""

    examples: Mapping[Source, int]
    groups: int
    scores: Mapping[str, Scores]


def cross_validated(
    examples: Sequence[Example], labels: Mapping[str, Label], embed: Embed | None = None, seed: int = SEED
) -> Quality | None:
    """Learn from four fifths, ask about the rest, five times. None where there is too little to hold anything out."""
    answers: list[Answer] = []
    groups = [one.group for one in examples]
    for learnt, held in folds_of([one.category for one in examples], groups, FOLDS, seed):
        answers += _asked([examples[at] for at in learnt], [examples[at] for at in held], embed, seed)
    if not answers:
        return None
    counted = Counter(one.source for one in examples)
    by_kind = {kind: [one for one in answers if one.source in sources] for kind, sources in KINDS.items()}
    scores = {kind: scores_of(some, labels) for kind, some in by_kind.items() if some}
    return Quality({source: counted[source] for source in SOURCES}, len(set(groups)), scores)


def _asked(learnt: Sequence[Example], held: Sequence[Example], embed: Embed | None, seed: int) -> list[Answer]:
    model = train(learnt, embed, seed)
    if model is None:
        return []
    frequent, ending = most_frequent(learnt), by_ending(learnt)
    questions = _questions(held)
    asked = model.propose_all([[(Look(e.context, e.profile), e.weight) for e in question] for question in questions])
    return [
        Answer(question[0].source, question[0].category, guesses, frequent, ending(question[0].context))
        for question, guesses in zip(questions, asked, strict=True)
    ]


def _questions(held: Sequence[Example]) -> list[list[Example]]:
    """Each example is a question of its own; but windows of one host or program are asked together."""
    together: defaultdict[tuple[Subject | None, str, str], list[Example]] = defaultdict(list)
    for one in held:
        if one.source == "seen":
            together[subject_of(one.context), one.profile, one.category].append(one)
    return [[one] for one in held if one.source != "seen"] + list(together.values())
