"""Contexts become rows of numbers. In: contexts with the profile they were seen by. Out: a sparse matrix, a row each.

Character n-grams within words, weighed by how rare they are: of each field by itself, and of all texts together in
Latin letters, so that «кино» in a title and `kino` in a host are one thing. Beside them, where there is an embedding,
its vector of all texts. Never: a text kept; the matrix holds hashes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planwhy_collector.classify.match import fold
from planwhy_collector.facts import Context

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts → an array with a row each."""
MOST_LETTERS = 300
"""How much of a title or path is looked at."""
_EMBEDDING_WEIGHT = 0.05
_LATIN = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфхыэіў", "abvgdeziyklmnoprstufhyeiu", strict=True))
    | {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya", "ъ": "", "ь": ""}
)


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at: a context, and the profile that a rule is for, or that had it in front."""

    context: Context
    profile: str = ""


@dataclass(frozen=True, slots=True)
class _Field:
    """How a text of a look is cut: shortest and longest n-gram, what it weighs beside the others, how many columns."""

    read: Callable[[Look], str]
    shortest: int
    longest: int
    weight: float
    columns: int


def _host(look: Look) -> str:
    return fold(look.context.host or "").replace(".", " ").replace("-", " ")


def _ending(look: Look) -> str:
    return fold(look.context.host or "").rpartition(".")[2]


def _path(look: Look) -> str:
    return fold((look.context.path or "")[:MOST_LETTERS])


def _title(look: Look) -> str:
    return latin((look.context.title or "")[:MOST_LETTERS])


def _program(look: Look) -> str:
    """The program, where it is what is judged: before an address it is only a browser."""
    return "" if look.context.host else fold(look.context.app or "")


def words_of(look: Look) -> str:
    """All that a look says, as one text without the host's ending."""
    host = fold(look.context.host or "").rpartition(".")[0].replace(".", " ").replace("-", " ")
    title = fold((look.context.title or "")[:MOST_LETTERS])
    return " ".join(part for part in (host, _path(look), title, _program(look)) if part)


_FIELDS = (
    _Field(_host, 2, 5, 0.5, 2**15),
    _Field(_ending, 1, 5, 0.5, 2**11),
    _Field(_path, 2, 5, 0.5, 2**13),
    _Field(_title, 2, 5, 0.5, 2**15),
    _Field(_program, 2, 5, 0.5, 2**14),
    _Field(lambda look: look.profile, 2, 5, 0.5, 2**8),
    _Field(lambda look: latin(words_of(look)), 3, 5, 1.0, 2**16),
)


class Features:
    """Learns from looks how rare each n-gram is; turns looks into rows, always with the same columns."""

    def __init__(self, embed: Embed | None = None) -> None:
        self._embed = embed
        self._rare: list[Any] = []
        self._spread: tuple[Any, float] | None = None

    def learn(self, looks: Sequence[Look]) -> Any:
        """Learn from these looks, and return their rows."""
        from sklearn.feature_extraction.text import TfidfTransformer  # noqa: PLC0415  heavy: when it is needed

        counted = list(self._counted(looks))
        self._rare = [TfidfTransformer(sublinear_tf=True).fit(counts) for counts in counted]
        if self._embed is not None:
            vectors = self._embed([words_of(look) for look in looks])
            self._spread = vectors.mean(axis=0), float(vectors.std()) or 1.0
        return self._rows(looks, counted)

    def rows(self, looks: Sequence[Look]) -> Any:
        """The rows of other looks."""
        return self._rows(looks, list(self._counted(looks)))

    def _counted(self, looks: Sequence[Look]) -> Iterator[Any]:
        from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415  heavy: when it is needed

        for field in _FIELDS:
            hashing = HashingVectorizer(
                analyzer="char_wb", ngram_range=(field.shortest, field.longest), n_features=field.columns,
                alternate_sign=False, norm=None, lowercase=False, dtype=np.float32,
            )  # fmt: skip
            yield hashing.transform([field.read(look) for look in looks])

    def _rows(self, looks: Sequence[Look], counted: Sequence[Any]) -> Any:
        from scipy import sparse  # noqa: PLC0415  heavy: when it is needed

        parts = [rare.transform(c) * field.weight for rare, c, field in zip(self._rare, counted, _FIELDS, strict=True)]
        if self._embed is not None and self._spread is not None:
            middle, spread = self._spread
            vectors = (self._embed([words_of(look) for look in looks]) - middle) / spread
            parts.append(sparse.csr_matrix(vectors * _EMBEDDING_WEIGHT))
        return sparse.hstack(parts).tocsr()


def latin(text: str) -> str:
    """A folded text in Latin letters, as Russian words are written in addresses."""
    return fold(text).translate(_LATIN)
