"""Stage 2: what of a sample may be kept at all, decided before anything reaches the disk.

In: the policy in force, a sample, whether the person paused, the moment. Out: a Kept, or None where nothing may be
recorded. Never: a clock, disk or network of its own; never an address beyond what the policy allows.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from planwhy_shared import limits
from planwhy_shared.hours import WorkingHours, parse_week
from planwhy_shared.times import HOUR_MS, day_of
from planwhy_shared.wire import Policy, State, TitleRule

from planwhy_agent import privacy_defaults as defaults
from planwhy_agent.masks import cleaned, faceless, masked, program_name
from planwhy_agent.sources.base import OpenProgram, OpenSite, Sample, Tab, Window

_HOST = re.compile(r"[^\W_][\w.-]{0,252}|\[[0-9a-f:.]{2,45}\]", re.IGNORECASE)
_PATH_UNSAFE = re.compile(r"[^\w/.,~%+@!$&'()*:=-]")
_PARAMETERS = re.compile(r";[^/]*")

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
    """A policy made ready to be asked quickly. Title rules are kept by what they match."""

    hours: WorkingHours
    zone: ZoneInfo
    idle_after_ms: int
    titles: TitleRule
    host_titles: dict[str, TitleRule]
    program_titles: dict[str, TitleRule]
    path_hosts: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]


def rules_of(policy: Policy, idle_after_s: int = 0) -> Rules:
    """Make a policy ready. Raises ValueError that names the part of it that cannot be understood."""
    try:
        zone = ZoneInfo(policy.time_zone)
        patterns = tuple(re.compile(p) for p in policy.mask_patterns)
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(f"time_zone: {policy.time_zone!r} is not known here: {error}") from None
    except re.error as error:
        raise ValueError(f"mask_patterns: {error.pattern!r}: {error}") from None
    by_kind = {
        kind: {_key(r.value, kind): r.titles for r in policy.title_rules if r.match == kind}
        for kind in ("host", "program")
    }
    return Rules(
        hours=parse_week(policy.working_hours),
        zone=zone,
        idle_after_ms=1000 * (idle_after_s or policy.idle_after_s),
        titles=policy.titles,
        host_titles=by_kind["host"],
        program_titles=by_kind["program"],
        path_hosts=frozenset(_key(h, "host") for h in policy.path_hosts),
        patterns=patterns,
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
        host = kept_address(rules, f"https://{site.host}/")[0]
        if host is not None:
            app = program_name(site.app, limits.APP_CHARS)
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


def kept_address(rules: Rules, url: str | None) -> tuple[str | None, str | None]:
    """Cut an address down to (host, what may be kept of the address); both None for anything but http(s)."""
    parts = _split(url)
    host = _host(parts) if parts else None
    if parts is None or host is None:
        return None, None
    path = _path(parts.path, rules) if _of_hosts(host, rules.path_hosts) else "/"
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
    host, url = kept_address(rules, tab.url)
    return Kept("active", app, _tab_title(rules, app, host, tab.title), url, "browser")


def _window_title(rules: Rules, app: str | None, title: str | None) -> str | None:
    program = _key(app or "", "program")
    lowered = (cleaned(title, limits.TITLE_CHARS) or "").lower()
    if program in defaults.BROWSERS and any(w in lowered for w in defaults.PRIVATE_WINDOW_WORDS):
        return None
    return _title(rules, _program_rule(rules, program, lowered), title)


def _tab_title(rules: Rules, app: str | None, host: str | None, title: str | None) -> str | None:
    if host is None:
        return None
    by_host = _longest(rules.host_titles, host)
    if by_host is None and _of_hosts(host, defaults.DROPPED_HOSTS):
        by_host = "drop"
    by_program = rules.program_titles.get(_key(app or "", "program"))
    return _title(rules, by_host or by_program or rules.titles, title)


def _program_rule(rules: Rules, program: str, lowered: str) -> TitleRule:
    if named := rules.program_titles.get(program):
        return named
    unknown_page = program in defaults.BROWSERS and any(w in lowered for w in defaults.SENSITIVE_WORDS)
    return "drop" if unknown_page or program in defaults.DROPPED_PROGRAMS else rules.titles


def _title(rules: Rules, rule: TitleRule, title: str | None) -> str | None:
    text = None if rule == "drop" else cleaned(title, limits.TITLE_CHARS)
    if text is None:
        return None
    text = masked(text, rules.patterns)
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
    plain = masked(_PARAMETERS.sub("", path) or "/", rules.patterns)
    return _PATH_UNSAFE.sub(lambda found: _percent(found[0]), plain)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def _key(value: str, kind: str) -> str:
    value = value.strip().lower()
    return value.removesuffix(".exe") if kind == "program" else value.strip(".").removeprefix("*.")


def _suffixes(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[i:]) for i in range(len(labels))]


def _of_hosts(host: str, hosts: frozenset[str]) -> bool:
    return any(suffix in hosts for suffix in _suffixes(host))


def _longest(table: dict[str, TitleRule], host: str) -> TitleRule | None:
    return next((table[suffix] for suffix in _suffixes(host) if suffix in table), None)
