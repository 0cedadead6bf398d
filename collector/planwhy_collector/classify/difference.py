"""Where two rule sets differ. In: the rules before and after. Out: which contexts a change may turn. Never: a verdict.

A context that no changed rule can meet is met by the same rules in the same order as before, and keeps its verdict.
The answer is on the safe side: a changed rule that meets a context need not win.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from functools import cache

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.host_set import HostSet
from planwhy_collector.classify.hosts import is_private, lists_host
from planwhy_collector.classify.match import fold, host_suffixes, program_key, title_segments
from planwhy_collector.classify.patterns import PatternSet, raw
from planwhy_collector.classify.rule import PRIVATE_ADDRESSES, Rule
from planwhy_collector.facts import Context


class Difference:
    """What the rules that differ can meet; `listed`: lists that only have other hosts than before, with those hosts."""

    def __init__(self, changed: Iterable[Rule], listed: Iterable[HostSet] = ()) -> None:
        rules = tuple(changed)
        self.codes = frozenset(rule.code for rule in rules)
        self._hosts = {rule.values[0] for rule in rules if rule.kind in ("host", "company")}
        self._lists = [*(rule.hosts for rule in rules if rule.kind == "list"), *listed]
        self._programs = {program_key(name) for rule in rules if rule.kind == "program" for name in rule.values}
        self._sites = {fold(name) for rule in rules if rule.kind == "site" for name in rule.values}
        self._paths = PatternSet([rule.pattern for rule in rules if rule.kind in ("card", "path")])
        self._titles = PatternSet([rule.pattern for rule in rules if rule.kind == "title"])
        self._host_meets = cache(self._meets_host)
        self._program_meets = cache(lambda app: program_key(app) in self._programs)

    def may_turn(self, context: Context, rule: str | None) -> bool:
        """Whether the verdict on a context, given by a rule, may be another one now."""
        return (
            rule in self.codes
            or (context.app is not None and self._program_meets(context.app))
            or (context.host is not None and self._host_meets(context.host))
            or (context.path is not None and bool(self._paths.search(raw(context.path))))
            or (context.title is not None and self._meets_title(fold(context.title), context.host is None))
        )

    def _meets_host(self, host: str) -> bool:
        if PRIVATE_ADDRESSES in self._hosts and is_private(host):
            return True
        known: tuple[Container[str], ...] = (self._hosts, *self._lists)
        return any(lists_host(hosts, suffix, suffix == host) for suffix in host_suffixes(host) for hosts in known)

    def _meets_title(self, title: str, alone: bool) -> bool:
        """A title without an address may name a site, or spell a host."""
        if self._titles.search(raw(title)):
            return True
        named = title_segments(title) if alone and (self._hosts or self._sites or self._lists) else ()
        return any(part in self._sites or ("." in part and self._meets_host(part)) for part in named)


def difference(before: RuleSet, after: RuleSet) -> Difference | None:
    """Compare two rule sets; None where they differ in more than rules, or in the order of those that stay."""
    if _frame(before) != _frame(after):
        return None
    old, new = _by_code(before), _by_code(after)
    if _staying(old, new) != _staying(new, old):
        return None
    pairs = [(old.get(code), new.get(code)) for code in {**old, **new}]
    differing = [pair for pair in pairs if pair[0] != pair[1]]
    in_order = _lists(old, new) == _lists(new, old)
    listed = [pair for pair in differing if in_order and _other_hosts(*pair)]
    rules = [rule for pair in differing if pair not in listed for rule in pair if rule]
    return Difference(rules, [one.hosts.differing(other.hosts) for one, other in listed if one and other])


def _lists(one: Mapping[str, Rule], other: Mapping[str, Rule]) -> list[str]:
    """The lists that both have, in the order of one: of two lists with a host the earlier decides."""
    return [code for code, rule in one.items() if rule.kind == "list" and code in other]


def _other_hosts(one: Rule | None, other: Rule | None) -> bool:
    """Whether two rules are a list that says the same of other hosts."""
    return one is not None and other is not None and one.kind == "list" and replace(one, hosts=other.hosts) == other


def _staying(one: Mapping[str, Rule], other: Mapping[str, Rule]) -> tuple[list[str], list[str]]:
    """The rules with patterns that stay, and the lists, in their order; of hosts and programs it decides nothing."""
    stay = [code for code, rule in one.items() if other.get(code) == rule]
    return [code for code in stay if one[code].pattern], [code for code in stay if one[code].kind == "list"]


def _frame(rules: RuleSet) -> tuple[object, ...]:
    """All of a rule set but its rules."""
    positions = [replace(one, place="") for one in rules.positions]
    return rules.categories, positions, {replace(one, place="") for one in rules.overrides}


def _by_code(rules: RuleSet) -> Mapping[str, Rule]:
    """The rules in their order; where one stands and why it is there decides nothing."""
    return {rule.code: replace(rule, place="", why="", example="") for rule in rules.rules}
