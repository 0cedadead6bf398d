"""Stage 2: what of a sample may be kept at all, decided before anything reaches the disk.

In: the policy in force, a sample, whether the person paused, the moment. Out: a Kept, or None where nothing may be
recorded. Never: a clock, disk or network of its own; never an address beyond what the policy allows.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

from msgspec import UNSET
from planwhy_shared import limits
from planwhy_shared.hours import WorkingHours, parse_week
from planwhy_shared.patterns import MaskPattern, mask_patterns
from planwhy_shared.times import HOUR_MS, day_of
from planwhy_shared.wire import AddressLimit, AddressRule, HostTitles, Policy, State, TitleRule

from planwhy_agent import privacy_defaults as defaults
from planwhy_agent.masks import cleaned, faceless, masked, program_name
from planwhy_agent.sources.base import OpenProgram, OpenSite, Sample, Tab, Window

_HOST = re.compile(r"[^\W_][\w.-]{0,252}|\[[0-9a-f:.]{2,45}\]", re.IGNORECASE)
_PATH_UNSAFE = re.compile(r"[^\w/.,~%+@!$&'()*:=-]")
_PARAMETERS = re.compile(r";[^/]*")
_DROP: TitleRule = "drop"
_PATH: AddressRule = "path"
_STRICTEST_FIRST: tuple[AddressRule, ...] = ("drop", "host", "path")
_LOST_AT_CUT = 64
"""What a title loses more where it was cut: half a card number or address would not be recognised."""

_Rule = TypeVar("_Rule", TitleRule, AddressRule)
_Limit = TypeVar("_Limit", HostTitles, AddressLimit)

CALL_LIMIT_MS = 2 * HOUR_MS
"""How long a call keeps somebody present who touches nothing. A program that forgot to close the microphone would go
on for ever; nobody who is there goes without a single movement of the mouse for longer, and each one begins it anew."""
CALL_LIMIT = "call_limit"
"""The mark of idle time in which there still was the signal of a call."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be recorded of a moment: a state and, where allowed, program, title and address.

    `source` names what told it, `mark` what was unusual.
    """

    state: State
    app: str | None = None
    title: str | None = None
    url: str | None = None
    source: str | None = None
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What may be recorded of a program or a site that is open; `count` is how many windows or tabs, at least 1."""

    kept: Kept
    count: int


@dataclass(frozen=True, slots=True)
class Rules:
    """A policy made ready to be asked quickly. Rules are kept by what they match.

    A host stands for itself and its subdomains; behind `=` it stands for itself alone.
    """

    hours: WorkingHours
    zone: ZoneInfo
    idle_after_ms: int
    titles: TitleRule
    host_titles: dict[str, TitleRule]
    program_titles: dict[str, TitleRule]
    host_addresses: dict[str, AddressRule]
    program_addresses: dict[str, AddressRule]
    patterns: tuple[MaskPattern, ...]


def rules_of(policy: Policy, idle_after_s: int = 0) -> Rules:
    """Make a policy ready. Raises ValueError that names the part of it that cannot be understood."""
    try:
        zone = ZoneInfo(policy.time_zone)
    except (OSError, KeyError, ValueError):
        raise ValueError(f"time_zone: {policy.time_zone[:64]!r} is not known here") from None
    titles, addresses = policy.title_rules, () if policy.address_rules is UNSET else policy.address_rules
    return Rules(
        hours=parse_week(policy.working_hours),
        zone=zone,
        idle_after_ms=1000 * (idle_after_s or policy.idle_after_s),
        titles=policy.titles,
        host_titles=dict.fromkeys(defaults.DROPPED_HOSTS, _DROP) | {_host_key(r): r.titles for r in _of_hosts(titles)},
        program_titles={_program_key(r.value): r.titles for r in titles if r.match == "program"},
        host_addresses=dict.fromkeys((_host_text(h) for h in policy.path_hosts), _PATH)
        | {_host_key(r): r.keeps for r in _of_hosts(addresses)},
        program_addresses={_program_key(r.value): r.keeps for r in addresses if r.match == "program"},
        patterns=mask_patterns(policy.mask_patterns),
    )


