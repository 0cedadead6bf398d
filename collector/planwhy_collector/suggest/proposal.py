"""From what people had before them to proposals. In: rules, windows. Out: a proposal for each unclassified subject.

Never: a label that anything counts by. Whoever decides writes a rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from planwhy_collector.classify.subject import Subject
from planwhy_collector.suggest.examples import Example
from planwhy_collector.suggest.features import Embed, Look
from planwhy_collector.suggest.guess import UNSURE, Guess
from planwhy_collector.suggest.model import train
from planwhy_collector.suggest.windows import Unclassified

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a host or program may be: its milliseconds, and the likeliest categories, the likeliest first."""

    subject: Subject
    ms: int
    guesses: tuple[Guess, ...]

    @property
    def sure(self) -> bool:
        """Whether the likeliest is worth showing as a suggestion."""
        return self.guesses[0].confidence >= UNSURE


def proposals(
    examples: Sequence[Example], asked: Sequence[Unclassified], embed: Embed | None = None
) -> tuple[Proposal, ...]:
    """Learn, and propose for each in its order; nothing where there is nothing to ask or too little to learn from."""
    model = train(examples, embed) if asked else None
    if model is None:
        return ()
    questions = [[(Look(w.context, w.profile), float(w.ms)) for w in one.windows] for one in asked]
    answers = zip(asked, model.propose_all(questions), strict=True)
    return tuple(Proposal(one.subject, one.ms, guesses[:SHOWN]) for one, guesses in answers)
