"""Open objections beside the data: one way to say them on pages, in files and on a terminal. In: view data. Out: text.

Never: a changed figure; markup; a name or words that the view data holds back.
"""

from datetime import datetime

from planwhy_collector.explain.result import ObjectionOut, ObjectionSum
from planwhy_collector.report.language import Language
from planwhy_collector.report.plain import one_line
from planwhy_collector.report.words import COUNTS_AS


def objection_words(one: ObjectionOut, say: Language) -> str:
    """Since when it is open, what it is about, what that counts for now, and how much of it there is."""
    return say.say(
        "Objection open since %(day)s; in this period %(subject)s counts as %(counted)s.",
        day=say.day(datetime.fromisoformat(one.at).date()),
        subject=one_line(one.subject, 100) if one.subject is not None else say.say("a personal site or program"),
        counted=contested_words(one.hours_by_label, say),
    )


def objection_line(one: ObjectionOut, say: Language) -> str:
    """All of it on one line, with what the person says."""
    words = objection_words(one, say)
    return words if one.text is None else " ".join((words, say.say("The person says:"), one_line(one.text, 400)))


def sum_words(found: ObjectionSum, say: Language) -> str:
    """How many are open and how much they contest, without whose and to what."""
    count = say.say("Objections open: %(count)s.", count=say.number(found.count))
    if found.hours is None:
        return count
    contested = say.say("Contested of this time: %(counted)s.", counted=contested_words(found.hours, say))
    return f"{count} {contested}"


def contested_words(hours: dict[str, float], say: Language) -> str:
    """Hours by label, the most first: “not work (2.4 h), neutral (0.3 h)”."""
    most_first = sorted(hours.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{say.say(COUNTS_AS[label])} ({say.hours(value)})" for label, value in most_first)