def keep(rules: Rules, sample: Sample, now_ms: int, acknowledged: bool, paused: bool) -> Kept | None:
    """Decide what may be kept of a sample. `now_ms` is the corrected time.

    None before the notice is acknowledged; only `private` while paused; only the state outside working hours.
    """
    if not acknowledged:
        return None
    if paused:
        return Kept("private")
    state, by_call = _state(rules, sample)
    if state == "idle" and sample.call:
        return Kept(state, mark=CALL_LIMIT)
    if state != "active" or not at_work(rules, now_ms):
        return Kept(state)
    kept = _context(rules, sample.window, sample.tab) if sample.window else Kept(state)
    return replace(kept, source=sample.call) if by_call else kept


def may_look_around(rules: Rules, kept: Kept | None, now_ms: int) -> bool:
    """Whether it may be recorded what is open beside the focus: only where what is in front could be."""
    return kept is not None and kept.state in ("active", "idle") and at_work(rules, now_ms)


def opened(rules: Rules, programs: Iterable[OpenProgram], sites: Iterable[OpenSite]) -> tuple[Opened, ...]:
    """Decide what may be kept of what is open: of programs the name, of sites the host. Each stands once.

    Programs come first, then sites with the most tabs: where room is short, the last are left out. Titles are not
    in it at all, and messengers, banks and their like keep name and host, as they do in front.
    """
    counts: Counter[Kept] = Counter()
    for program in programs:
        if app := program_name(program.app, limits.APP_CHARS):
            counts[Kept("active", app, None, None, "window")] += max(1, program.windows)
    hosts: Counter[Kept] = Counter()
    for site in sites:
        app = program_name(site.app, limits.APP_CHARS)
        host, address = kept_address(rules, f"https://{site.host}/", app)
        if host is not None and address is not None:
            hosts[Kept("active", app, None, f"https://{host}/", "browser")] += max(1, site.tabs)
    found = [*counts.most_common(), *hosts.most_common()]
    return tuple(Opened(kept, min(count, limits.OPEN_COUNT)) for kept, count in found)


def at_work(rules: Rules, now_ms: int) -> bool:
    """Whether a moment lies within the working hours of the policy."""
    return any(i.start_ms <= now_ms < i.end_ms for i in rules.hours.of_day(day_of(now_ms, rules.zone), rules.zone))


def next_turn_ms(rules: Rules, now_ms: int) -> int:
    """When working hours next begin or end; at the latest in one hour, so that nobody waits for longer."""
    today = rules.hours.of_day(day_of(now_ms, rules.zone), rules.zone)
    turns = [edge for i in today for edge in (i.start_ms, i.end_ms) if edge > now_ms]
    return min([*turns, now_ms + HOUR_MS])


def reads_title_of(rules: Rules, app: str | None) -> bool:
    """Whether the window title of a program may be kept; one that is dropped whatever it says is never read."""
    return _program_rule(rules, _program_key(app or ""), "") != "drop"


def kept_address(rules: Rules, url: str | None, app: str | None = None) -> tuple[str | None, str | None]:
    """Cut an address down to (host, what may be kept of the address); both None for anything but http(s)."""
    parts = _split(url)
    host = _host(parts) if parts else None
    if parts is None or host is None:
        return None, None
    by_program = rules.program_addresses.get(_program_key(app or ""), "path")
    keeps = min(_longest(rules.host_addresses, host) or "host", by_program, key=_STRICTEST_FIRST.index)
    if keeps == "drop":
        return host, None
    path = _path(parts.path, rules) if keeps == "path" else "/"
    return host, f"{parts.scheme}://{host}{path}"[: limits.URL_CHARS]


