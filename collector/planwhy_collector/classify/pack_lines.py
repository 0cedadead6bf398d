"""The statements of a rules text, one function each. In: a line's words. Out: rules, categories, positions, overrides.

Each raises ValueError with the reason where the line is wrong; the caller knows file and line.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from planwhy_collector.classify.contexts import unicode_host
from planwhy_collector.classify.match import fold, path_pattern, program_key, words_pattern
from planwhy_collector.classify.patterns import checked
from planwhy_collector.classify.rule import ANY_HOST, Category, Outcome, Override, Position, Rule
from planwhy_collector.classify.subject import Subject
from planwhy_collector.facts import Area, EntityType, Label

LABELS: tuple[Label, ...] = ("work", "neutral", "non_work")
AREAS: tuple[Area, ...] = ("sales", "service", "general")
ENTITIES: Mapping[EntityType, Area] = {"deal": "sales", "lead": "sales", "client": "service", "task": "general"}
_HOST = re.compile(r"[^\s/:@?#*|=]+\.[^\s/:@?#*|=.]+")
_NAME = re.compile(r"[a-z0-9-]+")
"""A name of the organisation's own network, such as `intranet`."""
_CODE = re.compile(r"R-[a-z0-9-]+")
_LIST = re.compile(r"L-[a-z0-9-]+")
_SCOPE = re.compile(r"unknown|any|(?:host|program|category):\S+")

MOST_LISTED = 500_000
"""Hosts of one list."""
LONGEST_HOST = 253
LONGEST_PATTERN = 1_000
"""Characters of a pattern as somebody writes it."""

COMPANY = Outcome("collab_tasks", "work", "general")
"""What the organisation's own sites are, unless another rule knows better."""

_UNSET = Outcome("", "neutral", None)
"""A site's name says what the rule of its host says; filled in when all texts are put together."""

Made = Rule | Category | Position | Override | Subject


@dataclass(frozen=True, slots=True)
class Header:
    """What the rules below it say, for which profile only (empty: for everybody), and why."""

    outcome: Outcome
    profile: str = ""
    why: str = ""


def header(line: str, why: str = "") -> Header:
    """Read `[category label area]`: work without an area is general; ` for PROFILE` may stand at the end."""
    words = line.removeprefix("[").removesuffix("]").split()
    profile = words.pop() if words[-2:-1] == ["for"] else ""
    words = words[:-1] if profile else words
    if not line.endswith("]") or len(words) not in (2, 3):
        raise ValueError("expected [category label], [category label area] or [category label area for PROFILE]")
    label, area = _label(words[1]), _area(words[2]) if len(words) == 3 else None
    if area and label != "work":
        raise ValueError(f"only work has an area, not {label}")
    return Header(Outcome(words[0], label, area or ("general" if label == "work" else None)), profile, why)


def _hosts(text: str, place: str, head: Header | None) -> Sequence[Made]:
    outcome = _needed(head)
    return [Rule(f"H-{host}", "host", outcome, place, (host,)) for host in map(host_named, _some(text.split()))]


def _exact(text: str, place: str, head: Header | None) -> Sequence[Made]:
    return [replace(rule, alone=True) for rule in _hosts(text, place, head) if isinstance(rule, Rule)]


def _list(text: str, place: str, head: Header | None) -> Sequence[Made]:
    code, hosts = _words(text, 2, "list CODE HOST HOST …")
    if not _LIST.fullmatch(code):
        raise ValueError(f"{code!r} is not a code such as L-news")
    return [Rule(code, "list", _needed(head), place, tuple(map(_listed, hosts.split())))]


def _company(text: str, place: str, _head: Header | None) -> Sequence[Made]:
    return [Rule(f"C-{host}", "company", COMPANY, place, (host,)) for host in map(_company_host, _some(text.split()))]


def _program(text: str, place: str, head: Header | None) -> Sequence[Made]:
    names = tuple(_some([name.strip() for name in text.split("|")]))
    return [Rule(f"P-{names[0]}", "program", _needed(head), place, names)]


def _site(text: str, place: str, _head: Header | None) -> Sequence[Made]:
    host, equals, names = text.partition("=")
    values = tuple(fold(name.strip()) for name in names.split("|"))
    if not equals or not all(values):
        raise ValueError("expected: site HOST = name | name")
    return [Rule(f"S-{host_named(host.strip())}", "site", _UNSET, place, values, (host.strip(),))]


def _card(text: str, place: str, _head: Header | None) -> Sequence[Made]:
    code, hosts, template, name = _words(text, 4, "card CODE HOSTS PATTERN ENTITY")
    entity = next((known for known in ENTITIES if known == name), None)
    if entity is None or "{id}" not in template:
        raise ValueError(f"a card needs {{id}} in its pattern and one of {', '.join(ENTITIES)}")
    outcome = Outcome("collab_tasks" if entity == "task" else "crm_sales", "work", ENTITIES[entity])
    pattern = _valid(path_pattern(template))
    return [Rule(_code(code), "card", outcome, place, (), _scope_hosts(hosts), pattern, template, entity)]


