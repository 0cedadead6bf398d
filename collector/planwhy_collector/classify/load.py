"""The text of rules becomes a rule set. In: texts by name. Out: packs and rule sets. Never: a rule half understood.

A text has one statement a line; `# …` is a comment, ` -- …` at the end says why. A header `[category label area]`
holds for the lines below it. The statements are described in docs/rules.md. Every problem is told with file and line.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.host_set import HostSet
from planwhy_collector.classify.match import fold, program_key
from planwhy_collector.classify.pack_lines import LINES, MOST_LISTED, Header, header
from planwhy_collector.classify.patterns import checked
from planwhy_collector.classify.rule import Category, Override, Pack, Position, Rule
from planwhy_collector.classify.subject import Subject
from planwhy_collector.classify.text_lines import MOST_STATEMENTS, statements, unreadable
from planwhy_collector.errors import InvalidInput

OWN = "own"
"""The name of the installation's own rules: they come before the product's, and replace those of the same code."""
PACK = "pack:"
"""What the names of texts begin with that the operator took over from others: they come behind the product's."""
WHY = re.compile(r"\s+--\s+")
"""What stands between a line and its reason."""


@dataclass(frozen=True, slots=True)
class Additions:
    """What an installation puts beside the product's rules: its own text, and packs as (name, text) by name."""

    own: str = ""
    packs: tuple[tuple[str, str], ...] = ()

    def texts(self) -> dict[str, str]:
        """Its texts as a rule set takes them; an own text that says nothing is none."""
        own = {OWN: self.own} if self.own.strip() else {}
        return own | {f"{PACK}{name}": text for name, text in self.packs}


MOST_PROBLEMS = 1_000
"""Of one text; what comes after them is not read."""
BRIEF = 300
"""Characters of a reason."""
ALL_PATTERNS = 4_000_000
"""Instructions of all compiled patterns together: the product's have 450,000."""


def additions_in(texts: Mapping[str, str]) -> Additions:
    """What an installation adds, among texts by name; the product's own are left out."""
    packs = tuple((name.removeprefix(PACK), texts[name]) for name in sorted(texts) if name.startswith(PACK))
    return Additions(texts.get(OWN, ""), packs)


@dataclass(slots=True)
class _Reading:
    """What has been read of one text so far; of a list, the hosts and where it stands among the rules."""

    categories: list[Category] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    left: list[Subject] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    lists: dict[str, tuple[int, list[str]]] = field(default_factory=dict)


@lru_cache(maxsize=32)  # one decision changes one text of a dozen
def parse_pack(name: str, text: str) -> Pack:
    """Read one text. Lines that are wrong are listed in `problems` as `file:line: reason`; nothing is raised."""
    reading = _Reading()
    reading.problems += [f"{name}:{number}: {reason}" for number, reason in unreadable(text)]
    if not reading.problems:
        _read(name, text, reading)
    for at, hosts in reading.lists.values():
        reading.rules[at] = replace(reading.rules[at], values=(), hosts=HostSet(hosts))
    return Pack(
        tuple(reading.categories), tuple(reading.rules), tuple(reading.positions), tuple(reading.overrides),
        tuple(reading.left), tuple(reading.problems),
    )  # fmt: skip


def _read(name: str, text: str, reading: _Reading) -> None:
    current: Header | None = None
    for count, (number, line) in enumerate(statements(text), 1):
        place = f"{name}:{number}"
        try:
            if line.startswith("["):
                current = header(*WHY.split(line, maxsplit=1))
            else:
                _read_line(line, place, current, reading)
        except ValueError as error:
            reading.problems.append(f"{place}: {_brief(str(error))}")
        if count >= MOST_STATEMENTS or len(reading.problems) >= MOST_PROBLEMS:
            most = f"{MOST_STATEMENTS:,} statements" if count >= MOST_STATEMENTS else f"{MOST_PROBLEMS:,} problems"
            reading.problems.append(f"{place}: {most} are the most; what follows is not read")
            return


def _brief(reason: str) -> str:
    """A reason that quotes what is endless says its beginning and its end."""
    return reason if len(reason) <= BRIEF else f"{reason[: BRIEF // 2]} … {reason[-BRIEF // 2 :]}"


def rule_set(texts: Mapping[str, str]) -> RuleSet:
    """Compile texts: the own one, the product's by name, then packs. Raises InvalidInput that lists all problems."""
    names = sorted(texts, key=lambda name: (name != OWN, name.startswith(PACK), name))
    packs = [parse_pack(name, texts[name]) for name in names]
    joined = _joined(packs)
    problems = [*joined.problems, *_inconsistencies(joined)]
    if problems:
        raise InvalidInput("\n".join(problems))
    try:
        return RuleSet(joined, _version(names, texts))
    except ValueError as error:
        raise InvalidInput(f"the patterns of all rules together: {error}") from None


def builtin_texts() -> dict[str, str]:
    """The product's own catalogue: name of the pack → text."""
    folder = resources.files("planwhy_collector.classify") / "packs"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".rules")), key=lambda f: f.name)
    return {f.name: f.read_text(encoding="utf-8") for f in found}


def builtin_rules() -> RuleSet:
    """The product's own rules, compiled once."""
    return rules_with("")


def rules_with(own: str) -> RuleSet:
    """The product's rules with the installation's own before them. Raises InvalidInput that lists all problems."""
    return rules_beside(Additions(own))


