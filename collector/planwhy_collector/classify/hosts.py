"""Stage 7, hosts: which rules speak for a host. In: rules of hosts and lists. Out: those that do, in order.

The longest domain decides; of one domain its own rule comes before lists, and an earlier list before a later one.
Never: a path or a title.
"""

import ipaddress
from collections.abc import Container, Iterable, Iterator, Sequence

from planwhy_collector.classify.rule import PRIVATE_ADDRESSES, Rule
from planwhy_collector.classify.subject import FACES

_INSIDE = (".local", ".lan", ".localdomain", ".internal", ".intranet", ".corp", ".home.arpa")


class Hosts:
    """Rules of hosts, lists and the organisation's own addresses. Thread-safe: nothing changes after the beginning."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._hosts = {rule.values[0]: rule for rule in rules if rule.kind == "host"}
        self._lists = [rule for rule in rules if rule.kind == "list"]
        self._company = {rule.values[0]: rule for rule in rules if rule.kind == "company"}

    def speaking(self, host: str, suffixes: Iterable[str]) -> Iterator[tuple[Rule, str]]:
        """Rules that speak for a host with the domain they name, the longest first; each of them once.

        Where a rule says that a portal does not speak for its parts, no list says otherwise.
        """
        lists = self._lists
        for suffix in suffixes:
            rule = self._hosts.get(suffix)
            if rule is not None and rule.alone and host not in _faces(suffix):
                continue
            if rule is not None:
                yield rule, suffix
            if named := [one for one in lists if lists_host(one.hosts, suffix, suffix == host)]:
                yield from ((one, suffix) for one in named)
                lists = [one for one in lists if one not in named]

    def company(self, host: str, suffixes: Iterable[str]) -> Rule | None:
        """The rule by which a host is the organisation's own, by the longest domain."""
        own = next((rule for suffix in suffixes if (rule := self._company.get(suffix))), None)
        return own or (self._company.get(PRIVATE_ADDRESSES) if is_private(host) else None)


def lists_host(hosts: Container[str], domain: str, whole: bool) -> bool:
    """Whether a list names a domain; one with `=` before it only where that is the whole host."""
    return domain in hosts or (whole and f"={domain}" in hosts)


def is_private(host: str) -> bool:
    """Whether a host lies in a private network: a private or loopback address, a bare name, a name never on the net."""
    if "." in host and ":" not in host and host[-1:].isalpha():
        return host.endswith(_INSIDE)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return address.is_private or address.is_link_local


def _faces(host: str) -> Container[str]:
    return (host, *(face + host for face in FACES))
