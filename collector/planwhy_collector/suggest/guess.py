"""A guess of the model, and from when on it is worth showing. In: nothing. Out: the type. Never: a label."""

from dataclasses import dataclass

UNSURE = 0.5
"""Below this confidence the model has no suggestion to show."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A category and how likely it is, 0–1."""

    category: str
    confidence: float
