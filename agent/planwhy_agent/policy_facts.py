"""What a policy keeps and what not, as facts for whoever puts them into words.

In: a policy. Out: PolicyFacts. Never: words of a language, or a rule that is in force and left out. Pure.
"""

from collections.abc import Iterable

from msgspec import UNSET, Struct
from planwhy_shared.wire import AddressLimit, HostTitles, Policy

ALWAYS_MASKED = ("card_numbers", "emails", "phones", "passwords", "user_names", "addresses_in_titles")
"""What becomes `***` in every title and path, whatever the policy says."""
DROPPED_UNLESS_NAMED = (
    "messengers",
    "mail",
    "password_stores",
    "banks",
    "health",
    "religion",
    "job_search",
    "dating",
)
"""Kinds of programs and sites whose titles are dropped unless a rule names them."""
NEVER = ("screenshots", "keystrokes", "page_contents", "private_windows", "query_strings")
"""What no policy can ask for."""


class PolicyFacts(Struct, frozen=True):
    """The policy in force. Hosts stand for their subdomains too, behind `=` for themselves alone; programs by name.

    `titles` is `keep`, `mask` or `drop` for whatever no rule names. `patterns` counts the organisation's own masks.
    """

    working_hours: str
    time_zone: str
    idle_after_s: int
    upload_interval_s: int
    titles: str
    titles_kept: tuple[str, ...]
    titles_masked: tuple[str, ...]
    titles_dropped: tuple[str, ...]
    paths_kept: tuple[str, ...]
    hosts_only: tuple[str, ...]
    addresses_dropped: tuple[str, ...]
    patterns: int
    dropped_unless_named: tuple[str, ...] = DROPPED_UNLESS_NAMED
    always_masked: tuple[str, ...] = ALWAYS_MASKED
    never: tuple[str, ...] = NEVER


def policy_facts(policy: Policy) -> PolicyFacts:
    """Tell what a policy keeps."""
    titles = policy.title_rules
    limited = () if policy.address_rules is UNSET else policy.address_rules
    paths = _named(rule for rule in limited if rule.keeps == "path" and rule.match != "program")
    stricter = {_name(rule) for rule in limited if rule.keeps != "path"}
    return PolicyFacts(
        working_hours=policy.working_hours,
        time_zone=policy.time_zone,
        idle_after_s=policy.idle_after_s,
        upload_interval_s=policy.upload_interval_s,
        titles=policy.titles,
        titles_kept=_named(rule for rule in titles if rule.titles == "keep"),
        titles_masked=_named(rule for rule in titles if rule.titles == "mask"),
        titles_dropped=_named(rule for rule in titles if rule.titles == "drop"),
        paths_kept=tuple(dict.fromkeys((*(h for h in policy.path_hosts if h not in stricter), *paths))),
        hosts_only=_named(rule for rule in limited if rule.keeps == "host"),
        addresses_dropped=_named(rule for rule in limited if rule.keeps == "drop"),
        patterns=len(policy.mask_patterns),
    )


def _named(rules: Iterable[HostTitles | AddressLimit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_name(rule) for rule in rules))


def _name(rule: HostTitles | AddressLimit) -> str:
    return f"={rule.value}" if rule.match == "only_host" else rule.value
