"""Which changes of a policy keep more than before: only these ask people to acknowledge the notice again.

In: two Declared, and since when each team's people are asked. Out: reasons, and the new "since". Never: a change called
harmless because something is not known here: agents drop some hosts and programs by themselves, so that any rule that
newly keeps something counts, even where nothing was dropped.

More is kept where titles or addresses are kept further by default, for a host or for a program, or where a masking
pattern is gone. Less, other intervals and working hours (which the notice names as such) ask nobody again.
"""

from collections.abc import Iterable, Iterator, Mapping

from planwhy_shared.wire import AddressLimit, HostTitles

from planwhy_collector.recording.read import EVERYBODY, Declared, Recording

_RANKS = {"drop": 0, "mask": 1, "host": 1, "keep": 2, "path": 2}
_Table = dict[str, int]


def asked_since(before: Declared, after: Declared, since: Mapping[str, int], now_ms: int) -> dict[str, int]:
    """For everybody (``""``) and each team that differs: since when the present notice is to be acknowledged."""
    found = {}
    for team in sorted({EVERYBODY, *since, *(name for name, _ in (*before.teams, *after.teams))}):
        known = since.get(team, since.get(EVERYBODY, 0))
        found[team] = now_ms if any(widened(before.of(team), after.of(team))) else known
    return found


def widened(before: Recording, after: Recording) -> Iterator[str]:
    """Name each thing of which more is kept than before."""
    if _RANKS[after.titles] > _RANKS[before.titles]:
        yield "titles"
    for kind, old, new in _tables(before, after):
        default = _RANKS[after.titles] if kind == "title_rules" else None
        yield from (f"{kind}: {key}" for key in sorted({*old, *new}) if _more(key, old, new, default))
    yield from (f"mask_patterns: {one}" for one in before.mask_patterns if one not in after.mask_patterns)


def _tables(before: Recording, after: Recording) -> Iterator[tuple[str, _Table, _Table]]:
    yield "title_rules", _titles(before), _titles(after)
    yield "address_rules", _addresses(before), _addresses(after)


def _more(key: str, old: _Table, new: _Table, title: int | None) -> bool:
    """Whether more is kept at one key. Without a rule: of titles, agents may drop it; of addresses, the default."""
    was, now = _at(key, old), _at(key, new)
    if title is None:
        usual = _RANKS["path"] if key.startswith("program ") else _RANKS["host"]
        return (usual if now is None else now) > (usual if was is None else was)
    if now is None:
        return was is not None and title > was
    return now > (0 if was is None else was)


def _at(key: str, table: _Table) -> int | None:
    """The rule that decides at a key: its own, else that of the longest suffix."""
    kind, _, value = key.partition(" ")
    if kind == "program":
        return table.get(key)
    labels = value.split(".")
    names = [key, *(f"host {'.'.join(labels[i:])}" for i in range(len(labels)))]
    return next((table[name] for name in names if name in table), None)


def _titles(of: Recording) -> _Table:
    return {_key(rule): _RANKS[rule.titles] for rule in of.title_rules}


def _addresses(of: Recording) -> _Table:
    return {f"host {host}": _RANKS["path"] for host in of.path_hosts} | {
        _key(rule): _RANKS[rule.keeps] for rule in of.address_rules
    }


def _key(rule: HostTitles | AddressLimit) -> str:
    return f"{rule.match} {rule.value}"


def reasons(before: Declared, after: Declared) -> Iterable[str]:
    """All that widens, for everybody and for teams, each once."""
    teams = (EVERYBODY, *(name for name, _ in after.teams), *(name for name, _ in before.teams))
    return dict.fromkeys(reason for team in teams for reason in widened(before.of(team), after.of(team)))
