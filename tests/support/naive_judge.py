"""A deliberately naive judge: asks every rule one by one in the order of decision: slow, and plain."""

from collections.abc import Sequence

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.hosts import is_private
from planwhy_collector.classify.match import fold, program_key, title_segments
from planwhy_collector.classify.patterns import Pattern
from planwhy_collector.classify.rule import Rule
from planwhy_collector.facts import Context

Hit = tuple[Rule, str, str]
"""A rule, the field it matched, and what of it."""


def naive_hits(rules: RuleSet, context: Context, profile: str) -> list[Hit]:
    """All rules that match, the one that decides first: the profile's own, then everybody's."""
    everybody = [rule for rule in rules.rules if not rule.profile]
    own = [rule for rule in rules.rules if rule.profile == profile]
    look = _Look(context, everybody)
    return [hit for layer in (own, everybody) for hit in look.hits(layer)]


class _Look:
    def __init__(self, context: Context, everybody: Sequence[Rule]) -> None:
        self.context = context
        self.title = fold(context.title) if context.title else ""
        programs = [rule for rule in everybody if self._is_program(rule)]
        self.program = programs[0] if programs else None
        self.browsing = self.program is None or self.program.outcome.category == "browser"
        self.named, self.named_by, domain = self._named(everybody)
        self.host = context.host or domain
        known = speaking(everybody, self.host)
        self.by_host = known[0][0] if known else None

    def hits(self, layer: Sequence[Rule]) -> list[Hit]:
        paths = [hit for rule in layer if rule.kind in ("card", "path") for hit in self._path(rule)]
        companies = [rule for rule in layer if rule.kind == "company" and self._is_company(rule)]
        companies.sort(key=lambda rule: -(rule.values[0] != "private-addresses") * len(rule.values[0]))
        if companies:
            hits = [hit for hit in paths if hit[0].kind == "card"]
            hits += [(companies[0], "host", self.context.host or "")]
            hits += [hit for hit in paths if hit[0].kind != "card"]
        else:
            hits = paths
        hits += [hit for rule in layer if rule.kind == "title" for hit in self._title(rule)]
        hits += self._hosts(layer)
        hits += [(rule, "app", program_key(self.context.app or "")) for rule in layer if self._is_shown_program(rule)]
        return hits

    def _hosts(self, layer: Sequence[Rule]) -> list[Hit]:
        if self.named_by in layer and self.named_by is not None and self.named_by.kind == "site":
            return [(self.named_by, "title", self.named)]
        field = "title" if self.named_by else "host"
        return [(rule, field, self.named or domain) for rule, domain in speaking(layer, self.host)]

    def _named(self, everybody: Sequence[Rule]) -> tuple[str, Rule | None, str]:
        if self.context.host or not self.browsing or not self.title:
            return "", None, ""
        for part in title_segments(self.title):
            for rule in everybody:
                if rule.kind == "site" and part in [fold(name) for name in rule.values]:
                    return part, rule, rule.scope[0]
            spelled = speaking(everybody, part) if "." in part and " " not in part else []
            if spelled:
                return part, *spelled[0]
        return "", None, ""

    def _is_program(self, rule: Rule) -> bool:
        names = [program_key(name) for name in rule.values]
        return rule.kind == "program" and bool(self.context.app) and program_key(self.context.app or "") in names

    def _is_shown_program(self, rule: Rule) -> bool:
        return self._is_program(rule) and not (self.context.host and rule.outcome.category == "browser")

    def _is_company(self, rule: Rule) -> bool:
        host = self.context.host
        if not host:
            return False
        return lies_in(host, rule.values[0]) or (rule.values[0] == "private-addresses" and is_private(host))

    def _path(self, rule: Rule) -> list[Hit]:
        path, host = self.context.path, self.context.host
        if not path or not host:
            return []
        anywhere = self.by_host is None or self.by_host.outcome.category == "crm_sales"
        if not any(lies_in(host, scope) or (scope == "*" and anywhere) for scope in rule.scope):
            return []
        found = Pattern(rule.pattern).search(path)
        return [(rule, "path", found[0].strip())] if found else []

    def _title(self, rule: Rule) -> list[Hit]:
        base = self.by_host or (None if self.browsing else self.program)
        for scope in rule.scope:
            kind, _, name = scope.partition(":")
            holds = {
                "any": True,
                "unknown": base is None,
                "category": base is not None and base.outcome.category == name,
                "host": lies_in(self.host, name),
                "program": program_key(self.context.app or "") == name,
            }[kind]
            if holds and self.title and (found := Pattern(rule.pattern).search(self.title)):
                return [(rule, "title", found[0].strip())]
        return []


def lies_in(host: str, domain: str) -> bool:
    """Whether a host is a domain or a part of it."""
    return host == domain or host.endswith(f".{domain}")


def speaking(layer: Sequence[Rule], host: str) -> list[tuple[Rule, str]]:
    """Rules that speak for a host with the domain they name: the longest first, of one domain a list last."""
    hosts = [rule for rule in layer if rule.kind == "host" and lies_in(host, rule.values[0])]
    silent = [rule.values[0] for rule in hosts if rule.alone and host.removeprefix("www.") != rule.values[0]]
    silent = [name for name in silent if host.removeprefix("m.") != name]
    found = [(rule, rule.values[0]) for rule in hosts if rule.values[0] not in silent]
    for rule in layer:
        names = [name.removeprefix("=") for name in rule.hosts if lies_in(host, name) or name == f"={host}"]
        names = [name for name in names if name not in silent]
        found += [(rule, max(names, key=len))] if names else []
    return sorted(found, key=lambda one: (-len(one[1]), one[0].kind == "list"))
