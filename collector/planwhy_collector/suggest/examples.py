"""What the model learns from. In: a rule set, and what its rules decided here. Out: examples with their groups.

Hosts, programs, names of sites, paths and words of titles come from the rules; titles, paths and programs that people
had before them come from the organisation's own days. Examples that name one thing share a group, so that none of
them can be asked while another teaches. Never: what a person decided about another person, or a text kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.load import OWN
from planwhy_collector.classify.match import fold, program_key
from planwhy_collector.classify.rule import ANY_HOST, BROWSER, Rule
from planwhy_collector.classify.subject import Subject, subject_of
from planwhy_collector.facts import Context
from planwhy_collector.suggest.names import Families, brand_of_host, brand_of_program

Source = Literal["host", "program", "site", "path", "title", "seen"]
SOURCES: tuple[Source, ...] = ("host", "program", "site", "path", "title", "seen")
"""Rules of hosts, programs, names of sites, paths, words of titles; and windows that a host or program decided."""
OWN_WEIGHT = 3.0
"""How much more an organisation's own decision weighs than one of the product's."""
MOST_OF_ONE = 20
"""Windows of one host or program that are learnt from, those with the most time first."""
MOST_SEEN = 10_000
"""Windows that are learnt from at all, which bounds time and memory."""
_EVERYWHERE = {"unknown", "any"}
_DECIDED_BY = ("H-", "P-", "C-")


@dataclass(frozen=True, slots=True)
class Example:
    """A context whose category is known. `profile` is empty where it holds for everybody."""

    context: Context
    category: str
    source: Source
    group: str
    weight: float = 1.0
    profile: str = ""


@dataclass(frozen=True, slots=True)
class SeenWindow:
    """A context that people of a profile had before them for some milliseconds: what a rule made of it, and which."""

    context: Context
    profile: str
    ms: int
    category: str | None
    rule: str | None


def examples_of(rules: RuleSet, seen: Iterable[SeenWindow] = ()) -> tuple[Example, ...]:
    """All examples there are, those of the rules in their order, then those of windows."""
    families = Families()
    made = [one for rule in rules.rules for one in _of_rule(rule, families)]
    own = {rule.code for rule in rules.rules if _is_own(rule)}
    made += _of_windows(seen, own)
    return tuple(replace(one, group=families.of(one.group)) for one in made)


def _of_rule(rule: Rule, families: Families) -> Iterator[Example]:
    for context, source, group in _contexts_of(rule, families):
        weight = OWN_WEIGHT if _is_own(rule) else 1.0
        yield Example(context, rule.outcome.category, source, group, weight, rule.profile)


def _contexts_of(rule: Rule, families: Families) -> Iterator[tuple[Context, Source, str]]:
    if rule.kind == "host":
        yield Context(host=rule.values[0]), "host", brand_of_host(rule.values[0])
    elif rule.kind == "program":
        brands = [brand_of_program(name) for name in rule.values]
        families.join(brands)
        names = {program_key(name): brand for name, brand in zip(rule.values, brands, strict=True)}
        yield from ((Context(app=name), "program", brand) for name, brand in names.items())
    elif rule.kind == "site":
        group = brand_of_host(rule.scope[0])
        families.join([group, *map(brand_of_program, rule.values)])
        yield from ((Context(title=name), "site", group) for name in rule.values)
    elif rule.kind in ("path", "card"):
        yield from ((_at(host, rule.example), "path", _group_of_path(host, rule)) for host in rule.scope)
    elif rule.kind == "title" and _EVERYWHERE.issuperset(rule.scope) and rule.pattern != rule.example:
        words = [fold(word.replace("*", "")).strip() for word in rule.example.split("|")]
        yield from ((Context(title=word), "title", rule.code) for word in words if word)


def _at(host: str, template: str) -> Context:
    path = template.removeprefix("**").replace("{id}", "1").replace("{n}", "1").replace("*", "")
    return Context(host=None if host == ANY_HOST else host, path=path)


def _group_of_path(host: str, rule: Rule) -> str:
    return rule.code if host == ANY_HOST else brand_of_host(host)


def _of_windows(seen: Iterable[SeenWindow], own: set[str]) -> Iterator[Example]:
    """Windows that a host or program decided: of each the longest, weighing like the root of their number."""
    by_subject: defaultdict[tuple[Subject, str], list[SeenWindow]] = defaultdict(list)
    for one in seen:
        subject = subject_of(one.context)
        if subject and one.category and one.category != BROWSER and (one.rule or "").startswith(_DECIDED_BY):
            by_subject[subject, one.profile].append(one)
    left = MOST_SEEN
    for (subject, profile), windows in sorted(by_subject.items(), key=_time_of, reverse=True):
        chosen = _longest(windows)[: min(left, MOST_OF_ONE)]
        left -= len(chosen)
        for one in chosen:
            weight = (OWN_WEIGHT if one.rule in own else 1.0) / len(chosen) ** 0.5
            yield Example(one.context, one.category or "", "seen", group_of(subject), weight, profile)


def group_of(subject: Subject) -> str:
    """The brand that a host or program belongs to."""
    return brand_of_host(subject.name) if subject.kind == "host" else brand_of_program(subject.name)


def _time_of(item: tuple[tuple[Subject, str], Sequence[SeenWindow]]) -> tuple[int, Subject, str]:
    (subject, profile), windows = item
    return sum(one.ms for one in windows), subject, profile


def _longest(windows: Sequence[SeenWindow]) -> list[SeenWindow]:
    return sorted(windows, key=lambda one: (-one.ms, str(one.context)))


def _is_own(rule: Rule) -> bool:
    return rule.place.startswith(f"{OWN}:")