def _state(rules: Rules, sample: Sample) -> tuple[State, bool]:
    """The state, and whether it is active by a call alone. A locked screen stays locked, in a call too."""
    if sample.locked:
        return "locked", False
    if sample.idle_ms < rules.idle_after_ms:
        return "active", False
    if sample.call is not None and sample.idle_ms < CALL_LIMIT_MS:
        return "active", True
    return "idle", False


def _context(rules: Rules, window: Window, tab: Tab | None) -> Kept:
    app = program_name(window.app, limits.APP_CHARS)
    if tab is None:
        return Kept("active", app, _window_title(rules, app, window.title), None, "window")
    if tab.private:
        return Kept("active", app, None, None, "browser")
    host, url = kept_address(rules, tab.url, app)
    return Kept("active", app, _tab_title(rules, app, host, tab.title), url, "browser")


def _window_title(rules: Rules, app: str | None, title: str | None) -> str | None:
    program = _program_key(app or "")
    lowered = (cleaned(title, limits.TITLE_CHARS) or "").lower()
    if program in defaults.BROWSERS and any(w in lowered for w in defaults.PRIVATE_WINDOW_WORDS):
        return None
    return _title(rules, _program_rule(rules, program, lowered), title)


def _tab_title(rules: Rules, app: str | None, host: str | None, title: str | None) -> str | None:
    if host is None:
        return None
    by_program = rules.program_titles.get(_program_key(app or ""))
    return _title(rules, _longest(rules.host_titles, host) or by_program or rules.titles, title)


def _program_rule(rules: Rules, program: str, lowered: str) -> TitleRule:
    if named := rules.program_titles.get(program):
        return named
    unknown_page = program in defaults.BROWSERS and any(w in lowered for w in defaults.SENSITIVE_WORDS)
    return "drop" if unknown_page or program in defaults.DROPPED_PROGRAMS else rules.titles


def _title(rules: Rules, rule: TitleRule, title: str | None) -> str | None:
    text = None if rule == "drop" else cleaned(title, limits.TITLE_CHARS + _LOST_AT_CUT)
    if text is None:
        return None
    text = masked(text, rules.patterns)
    if len(title or "") >= limits.TITLE_CHARS:
        text = text[:-_LOST_AT_CUT]
    return cleaned(faceless(text) if rule == "mask" else text, limits.TITLE_CHARS)


def _split(url: str | None) -> SplitResult | None:
    text = cleaned(url, limits.URL_CHARS)
    try:
        parts = urlsplit(text) if text else None
    except ValueError:
        return None
    return parts if parts and parts.scheme in ("http", "https") else None


def _host(parts: SplitResult) -> str | None:
    try:
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    host = f"[{host}]" if ":" in host else host
    return host if _HOST.fullmatch(host) else None


def _path(path: str, rules: Rules) -> str:
    """Mask a path as it stands and as it reads: most of what is not ASCII stands in it as %XX."""
    bare = _PARAMETERS.sub("", path) or "/"
    read = unquote(bare)
    hidden = masked(read, rules.patterns)
    plain = masked(bare, rules.patterns) if hidden == read else hidden
    return _PATH_UNSAFE.sub(lambda found: _percent(found[0]), plain)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def _program_key(name: str) -> str:
    return name.strip().lower().removesuffix(".exe")


def _host_text(value: str) -> str:
    return value.strip().lower().strip(".").removeprefix("*.")


def _host_key(rule: HostTitles | AddressLimit) -> str:
    return ("=" if rule.match == "only_host" else "") + _host_text(rule.value)


def _of_hosts(rules: Iterable[_Limit]) -> list[_Limit]:
    return [rule for rule in rules if rule.match != "program"]


def _longest(table: Mapping[str, _Rule], host: str) -> _Rule | None:
    """The rule of the host itself, else that of the longest suffix."""
    labels: list[str] = host.split(".")
    names = [f"={host}", *(".".join(labels[i:]) for i in range(len(labels)))]
    return next((table[name] for name in names if name in table), None)
