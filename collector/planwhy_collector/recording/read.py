"""The declared policy: TOML text becomes what is in force for each team.

In: text, and what errors call it. Out: a Declared, or InvalidInput with the file, the field and the limit. Never: a
rule half understood; `planwhy policy example` prints a text with comments.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from planwhy_shared import limits
from planwhy_shared.patterns import mask_patterns
from planwhy_shared.wire import AddressLimit, AddressRule, HostTitles, RuleMatch, RuleValue, TitleRule

from planwhy_collector.errors import InvalidInput

MOST_CHARS = 200_000
MOST_TEAMS = 500
EVERYBODY = ""
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")
_INDEX = re.compile(r"\[(\d+)\]")
_PLACE = re.compile(r"^(.*) - at `\$\.?(.*)`$", re.DOTALL)
_CHOICES = {"titles": "keep, mask, drop", "keeps": "path, host, drop"}

_Rules = Meta(max_length=limits.POLICY_RULES)


class _Matched(Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one of the three says what a rule is for."""

    host: RuleValue = ""
    only_host: RuleValue = ""
    program: RuleValue = ""


class _TitleLine(_Matched, frozen=True, forbid_unknown_fields=True, kw_only=True):
    titles: TitleRule


class _AddressLine(_Matched, frozen=True, forbid_unknown_fields=True, kw_only=True):
    keeps: AddressRule


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    """What a text may say of everybody, and of one team; what it leaves out is None."""

    titles: TitleRule | None = None
    title_rules: Annotated[tuple[_TitleLine, ...], _Rules] | None = None
    path_hosts: Annotated[tuple[RuleValue, ...], _Rules] | None = None
    address_rules: Annotated[tuple[_AddressLine, ...], _Rules] | None = None
    mask_patterns: tuple[str, ...] | None = None
    idle_after_s: Annotated[int, Meta(ge=15, le=3600)] | None = None
    upload_interval_s: Annotated[int, Meta(ge=5, le=3600)] | None = None


class _Text(_Part, frozen=True, forbid_unknown_fields=True):
    teams: Annotated[dict[str, _Part], Meta(max_length=MOST_TEAMS)] = {}


@dataclass(frozen=True, slots=True)
class Recording:
    """What is declared for somebody. `path_hosts` come on top of the hosts of the CRM, which the settings name."""

    titles: TitleRule = "keep"
    title_rules: tuple[HostTitles, ...] = ()
    path_hosts: tuple[str, ...] = ()
    address_rules: tuple[AddressLimit, ...] = ()
    mask_patterns: tuple[str, ...] = ()
    idle_after_s: int = 180
    upload_interval_s: int = 60


@dataclass(frozen=True, slots=True)
class Declared:
    """What is in force for everybody, and for each team that differs: (name, Recording), by name."""

    everybody: Recording
    teams: tuple[tuple[str, Recording], ...] = ()

    def of(self, team: str | None) -> Recording:
        """What is in force for a person of a team."""
        return dict(self.teams).get(team or EVERYBODY, self.everybody)


@lru_cache(maxsize=32)
def read_declared(text: str, name: str) -> Declared:
    """Read a policy; `name` is what errors call the text. Raises InvalidInput with the field and the limit."""
    try:
        found = _decoded(text)
        everybody = _filled(found, Recording(), "")
        teams = {team: _filled(part, everybody, f"teams.{team}.") for team, part in found.teams.items()}
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error.detail}") from None
    return Declared(everybody, tuple(sorted(teams.items())))


def _decoded(text: str) -> _Text:
    if len(text) > MOST_CHARS:
        raise InvalidInput(f"longer than {MOST_CHARS} characters")
    try:
        return msgspec.convert(tomllib.loads(text.removeprefix("\ufeff")), _Text)
    except msgspec.ValidationError as error:
        raise InvalidInput(_placed(str(error))) from None
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise InvalidInput(str(error) or "tables are nested too deeply") from None


def _placed(said: str) -> str:
    """The field first, its rows counted from one."""
    found = _PLACE.match(said)
    if found is None:
        return said
    field = _INDEX.sub(lambda index: f"[{int(index[1]) + 1}]", found[2])
    words = next((f", expected one of {words}" for name, words in _CHOICES.items() if field.endswith(name)), "")
    return f"{field}: {found[1]}{words}" if field else found[1]


def _filled(part: _Part, base: Recording, where: str) -> Recording:
    """What a part says, over what is in force without it; a list that is given stands for the whole list."""
    given: dict[str, Any] = {
        name: getattr(part, name)
        for name in ("titles", "mask_patterns", "idle_after_s", "upload_interval_s")
        if getattr(part, name) is not None
    }
    if part.title_rules is not None:
        rows = _matched(part.title_rules, f"{where}title_rules")
        given["title_rules"] = tuple(HostTitles(*key, row.titles) for key, row in rows)
    if part.address_rules is not None:
        limited = _matched(part.address_rules, f"{where}address_rules")
        given["address_rules"] = tuple(AddressLimit(*key, row.keeps) for key, row in limited)
    if part.path_hosts is not None:
        hosts = enumerate(part.path_hosts, 1)
        given["path_hosts"] = tuple(host_name(host, f"{where}path_hosts[{number}]") for number, host in hosts)
    try:
        mask_patterns(given.get("mask_patterns", ()))
    except ValueError as error:
        raise InvalidInput(f"{where}{error}") from None
    return replace(base, **given)


def _matched(rows: tuple[Any, ...], where: str) -> list[tuple[tuple[RuleMatch, str], Any]]:
    """Each row with what it is for. Raises InvalidInput for none, several, or the same twice."""
    found: dict[tuple[RuleMatch, str], Any] = {}
    for number, row in enumerate(rows, 1):
        key = _key(row, f"{where}[{number}]")
        if key in found:
            raise InvalidInput(f"{where}[{number}]: there is a rule for {key[0]} {key[1]!r} before it")
        found[key] = row
    return list(found.items())


def _key(row: _Matched, where: str) -> tuple[RuleMatch, str]:
    kinds: tuple[RuleMatch, ...] = ("host", "only_host", "program")
    given = [kind for kind in kinds if getattr(row, kind)]
    if len(given) != 1:
        raise InvalidInput(f"{where}: expected exactly one of host, only_host, program")
    value = getattr(row, given[0])
    if given[0] != "program":
        return given[0], host_name(value, f"{where}.{given[0]}")
    if not value.strip() or not value.isprintable() or "/" in value or "\\" in value:
        raise InvalidInput(f"{where}.program: {value[:60]!r} is not the name of a program such as chrome.exe")
    return "program", value.strip().lower().removesuffix(".exe")


def host_name(value: str, where: str) -> str:
    """A host as browsers send it: lower case, its letters of other scripts as xn--. Raises InvalidInput."""
    plain = value.strip().lower().removeprefix("*.").strip(".")
    try:
        host = plain if plain.isascii() else plain.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise InvalidInput(f"{where}: {value[:60]!r} is not a host such as example.com, without https:// and path")
    return host
