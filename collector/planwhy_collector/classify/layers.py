"""Stage 7, matching: which rules of one layer meet a context, in the order in which they are asked.

In: rules and a Case. Out: what was found. Never: which layer comes first, or what a position makes of a category
(`engine`). A layer is the rules for everybody, or those for one profile alone. What depends on the host or the program
alone is looked up once for each of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from planwhy_collector.classify.hosts import Hosts
from planwhy_collector.classify.match import fold, host_suffixes, program_key, title_segments
from planwhy_collector.classify.patterns import Pattern, PatternSet, raw
from planwhy_collector.classify.rule import ANY_HOST, BROWSER, CRM, Rule
from planwhy_collector.facts import Context, EntityRef

NEW_CARD = "0"
"""The id in the address of a card that is not stored yet."""
REMEMBERED = 16_384
"""Hosts, and programs, that a layer of rules need not look up again."""
EVERYWHERE = (ANY_HOST,)
ANY, UNKNOWN = ("any",), ("unknown",)
"""Scopes of titles: every one, and those of sites and programs that no rule knows."""


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that matched, with the field and what matched; None where a pattern has yet to say it of the winner."""

    rule: Rule
    field: str
    matched: str | None = None
    pattern: Pattern | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """What a browser's title names at its end: the text, the site's rule where that is a name, and the host."""

    text: str
    site: Rule | None
    host: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a layer knows of a host: whom it finds for it alone, and which scopes of paths and titles it opens.

    `scope`: the scope of titles by what the host is; None where no rule speaks for it. `crm`: whether cards and paths
    of every host hold here.
    """

    found: tuple[Found, ...]
    company: Found | None
    paths: tuple[str, ...]
    titles: tuple[str, ...]
    scope: tuple[str, ...] | None
    crm: bool


@dataclass(frozen=True, slots=True)
class Tool:
    """What a layer knows of a program: its rule, what it finds, its scope of titles; `browser`: it shows addresses."""

    rule: Rule | None
    found: Found | None
    titles: tuple[str, ...]
    scope: tuple[str, ...] | None
    browser: bool


class Case(NamedTuple):
    """A context as the rules look at it; made once, for all layers.

    `title`, `raw_title`: folded. `host`: the context's, or the one that a browser's title names; empty: none.
    `scope`: the scope of titles by what everybody's rules know. `crm`: whether rules of every host hold for its path.
    """

    context: Context
    title: str
    raw_title: bytes
    named: Named | None
    host: str
    scope: tuple[str, ...]
    crm: bool

    def evidence(self, won: Found) -> tuple[str, EntityRef | None]:
        """The part of the text that matched, and the card it names."""
        if won.pattern is None:
            return won.matched or "", None
        text = (self.context.path or "") if won.field == "path" else self.title
        hit = won.pattern.search(text)
        if hit is None:
            return text, None
        card = EntityRef(won.rule.entity, hit[1]) if won.rule.entity and hit[1] not in (None, NEW_CARD) else None
        return hit[0].strip(), card


class Layer:
    """Rules that are asked together. Thread-safe: nothing but what is remembered changes."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._hosts = Hosts(rules)
        first = tuple(reversed(rules))  # of two rules that name the same, the one that stands first is kept
        self._programs = {program_key(name): r for r in first if r.kind == "program" for name in r.values}
        self._sites = {fold(name): r for r in first if r.kind == "site" for name in r.values}
        self._paths = _Patterned([r for r in rules if r.kind in ("card", "path")], "path")
        self._titles = _Patterned([r for r in rules if r.kind == "title"], "title")
        self._seen = lru_cache(maxsize=REMEMBERED)(self._look_at_host)
        self._tool = lru_cache(maxsize=REMEMBERED)(self._look_at_program)

    def case(self, context: Context) -> Case:
        """Look at a context with these rules as everybody's."""
        title = fold(context.title) if context.title else ""
        tool = self._tool(context.app or "")
        named, host = None, context.host or ""
        if not host and title and tool.browser and (named := self._named(title)):
            host = named.host
        seen = self._seen(host) if host else None
        scope = (seen.scope if seen else None) or (None if tool.browser else tool.scope) or UNKNOWN
        return Case(context, title, raw(title), named, host, scope, seen is not None and seen.crm)

    def program(self, name: str) -> Rule | None:
        """The rule of a program's name."""
        return self._programs.get(program_key(name))

    def found(self, case: Case) -> list[Found]:
        """All rules that match, the one that decides first."""
        context, named = case.context, case.named
        seen = self._seen(case.host) if case.host else None
        tool = self._tool(context.app) if context.app else None
        found: list[Found] = []
        if context.host and seen:
            self._by_path_or_place(case, seen, found)
        if case.title and self._titles:
            self._by_title(case, seen, tool, found)
        if named is not None and named.site is not None and named.text in self._sites:
            found.append(Found(named.site, "title", named.text))
        elif seen and named is None:
            found.extend(seen.found)
        elif seen and named:
            found.extend(Found(one.rule, "title", named.text) for one in seen.found)
        if tool and tool.found and not (context.host and tool.browser):
            found.append(tool.found)
        return found

    def _look_at_host(self, host: str) -> Seen:
        suffixes = tuple(host_suffixes(host))
        found = tuple([Found(rule, "host", suffix) for rule, suffix in self._hosts.speaking(host, suffixes)])
        company = self._hosts.company(host, suffixes)
        known = found[0].rule.outcome.category if found else None
        return Seen(
            found,
            Found(company, "host", host) if company else None,
            self._paths.known(suffixes),
            self._titles.known(f"host:{suffix}" for suffix in suffixes),
            (f"category:{known}",) if known else None,
            known is None or known == CRM,
        )

    def _look_at_program(self, app: str) -> Tool:
        key = program_key(app) if app else ""
        rule = self._programs.get(key) if app else None
        scope = (f"category:{rule.outcome.category}",) if rule else None
        browser = rule is None or rule.outcome.category == BROWSER
        found = Found(rule, "app", key) if rule else None
        return Tool(rule, found, self._titles.known([f"program:{key}"] if app else []), scope, browser)

    def _by_path_or_place(self, case: Case, seen: Seen, found: list[Found]) -> None:
        """Cards, the organisation's own addresses, then paths; among themselves in the order of the text."""
        paths: Sequence[Found] = ()
        if (path := case.context.path) and self._paths:
            paths = self._paths.search(raw(path), EVERYWHERE + seen.paths if case.crm else seen.paths)
        if seen.company is None:
            found.extend(paths)
            return
        found.extend(one for one in paths if one.rule.kind == "card")
        found.append(seen.company)
        found.extend(one for one in paths if one.rule.kind != "card")

    def _by_title(self, case: Case, seen: Seen | None, tool: Tool | None, found: list[Found]) -> None:
        scopes = ANY + case.scope
        if seen and seen.titles:
            scopes += seen.titles
        if tool and tool.titles:
            scopes += tool.titles
        found.extend(self._titles.search(case.raw_title, scopes))

    def _named(self, title: str) -> Named | None:
        """The site that a browser's title names at its end, by name or as a host."""
        for part in title_segments(title):
            if site := self._sites.get(part):
                return Named(part, site, site.scope[0])
            if "." in part and " " not in part:
                for _, domain in self._hosts.speaking(part, host_suffixes(part)):
                    return Named(part, None, domain)
        return None


class _Patterned:
    """Rules with patterns, by scope, so that a text is only compared with those that may hold for it."""

    def __init__(self, rules: Sequence[Rule], field: str) -> None:
        self._found = [Found(rule, field, None, Pattern(rule.pattern)) for rule in rules]
        places: dict[str, list[int]] = {}
        for at, rule in enumerate(rules):
            for scope in rule.scope:
                places.setdefault(scope, []).append(at)
        self._sets = {scope: (at, PatternSet([rules[n].pattern for n in at])) for scope, at in places.items()}

    def __bool__(self) -> bool:
        return bool(self._found)

    def known(self, scopes: Iterable[str]) -> tuple[str, ...]:
        """Those of the scopes that a rule has."""
        return tuple([scope for scope in scopes if scope in self._sets])

    def search(self, text: bytes, scopes: Iterable[str]) -> Sequence[Found]:
        """The rules of these scopes that match, in their order."""
        found: set[int] = set()
        for scope in scopes:
            known = self._sets.get(scope)
            if known is not None and (hits := known[1].search(text)):
                found.update([known[0][hit] for hit in hits])
        return [self._found[at] for at in sorted(found)] if found else ()
