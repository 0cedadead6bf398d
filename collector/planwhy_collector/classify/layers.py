"""Stage 7, matching: which rules of one layer meet a context, in the order in which they are asked.

In: rules and a Case. Out: what was found. Never: which layer comes first, or what a position makes of a category
(`engine`). A layer is the rules for everybody, or those for one profile alone.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from planwhy_collector.classify.match import Pattern, PatternSet, fold, host_suffixes, program_key, title_segments
from planwhy_collector.classify.rule import ANY_HOST, BROWSER, CRM, PRIVATE_ADDRESSES, Rule
from planwhy_collector.classify.subject import FACES
from planwhy_collector.facts import Context, EntityRef

NEW_CARD = "0"
"""The id in the address of a card that is not stored yet."""
_INSIDE = (".local", ".lan", ".localdomain", ".internal", ".intranet", ".corp", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Found:
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


@dataclass(frozen=True, slots=True)
class Case:
    """A context as the rules look at it.

    `title` is folded; `hosts` are the host and the domains it lies in, or those that a browser's title names, by the
    site `named`; `by_host` and `program` are what everybody's rules know of them.
    """

    context: Context
    title: str
    hosts: tuple[str, ...]
    named: Found | None
    by_host: Rule | None
    program: Rule | None

    @property
    def browsing(self) -> bool:
        """Whether the program shows addresses, or none is known."""
        return not self.context.app or self.program is None or self.program.outcome.category == BROWSER


class Layer:
    """Rules that are asked together. Thread-safe: nothing changes after the beginning."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        first = tuple(reversed(rules))  # of two rules that name the same, the one that stands first is kept
        self._hosts = {r.values[0]: r for r in first if r.kind == "host"}
        self._company = {r.values[0]: r for r in first if r.kind == "company"}
        self._programs = {program_key(name): r for r in first if r.kind == "program" for name in r.values}
        self._sites = {fold(name): r for r in first if r.kind == "site" for name in r.values}
        self._paths = _Patterned([r for r in rules if r.kind in ("card", "path")])
        self._titles = _Patterned([r for r in rules if r.kind == "title"])

    def case(self, context: Context) -> Case:
        """Look at a context with these rules as everybody's."""
        program = self.program(context.app) if context.app else None
        title = fold(context.title) if context.title else ""
        hosts = tuple(host_suffixes(context.host)) if context.host else ()
        bare = Case(context, title, hosts, None, None, program)
        named = self._named(title) if bare.browsing and not hosts else None
        if named is not None:
            hosts = tuple(host_suffixes(named.rule.scope[0]))
        by_host = next(self._by_hosts(context.host or (hosts[0] if hosts else ""), hosts), None)
        return Case(context, title, hosts, named, by_host, program)

    def program(self, name: str) -> Rule | None:
        """The rule of a program's name."""
        return self._programs.get(program_key(name))

    def found(self, case: Case) -> Iterator[Found]:
        """All rules that match, the one that decides first."""
        yield from self._by_path_or_place(case)
        if case.title:
            yield from self._by_title(case)
        if case.named is not None and self._sites.get(case.named.text) is not None:
            yield case.named
        else:
            whole = case.hosts[0] if case.hosts else ""
            field = "title" if case.named is not None else "host"
            text = case.named.text if case.named is not None else None
            yield from (Found(r, field, text or r.values[0]) for r in self._by_hosts(whole, case.hosts))
        rule = self.program(case.context.app) if case.context.app else None
        if rule is not None and not (case.context.host and rule.outcome.category == BROWSER):
            yield Found(rule, "app", program_key(case.context.app or ""))

    def _by_hosts(self, whole: str, hosts: Sequence[str]) -> Iterator[Rule]:
        """Rules of the host and of the domains it lies in, the longest first."""
        for suffix in hosts:
            rule = self._hosts.get(suffix)
            if rule is not None and not (rule.alone and whole not in _faces(suffix)):
                yield rule

    def _by_path_or_place(self, case: Case) -> Iterator[Found]:
        """Cards, the organisation's own addresses, then paths; among themselves in the order of the text."""
        paths = list(self._by_path(case))
        company = self._company_of(case)
        if company is None:
            yield from paths
            return
        yield from (one for one in paths if one.rule.kind == "card")
        yield Found(company, "host", case.context.host or "")
        yield from (one for one in paths if one.rule.kind != "card")

    def _company_of(self, case: Case) -> Rule | None:
        if case.context.host is None:
            return None
        own = next((rule for suffix in case.hosts if (rule := self._company.get(suffix))), None)
        return own or (self._company.get(PRIVATE_ADDRESSES) if is_private(case.context.host) else None)

    def _by_path(self, case: Case) -> Iterator[Found]:
        path = case.context.path
        if not path or not case.context.host:
            return
        own_crm = case.by_host is None or case.by_host.outcome.category == CRM
        scopes = (ANY_HOST, *case.hosts) if own_crm else case.hosts
        for rule, pattern in self._paths.search(path, scopes):
            yield Found(rule, "path", path, pattern)

    def _by_title(self, case: Case) -> Iterator[Found]:
        base = case.by_host or (None if case.browsing else case.program)
        scopes = ["any", *(f"host:{host}" for host in case.hosts)]
        scopes.append(f"category:{base.outcome.category}" if base else "unknown")
        if case.context.app:
            scopes.append(f"program:{program_key(case.context.app)}")
        for rule, pattern in self._titles.search(case.title, scopes):
            yield Found(rule, "title", case.title, pattern)

    def _named(self, title: str) -> Found | None:
        """The site that a browser's title names at its end, by name or as a host."""
        for part in title_segments(title) if title else ():
            if site := self._sites.get(part):
                return Found(site, "title", part)
            for rule in self._by_hosts(part, list(host_suffixes(part))) if "." in part and " " not in part else ():
                return Found(_as_site(rule), "title", part)
        return None


def is_private(host: str) -> bool:
    """Whether a host lies in a private network: a private or loopback address, a bare name, a name never on the net."""
    if "." in host and ":" not in host and host[-1:].isalpha():
        return host.endswith(_INSIDE)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return address.is_private or address.is_link_local


class _Patterned:
    """Rules with patterns, by scope, so that a text is only compared with those that may hold for it."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._compiled = [Pattern(r.pattern) for r in rules]
        places: dict[str, list[int]] = {}
        for at, rule in enumerate(rules):
            for scope in rule.scope:
                places.setdefault(scope, []).append(at)
        self._sets = {scope: (at, PatternSet([rules[n].pattern for n in at])) for scope, at in places.items()}

    def search(self, text: str, scopes: Iterable[str]) -> Iterator[tuple[Rule, Pattern]]:
        """The rules of these scopes that match, in their order."""
        found: set[int] = set()
        for scope in scopes:
            if scope in self._sets:
                places, patterns = self._sets[scope]
                found.update(places[hit] for hit in patterns.search(text))
        return ((self._rules[at], self._compiled[at]) for at in sorted(found))


def _faces(host: str) -> tuple[str, ...]:
    return (host, *(face + host for face in FACES))


@lru_cache(maxsize=4096)
def _as_site(rule: Rule) -> Rule:
    """A host's rule, won by a title that spells the host."""
    return Rule(rule.code, rule.kind, rule.outcome, rule.place, rule.values, rule.values, why=rule.why)
