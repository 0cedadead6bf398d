"""Stage 7: a context becomes a verdict. In: contexts and profiles. Out: verdicts with their evidence. Never: a guess.

The order: what is said for the profile alone; then cards of the CRM, the organisation's own domains and private
addresses, paths, titles, the longest host, names of sites in titles, the program. What no rule knows stays
unclassified, which is not the same as non-work. A browser is judged by its address, or by its title where there is no
address, never by being a browser. A position's override of a whole category comes last and lifts the label.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from planwhy_collector.classify.chats import CHAT_RULE, CHAT_WHY
from planwhy_collector.classify.layers import REMEMBERED, Layer
from planwhy_collector.classify.match import fold, program_key
from planwhy_collector.classify.patterns import PatternSet, raw
from planwhy_collector.classify.rule import BROWSER, DEFAULT_PROFILE, Category, Override, Pack, Position
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import CALL_APP, Area, Context, EntityRef, EntityType, Label

CALL_RULE = "R-call"
"""The code of the one rule that is not text: calls and meetings of the CRM are work."""
_CALL_WHY = "a call or meeting that the CRM knows"
_AREAS: Mapping[EntityType, Area] = {"deal": "sales", "lead": "sales", "client": "service", "task": "general"}
_RANK: Mapping[Label, int] = {"non_work": 0, "neutral": 1, "work": 2}
_CALL_CARDS: Mapping[str, EntityType] = {"deal": "deal", "lead": "lead", "client": "client", "task": "task"}


class RuleSet:
    """The rules in force. Thread-safe: nothing changes after the beginning."""

    def __init__(self, pack: Pack, version: str) -> None:
        self.version = version
        self.rules = pack.rules
        self.categories: Mapping[str, Category] = {c.id: c for c in pack.categories}
        self._whys = {CALL_RULE: _CALL_WHY, CHAT_RULE: CHAT_WHY} | {rule.code: rule.why for rule in pack.rules}
        self._positions = pack.positions
        self.left = frozenset(pack.left)
        self._teams = _Names([p for p in pack.positions if p.of == "team"])
        self._names = _Names([p for p in pack.positions if p.of == "position"])
        self._overrides = {(o.profile, o.category): o for o in pack.overrides}
        self._everybody = Layer([r for r in pack.rules if not r.profile])
        self._by_code = {rule.code: rule for rule in pack.rules}
        self._unknown = Verdict(None, None, None, None, version)
        self._alike = lru_cache(maxsize=REMEMBERED)(self._says)
        profiles = {rule.profile for rule in pack.rules if rule.profile}
        self._own = {profile: Layer([r for r in pack.rules if r.profile == profile]) for profile in profiles}

    def has(self, code: str) -> bool:
        """Whether a rule of that code is in force."""
        return code in self._whys

    def why(self, code: str) -> str:
        """The reason that stands beside a rule; empty where none does."""
        return self._whys.get(code, "")

    @property
    def overrides(self) -> tuple[Override, ...]:
        """What positions change."""
        return tuple(self._overrides.values())

    @property
    def positions(self) -> tuple[Position, ...]:
        """Which names of positions and teams lead to which profile."""
        return self._positions

    def profile_of(self, position: str, team: str | None = None) -> str:
        """The profile of a team's name, else of a position's; the first line of the rules that matches decides."""
        by_team = self._teams.profile(team) if team else None
        return by_team or self._names.profile(position) or DEFAULT_PROFILE

    def judge_program(self, name: str, profile: str) -> Verdict:
        """Judge a program by its name alone; a browser is then what it is, a neutral tool."""
        own = self._own.get(profile)
        rule = (own.program(name) if own else None) or self._everybody.program(name)
        if rule is None:
            return Verdict(None, None, None, None, self.version)
        outcome = rule.outcome
        label = self._lifted(outcome.label, outcome.category, "" if rule.profile else profile)
        area = (outcome.area or "general") if label == "work" else None
        return Verdict(label, outcome.category, area, rule.code, self.version, None, "app", program_key(name))

    def judge(self, context: Context, profile: str) -> Verdict:
        """Judge a context for a profile. `lost` names the rules that matched as well, in their order."""
        if context.app == CALL_APP and context.host is None:
            return self._call(context)
        case = self._everybody.case(context)
        own = self._own.get(profile)
        found = own.found(case) + self._everybody.found(case) if own else self._everybody.found(case)
        if not found:
            return self._unknown
        won = found[0]
        matched, entity = case.evidence(won)
        lost = tuple([f.rule.code for f in found[1:]]) if len(found) > 1 else ()
        says = self._says if entity else self._alike
        return says(won.rule.code, won.field, matched, entity, lost, profile)

    def _says(
        self, code: str, field: str, matched: str, entity: EntityRef | None, lost: tuple[str, ...], profile: str
    ) -> Verdict:
        rule = self._by_code[code]
        outcome = rule.outcome
        evidence = (self.version, entity, field, matched, lost)
        if outcome.category == BROWSER and field == "app":
            return Verdict(None, BROWSER, None, code, *evidence)
        label = self._lifted(outcome.label, outcome.category, "" if rule.profile else profile)
        area = (outcome.area or "general") if label == "work" else None
        return Verdict(label, outcome.category, area, code, *evidence)

    def _lifted(self, label: Label, category: str, profile: str) -> Label:
        """The label for a profile: lifted to what its position makes of the category.

        Never lowered; and what stands below its category (a microloan among banks) stays where it stands, as does
        what a rule says for the profile itself.
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


class _Names:
    """Names that lead to profiles, the first line first."""

    def __init__(self, lines: Sequence[Position]) -> None:
        self._lines = lines
        self._set = PatternSet([line.pattern for line in lines])

    def profile(self, name: str) -> str | None:
        found = self._set.search(raw(fold(name)))
        return self._lines[found[0]].profile if found else None