@lru_cache(maxsize=4)
def rules_beside(added: Additions) -> RuleSet:
    """The product's rules with all that an installation adds. Raises InvalidInput that lists all problems."""
    return rule_set(builtin_texts() | added.texts())


def _read_line(line: str, place: str, current: Header | None, reading: _Reading) -> None:
    body, *rest = WHY.split(line, maxsplit=1)
    word, *arguments = body.split(maxsplit=1)
    read = LINES.get(word)
    if read is None:
        raise ValueError(f"{word!r} is not one of {', '.join(LINES)}")
    for made in read("".join(arguments), place, current):
        if isinstance(made, Rule):
            _add_rule(_placed(made, rest[0] if rest else "", current), reading)
        elif isinstance(made, Category):
            reading.categories.append(made)
        elif isinstance(made, Position):
            reading.positions.append(made)
        elif isinstance(made, Subject):
            reading.left.append(made)
        else:
            reading.overrides.append(made)


def _add_rule(rule: Rule, reading: _Reading) -> None:
    """A line of a list that stands above under the same header makes it longer; all others are rules of their own."""
    if rule.kind != "list":
        reading.rules.append(rule)
        return
    at, hosts = reading.lists.setdefault(rule.code, (len(reading.rules), []))
    if not hosts:
        reading.rules.append(rule)
    earlier = reading.rules[at]
    if (earlier.outcome, earlier.profile) != (rule.outcome, rule.profile):
        raise ValueError(f"{rule.code} stands at {earlier.place} already")
    hosts.extend(rule.values)
    if len(hosts) > MOST_LISTED:
        raise ValueError(f"{rule.code} has more than {MOST_LISTED:,} hosts")


def _placed(rule: Rule, why: str, head: Header | None) -> Rule:
    """Give a rule what its header says of all: the reason, where it has none of its own, and the profile."""
    if head is None or rule.kind in ("card", "company", "site"):
        return replace(rule, why=why)
    code = f"{rule.code}@{head.profile}" if head.profile else rule.code
    return replace(rule, code=code, why=why or head.why, profile=head.profile)


def _joined(packs: Sequence[Pack]) -> Pack:
    """Put packs together; a rule of the first text replaces those of the same code in later ones."""
    rules: dict[str, Rule] = {}
    problems = [p for pack in packs for p in pack.problems]
    for pack in packs:
        for rule in pack.rules:
            earlier = rules.setdefault(rule.code, rule)
            if earlier is not rule and not _replaces(earlier, rule):
                problems.append(f"{rule.place}: {rule.code} stands at {earlier.place} already")
    return Pack(
        tuple(c for pack in reversed(packs) for c in pack.categories),
        _with_outcomes_of_sites(rules),
        tuple(p for pack in packs for p in pack.positions),
        tuple(o for pack in reversed(packs) for o in pack.overrides),
        tuple(one for pack in packs for one in pack.left),
        tuple(problems),
    )


def _with_outcomes_of_sites(rules: Mapping[str, Rule]) -> tuple[Rule, ...]:
    return tuple(
        replace(rule, outcome=host.outcome, why=rule.why or host.why)
        if rule.kind == "site" and (host := rules.get(f"H-{rule.scope[0]}"))
        else rule
        for rule in rules.values()
    )


def _replaces(earlier: Rule, later: Rule) -> bool:
    return earlier.place.startswith(f"{OWN}:") and not later.place.startswith(f"{OWN}:")


def _inconsistencies(pack: Pack) -> list[str]:
    known = {c.id for c in pack.categories}
    hosts = {r.values[0] for r in pack.rules if r.kind == "host" and not r.profile}
    wrong = [f"{r.place}: there is no category {r.outcome.category!r}" for r in pack.rules if _unknown(r, known)]
    wrong += [f"{o.place}: there is no category {o.category!r}" for o in pack.overrides if o.category not in known]
    wrong += [
        f"{r.place}: the site's host {r.scope[0]} has no rule of its own"
        for r in pack.rules
        if r.kind == "site" and r.scope[0] not in hosts
    ]
    return wrong + _names_twice(pack.rules) + _too_many_patterns(pack.rules)


def _too_many_patterns(rules: Sequence[Rule]) -> list[str]:
    """The rule whose pattern is too much beside those before it; the product's come first, for they are never wrong."""
    together = 0
    for rule in sorted(rules, key=lambda one: one.place.startswith(f"{OWN}:")):
        together += checked(rule.pattern).programsize if rule.pattern else 0
        if together > ALL_PATTERNS:
            return [
                f"{rule.place}: the patterns of all rules up to here are too large: over {ALL_PATTERNS:,} instructions"
            ]
    return []


def _unknown(rule: Rule, known: set[str]) -> bool:
    return rule.kind != "site" and rule.outcome.category not in known


def _names_twice(rules: Sequence[Rule]) -> list[str]:
    seen: dict[tuple[str, str, str], Rule] = {}
    wrong = []
    for rule in rules:
        for name in {program_key(v) for v in rule.values} if rule.kind == "program" else set(map(fold, rule.values)):
            earlier = seen.setdefault((rule.kind, rule.profile, name), rule)
            if earlier is not rule and not _replaces(earlier, rule):
                wrong.append(f"{rule.place}: {name!r} is named at {earlier.place} already")
    return wrong


def _version(names: Sequence[str], texts: Mapping[str, str]) -> str:
    named = "\0".join(f"{name}\0{texts[name]}" for name in names)
    return hashlib.blake2b(named.encode(), digest_size=6).hexdigest()
