"""What the tray shows: the icon's kind, its words, and the menu, made from the agent's facts.

In: facts, a language, the moment. Out: a Face. Never: a title, an address that was visited, the name of the program
in front: whoever stands behind the person may read it.
"""

from dataclasses import dataclass
from enum import Enum

from planwhy_agent.condition import Condition, Facts, condition_of, headline, sending_words
from planwhy_agent.words import Words


class Kind(Enum):
    """How the icon looks."""

    RECORDING = "recording"
    RESTING = "resting"
    PRIVATE = "private"
    ATTENTION = "attention"


class Act(Enum):
    """What a menu item does; the numbers are the items' ids and stay the same while the menu is open."""

    SEPARATOR = 0
    WORDS = 1
    SENDING = 2
    ACKNOWLEDGE = 3
    QUARTER = 4
    HOUR = 5
    TODAY = 6
    RESUME = 7
    PAGE = 8
    STATUS = 9


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu; without words it is a line between others. What does nothing is grey."""

    act: Act
    text: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Face:
    """All that the tray shows at one moment."""

    kind: Kind
    words: str
    items: tuple[Item, ...]


def face_of(facts: Facts, say: Words, now_ms: int) -> Face:
    """What to show."""
    words = headline(facts, say, now_ms)
    return Face(_kind(facts), words, (*_told(facts, words, say, now_ms), *_private(facts, say), *_looked_up(say)))


def _told(facts: Facts, words: str, say: Words, now_ms: int) -> tuple[Item, ...]:
    items = [Item(Act.WORDS, words, enabled=False)]
    if sending := sending_words(facts, say, now_ms):
        items.append(Item(Act.SENDING, sending, enabled=False))
    if facts.stored is not None and not facts.acknowledged:
        items.append(Item(Act.ACKNOWLEDGE, say("Read the notice and acknowledge it…")))
    return (*items, Item(Act.SEPARATOR))


def _private(facts: Facts, say: Words) -> tuple[Item, ...]:
    begin = (
        Item(Act.QUARTER, say("Private time: 15 minutes")),
        Item(Act.HOUR, say("Private time: 1 hour")),
        Item(Act.TODAY, say("Private time: until tomorrow")),
    )
    end = (Item(Act.RESUME, say("End private time")),) if facts.paused_until_ms else ()
    return (*end, *begin, Item(Act.SEPARATOR))


def _looked_up(say: Words) -> tuple[Item, ...]:
    return Item(Act.PAGE, say("Open my page")), Item(Act.STATUS, say("Status…"))


def _kind(facts: Facts) -> Kind:
    condition = condition_of(facts)
    if condition is Condition.PRIVATE:
        return Kind.PRIVATE
    if condition is Condition.OUTSIDE_HOURS:
        return Kind.ATTENTION if facts.refused else Kind.RESTING
    if condition is not Condition.RECORDING or facts.refused or (facts.alive is not None and facts.alive.disk_full):
        return Kind.ATTENTION
    return Kind.RECORDING
