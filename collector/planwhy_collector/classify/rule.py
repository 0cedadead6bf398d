"""What a rule is. In: nothing. Out: the types between the text of the rules and the engine. Never: matching.

A rule's code never changes its meaning: `H-` host, `L-` list of hosts, `P-` program, `S-` name of a site in a title,
`R-` card, path or title, `C-` the organisation's own domains and private addresses. `@profile` at its end: for that
profile only.
"""

from dataclasses import dataclass, field
from typing import Literal

from planwhy_collector.classify.host_set import HostSet
from planwhy_collector.classify.subject import Subject
from planwhy_collector.facts import Area, EntityType, Label

Kind = Literal["card", "company", "path", "title", "site", "host", "list", "program"]
DEFAULT_PROFILE = "default"
"""The profile of a position that no line of the rules names."""
BROWSER = "browser"
"""The category of programs that show addresses: they are judged by the address, never by themselves."""
CRM = "crm_sales"
PRIVATE_ADDRESSES = "private-addresses"
"""Stands for every address of a private network, in place of a company's domain."""
ANY_HOST = "*"
"""Stands for every host that is unknown or the CRM's own."""


_NONE = HostSet()


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of occupation. `personal` ones are shown to others only as one group without names."""

    id: str
    name_en: str
    name_ru: str
    label: Label
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule says: the area is None for all but work."""

    category: str
    label: Label
    area: Area | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. What `values` and `scope` hold depends on the kind.

    host, company: the host; list: none, the hosts are in `hosts`; program: its names; site: names in titles, with the
    host as scope; card and path: hosts as scope; title: the scope is `unknown`, `any`, or `host:…`, `program:…`,
    `category:…`. `pattern` is for RE2. `example` is the pattern as written. `place` is file:line. `alone`: a host that
    does not speak for its subdomains. `profile`: the only one that the rule is for, before all others; empty: for
    everybody.
    """

    code: str
    kind: Kind
    outcome: Outcome
    place: str
    values: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    pattern: str = ""
    example: str = ""
    entity: EntityType | None = None
    why: str = ""
    alone: bool = False
    profile: str = ""
    hosts: HostSet = _NONE


@dataclass(frozen=True, slots=True)
class Position:
    """Words in the name of a position, or of a team, that lead to a profile."""

    profile: str
    pattern: str
    place: str
    of: Literal["position", "team"] = "position"


@dataclass(frozen=True, slots=True)
class Override:
    """For a profile, the least that a category counts for."""

    profile: str
    category: str
    label: Label
    place: str


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything one text of rules says, and everything wrong with it as `file:line: reason`.

    `left` is what people leave unclassified on purpose, so that nobody is asked again.
    """

    categories: tuple[Category, ...] = ()
    rules: tuple[Rule, ...] = ()
    positions: tuple[Position, ...] = ()
    overrides: tuple[Override, ...] = ()
    left: tuple[Subject, ...] = ()
    problems: tuple[str, ...] = field(default=())
