"""What a model must beat. In: examples. Out: a category by counting alone: the most frequent, or by a name's ending.

Never: anything that looks into a text.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from planwhy_collector.classify.match import host_suffixes
from planwhy_collector.facts import Context
from planwhy_collector.suggest.examples import Example

_NO_HOST = ""


def most_frequent(examples: Sequence[Example]) -> str:
    """The category that most examples have; of several the first by name."""
    return _top(Counter(one.category for one in examples))


def by_ending(examples: Sequence[Example]) -> Callable[[Context], str]:
    """A host is what most hosts under its longest known ending are; what has no host is what most without one are."""
    under: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in examples:
        for ending in _endings(one.context):
            under[ending][one.category] += 1
    tops = {ending: _top(counted) for ending, counted in under.items()}
    otherwise = most_frequent(examples)
    return lambda context: next((tops[ending] for ending in _endings(context) if ending in tops), otherwise)


def _endings(context: Context) -> Iterable[str]:
    return host_suffixes(context.host) if context.host else (_NO_HOST,)


def _top(counted: Counter[str]) -> str:
    return min(counted, key=lambda category: (-counted[category], category))
