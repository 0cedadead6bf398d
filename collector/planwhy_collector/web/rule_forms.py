"""A change of the rules that a form asks for. In: the form. Out: what it does to what the installation adds, how the
history will tell it, and the fields to ask for it again. Raises InvalidInput that names the field.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.pack_lines import AREAS, LABELS
from planwhy_collector.classify.subject import subject_from
from planwhy_collector.classify.text_lines import lines_of
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Label
from planwhy_collector.jobs.rule_change import Edit
from planwhy_collector.jobs.rule_deciding import decided, deciding, decision, leaving, left, named, restored
from planwhy_collector.queries.rule_history import Done
from planwhy_collector.services import services
from planwhy_collector.web.asked import typed
from planwhy_collector.web.visitor import user

Word = TypeVar("Word", bound=str)
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "decision": ("kind", "subject", "category", "label", "area", "profile", "why", "objection"),
    "leave": ("kind", "subject"),
    "own": ("text",),
    "restore": ("version",),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a change does, how the history tells it, and the fields of the form that asked for it."""

    edit: Edit
    done: Done
    fields: Mapping[str, str]


def asked_change(rules: RuleSet) -> Asked:
    """Read the form of a change, by these rules in force."""
    what = typed("what")
    if what not in _FIELDS:
        raise InvalidInput(f"what: {what[:40]!r} is not one of {', '.join(_FIELDS)}")
    edit, done = _READ[what](rules)
    fields = {"what": what} | {name: typed(name) for name in _FIELDS[what]}
    return Asked(edit, done, fields)


def signature() -> str:
    """How the visitor signs what is changed."""
    return f"{user().name} <{user().email}>"


def _decision(rules: RuleSet) -> tuple[Edit, Done]:
    subject = subject_from(typed("kind"), typed("subject"))
    label, area = _one_of("label", LABELS), _one_of("area", AREAS)
    place = area if label == "work" or (label is None and _default(rules) == "work") else None
    made = decision(
        rules, subject, typed("category"), label=label, area=place, profile=typed("profile"), why=typed("why")
    )
    return deciding(made), decided(made, signature())


def _default(rules: RuleSet) -> Label | None:
    known = rules.categories.get(typed("category"))
    return known.label if known else None


def _leave(_rules: RuleSet) -> tuple[Edit, Done]:
    subject = named(subject_from(typed("kind"), typed("subject")))
    return leaving(subject), left(subject, signature())


def _own(_rules: RuleSet) -> tuple[Edit, Done]:
    text = "\n".join(lines_of(typed("text")))
    own = f"{text.rstrip()}\n" if text.strip() else ""
    return lambda added: replace(added, own=own), Done("applied", signature())


def _restore(_rules: RuleSet) -> tuple[Edit, Done]:
    added = restored(services().database, typed("version"))
    return lambda _: added, Done("restored", signature(), typed("version"))


_READ: Mapping[str, Callable[[RuleSet], tuple[Edit, Done]]] = {
    "decision": _decision, "leave": _leave, "own": _own, "restore": _restore,
}  # fmt: skip


def _one_of(name: str, known: tuple[Word, ...]) -> Word | None:
    value = typed(name)
    found = next((word for word in known if word == value), None)
    if value and found is None:
        raise InvalidInput(f"{name}: {value[:40]!r} is not one of {', '.join(known)}")
    return found
