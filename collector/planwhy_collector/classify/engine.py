"""Stage 7: a context becomes a verdict. In: contexts and profiles. Out: verdicts with their evidence. Never: a guess.

The order: cards of the CRM, paths, titles, the longest host, names of sites in titles, the program. What no rule
knows stays unclassified, which is not the same as non-work. A browser is judged by its address, or by its title
where there is no address, never by being a browser. A position's override comes last and lifts the label.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from planwhy_collector.classify.match import (
    Pattern,
    PatternSet,
    fold,
    host_suffixes,
    program_key,
    title_segments,
)
from planwhy_collector.classify.rule import (
    ANY_HOST,
    BROWSER,
    DEFAULT_PROFILE,
    Category,
    Override,
    Pack,
    Position,
    Rule,
)
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import CALL_APP, Area, Context, EntityRef, EntityType, Label

CALL_RULE = "R-call"
"""The code of the one rule that is not text: calls and meetings of the CRM are work."""
CRM = "crm_sales"
NEW_CARD = "0"
"""The id in the address of a card that is not stored yet."""
_AREAS: Mapping[EntityType, Area] = {"deal": "sales", "lead": "sales", "client": "service", "task": "general"}
_RANK: Mapping[Label, int] = {"non_work": 0, "neutral": 1, "work": 2}
_CALL_CARDS: Mapping[str, EntityType] = {"deal": "deal", "lead": "lead", "client": "client", "task": "task"}


@dataclass(frozen=True, slots=True)
class _Found:
    """A rule that matched, with the field and its text; what exactly matched is only asked of the winner."""

    rule: Rule
    field: str
    text: str
    pattern: Pattern | None = None

    def evidence(self) -> tuple[str, EntityRef | None]:
        """The part of the text that matched, and the card it names."""
        hit = self.pattern.search(self.text) if self.pattern else None
        if hit is None:
            return self.text, None
        card = EntityRef(self.rule.entity, hit[1]) if self.rule.entity and hit[1] not in (None, NEW_CARD) else None
        return hit[0].strip(), card


class RuleSet:
    """The rules in force. Thread-safe: nothing changes after the beginning."""

    def __init__(self, pack: Pack, version: str) -> None:
        self.version = version
        self.rules = pack.rules
        self._codes = {CALL_RULE, *(rule.code for rule in pack.rules)}
        self.categories: Mapping[str, Category] = {c.id: c for c in pack.categories}
        self._positions = pack.positions
        self._position_set = PatternSet([p.pattern for p in pack.positions])
        self._overrides = {(o.profile, o.category): o for o in pack.overrides}
        self._hosts = {r.values[0]: r for r in pack.rules if r.kind == "host"}
        self._programs = {program_key(name): r for r in pack.rules if r.kind == "program" for name in r.values}
        self._sites = {fold(name): r for r in pack.rules if r.kind == "site" for name in r.values}
        self._paths = _Patterned([r for r in pack.rules if r.kind in ("card", "path")])
        self._titles = _Patterned([r for r in pack.rules if r.kind == "title"])

    def has(self, code: str) -> bool:
        """Whether a rule of that code is in force."""
        return code in self._codes

    @property
    def overrides(self) -> tuple[Override, ...]:
        """What positions change."""
        return tuple(self._overrides.values())

    @property
    def positions(self) -> tuple[Position, ...]:
        """Which names of positions lead to which profile."""
        return self._positions

    def profile_of(self, position: str) -> str:
        """The profile of a position's name; the first line of the rules that matches decides."""
        found = self._position_set.search(fold(position))
        return self._positions[found[0]].profile if found else DEFAULT_PROFILE

    def judge_program(self, name: str, profile: str) -> Verdict:
        """Judge a program by its name alone; a browser is then what it is, a neutral tool."""
        rule = self._programs.get(program_key(name))
        if rule is None:
            return Verdict(None, None, None, None, self.version)
        outcome = rule.outcome
        label = self._lifted(outcome.label, outcome.category, profile)
        area = (outcome.area or "general") if label == "work" else None
        return Verdict(label, outcome.category, area, rule.code, self.version, None, "app", program_key(name))

    def judge(self, context: Context, profile: str) -> Verdict:
        """Judge a context for a profile. `lost` names the rules that matched as well, in their order."""
        if context.app == CALL_APP and context.host is None:
            return self._call(context)
        found = list(self._found(context))
        if not found:
            return Verdict(None, None, None, None, self.version)
        return self._verdict(found[0], tuple(f.rule.code for f in found[1:]), profile)

    def _verdict(self, won: _Found, lost: tuple[str, ...], profile: str) -> Verdict:
        rule, outcome = won.rule, won.rule.outcome
        matched, entity = won.evidence()
        evidence = (self.version, entity, won.field, matched, lost)
        if outcome.category == BROWSER and won.field == "app":
            return Verdict(None, BROWSER, None, rule.code, *evidence)
        label = self._lifted(outcome.label, outcome.category, profile)
        area = (outcome.area or "general") if label == "work" else None
        return Verdict(label, outcome.category, area, rule.code, *evidence)

    def _lifted(self, label: Label, category: str, profile: str) -> Label:
        """The label for a profile: lifted to what its position makes of the category.

        Never lowered; and what stands below its category (a microloan among banks) stays where it stands.
        """
        override = self._overrides.get((profile, category))
        if override is None or _RANK[label] < _RANK[self.categories[category].label]:
            return label
        return max(label, override.label, key=_RANK.__getitem__)

    def _call(self, context: Context) -> Verdict:
        kind, _, key = (context.path or "").strip("/").partition("/")
        known = _CALL_CARDS.get(kind) if key else None
        area = _AREAS[known] if known else "general"
        entity = EntityRef(known, key) if known else None
        return Verdict("work", "calls", area, CALL_RULE, self.version, entity, "app", CALL_APP)

    def _found(self, context: Context) -> Iterator[_Found]:
        hosts = list(host_suffixes(context.host)) if context.host else []
        program = self._programs.get(program_key(context.app)) if context.app else None
        browsing = not context.app or program is None or program.outcome.category == BROWSER
        title = fold(context.title) if context.title else ""
        named = self._named(title) if browsing and not hosts else None
        if named is not None:
            hosts = list(host_suffixes(named.rule.scope[0]))
        by_host = next((rule for host in hosts if (rule := self._hosts.get(host))), None)
        if context.path and context.host:
            yield from self._by_path(context.path, hosts, by_host)
        judged_by = by_host or (None if browsing else program)
        if title:
            yield from self._by_title(title, hosts, context.app, judged_by)
        if named is not None:
            yield named
        else:
            yield from (_Found(rule, "host", host) for host in hosts if (rule := self._hosts.get(host)))
        if program is not None and not (context.host and program.outcome.category == BROWSER):
            yield _Found(program, "app", program_key(context.app or ""))

    def _by_path(self, path: str, hosts: Sequence[str], by_host: Rule | None) -> Iterator[_Found]:
        own_crm = by_host is None or by_host.outcome.category == CRM
        for rule, pattern in self._paths.search(path):
            if (ANY_HOST in rule.scope and own_crm) or not set(rule.scope).isdisjoint(hosts):
                yield _Found(rule, "path", path, pattern)

    def _by_title(self, title: str, hosts: Sequence[str], app: str | None, base: Rule | None) -> Iterator[_Found]:
        scopes = {"any", *(f"host:{host}" for host in hosts)}
        scopes.add(f"category:{base.outcome.category}" if base else "unknown")
        if app:
            scopes.add(f"program:{program_key(app)}")
        for rule, pattern in self._titles.search(title):
            if not scopes.isdisjoint(rule.scope):
                yield _Found(rule, "title", title, pattern)

    def _named(self, title: str) -> _Found | None:
        """The site that a browser's title names at its end, by name or as a host."""
        for part in title_segments(title) if title else ():
            if site := self._sites.get(part):
                return _Found(site, "title", part)
            for host in host_suffixes(part) if "." in part and " " not in part else ():
                if rule := self._hosts.get(host):
                    return _Found(_as_site(rule), "title", part)
        return None


class _Patterned:
    """Rules with patterns, in their order, matched in one go."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._set = PatternSet([r.pattern for r in rules])
        self._compiled = [Pattern(r.pattern) for r in rules]

    def search(self, text: str) -> Iterator[tuple[Rule, Pattern]]:
        return ((self._rules[at], self._compiled[at]) for at in self._set.search(text))


@lru_cache(maxsize=4096)
def _as_site(rule: Rule) -> Rule:
    """A host's rule, won by a title that spells the host."""
    return Rule(rule.code, rule.kind, rule.outcome, rule.place, rule.values, rule.values, why=rule.why)