def _path(text: str, place: str, head: Header | None) -> Sequence[Made]:
    code, hosts, template = _words(text, 3, "path CODE HOSTS PATTERN")
    pattern = _valid(path_pattern(template))
    return [Rule(_code(code), "path", _needed(head), place, (), _scope_hosts(hosts), pattern, template)]


def _title(text: str, place: str, head: Header | None) -> Sequence[Made]:
    code, scope, rest = _words(text, 3, "title CODE SCOPE words: …")
    how, _, written = rest.partition(":")
    if how not in ("words", "regex") or not written.strip():
        raise ValueError("expected words: a | b* or regex: …")
    scopes = tuple(_scope(s) for s in scope.split(","))
    pattern = _valid(words_pattern(written) if how == "words" else _short(written.strip()))
    return [Rule(_code(code), "title", _needed(head), place, (), scopes, pattern, written.strip())]


def _category(text: str, _place: str, _head: Header | None) -> Sequence[Made]:
    words = [part.strip() for part in text.split("|")]
    if len(words) not in (4, 5) or words[4:] not in ([], ["personal"]):
        raise ValueError("expected: category ID | English | Russian | label [| personal]")
    return [Category(words[0], words[1], words[2], _label(words[3]), len(words) == 5)]


def _position(text: str, place: str, _head: Header | None) -> Sequence[Made]:
    profile, words = _words(text, 2, "position PROFILE word | stem*")
    return [Position(profile, _valid(words_pattern(words)), place)]


def _team(text: str, place: str, _head: Header | None) -> Sequence[Made]:
    profile, words = _words(text, 2, "team PROFILE name | stem*")
    return [Position(profile, _valid(words_pattern(words)), place, "team")]


def _override(text: str, place: str, _head: Header | None) -> Sequence[Made]:
    profile, category, label = _words(text, 3, "override PROFILE CATEGORY LABEL")
    return [Override(profile, category, _label(label), place)]


def _leave(text: str, _place: str, _head: Header | None) -> Sequence[Made]:
    kind, names = _words(text, 2, "leave host NAME … or leave program NAME | NAME")
    if kind == "host":
        return [Subject("host", host_named(name)) for name in names.split()]
    if kind == "program":
        return [Subject("program", program_key(name)) for name in _some([name.strip() for name in names.split("|")])]
    raise ValueError(f"{kind!r} is not host or program")


LINES: Mapping[str, Callable[[str, str, Header | None], Sequence[Made]]] = {
    "host": _hosts,
    "exact": _exact,
    "list": _list,
    "company": _company,
    "program": _program,
    "site": _site,
    "card": _card,
    "path": _path,
    "title": _title,
    "category": _category,
    "position": _position,
    "team": _team,
    "override": _override,
    "leave": _leave,
}
"""Statement → what reads it."""


def _words(text: str, count: int, form: str) -> list[str]:
    words = text.split(maxsplit=count - 1)
    if len(words) != count:
        raise ValueError(f"expected: {form}")
    return words


def _some(words: list[str]) -> list[str]:
    if not words or not all(words):
        raise ValueError("a name is missing")
    return words


def _needed(head: Header | None) -> Outcome:
    if head is None:
        raise ValueError("no [category label] stands above this line")
    return head.outcome


def host_named(text: str) -> str:
    """A host as rules write it. Raises ValueError for what is none."""
    if not _HOST.fullmatch(text) or text != text.lower():
        raise ValueError(f"{text!r} is not a host in lower case")
    return text


def listed_host(text: str) -> str:
    """A host as contexts have it: in lower case, `xn--` as letters. Raises ValueError where it is none."""
    host = unicode_host(text.lower().rstrip("."))
    if len(host) > LONGEST_HOST or not _HOST.fullmatch(host):
        raise ValueError(f"{text[:LONGEST_HOST]!r} is not a host")
    return host


def _listed(text: str) -> str:
    """A host of a list; after `=` it stands for itself alone."""
    return f"={listed_host(text[1:])}" if text.startswith("=") else listed_host(text)


def _company_host(text: str) -> str:
    return text if _NAME.fullmatch(text) else host_named(text)


def _scope_hosts(text: str) -> tuple[str, ...]:
    return (ANY_HOST,) if text == ANY_HOST else tuple(host_named(host) for host in text.split(","))


def _scope(text: str) -> str:
    if not _SCOPE.fullmatch(text):
        raise ValueError(f"{text!r} is not unknown, any, host:…, program:… or category:…")
    kind, _, name = text.partition(":")
    return f"program:{program_key(name)}" if kind == "program" else text


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError(f"{text!r} is not a code such as R-crm-deal")
    return text


def _label(text: str) -> Label:
    if text not in LABELS:
        raise ValueError(f"{text!r} is not one of {', '.join(LABELS)}")
    return text


def _area(text: str) -> Area:
    if text not in AREAS:
        raise ValueError(f"{text!r} is not one of {', '.join(AREAS)}")
    return text


def _valid(pattern: str) -> str:
    checked(pattern)
    return pattern


def _short(pattern: str) -> str:
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"the pattern has {len(pattern):,} characters, at most {LONGEST_PATTERN:,} are read")
    return pattern
