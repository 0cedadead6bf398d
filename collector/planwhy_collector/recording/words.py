"""What is kept and what not, in words: the middle of the notice. In: a Recording. Out: Russian and English sentences.

Never: a rule left unsaid where it keeps something; long lists are cut, and say by how much.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from planwhy_collector.recording.read import Recording

NAMED = 30
"""So many hosts and programs of one kind are named."""


@dataclass(frozen=True, slots=True)
class _Said:
    """The sentences of one language; `{}` takes a list."""

    titles: dict[str, str]
    title_rules: dict[str, str]
    personal: str
    paths: str
    no_paths: str
    address_rules: dict[str, str]
    masks: str
    patterns: str
    more: str


_RU = _Said(
    titles={
        "keep": "Заголовки окон и вкладок сохраняются.",
        "mask": "Заголовки окон и вкладок сохраняются без чисел и имён.",
        "drop": "Заголовки окон и вкладок не сохраняются.",
    },
    title_rules={
        "keep": "Заголовки сохраняются у: {}.",
        "mask": "Без чисел и имён сохраняются заголовки у: {}.",
        "drop": "Не сохраняются заголовки у: {}.",
    },
    personal="Заголовки личных программ и сайтов (мессенджеры, почта, банки, здоровье, религия, поиск работы) не "
    "сохраняются, если они не названы выше.",
    paths="Из адреса сохраняется только имя сайта; путь — только у: {}.",
    no_paths="Из адреса сохраняется только имя сайта.",
    address_rules={"host": "Только имя сайта, без пути, сохраняется у: {}.", "drop": "Адрес не сохраняется у: {}."},
    masks="Номера карт, адреса почты, телефоны и пароли в заголовках и путях заменяются на ***",
    patterns=", как и то, что подходит под образцы организации (их {}).",
    more="и ещё {}",
)
_EN = _Said(
    titles={
        "keep": "Titles of windows and tabs are kept.",
        "mask": "Titles of windows and tabs are kept without numbers and names.",
        "drop": "Titles of windows and tabs are not kept.",
    },
    title_rules={
        "keep": "Titles are kept of: {}.",
        "mask": "Titles are kept without numbers and names of: {}.",
        "drop": "Titles are not kept of: {}.",
    },
    personal="Titles of personal programs and sites (messengers, mail, banks, health, religion, job search) are not "
    "kept unless named above.",
    paths="Of an address only the site's name is kept, the path only of: {}.",
    no_paths="Of an address only the site's name is kept.",
    address_rules={"host": "Only the site's name, no path, is kept of: {}.", "drop": "No address is kept of: {}."},
    masks="Card numbers, e-mail addresses, telephone numbers and passwords in titles and paths become ***",
    patterns=", as does what matches the organisation's patterns ({} of them).",
    more="and {} more",
)


def russian(what: Recording) -> str:
    """Say it in Russian; `path_hosts` are expected to hold those of the CRM."""
    return _told(what, _RU)


def english(what: Recording) -> str:
    """Say it in English."""
    return _told(what, _EN)


def _told(what: Recording, said: _Said) -> str:
    lines = [said.titles[what.titles]]
    for rule, sentence in said.title_rules.items():
        lines += _listed(sentence, [_name(r.match, r.value) for r in what.title_rules if r.titles == rule], said)
    lines.append(said.personal)
    longer = [_name(r.match, r.value) for r in what.address_rules if r.keeps == "path" and r.match != "program"]
    hosts = list(dict.fromkeys([*what.path_hosts, *longer]))
    lines += _listed(said.paths, hosts, said) or [said.no_paths]
    for keeps, sentence in said.address_rules.items():
        lines += _listed(sentence, [_name(r.match, r.value) for r in what.address_rules if r.keeps == keeps], said)
    patterns = said.patterns.format(len(what.mask_patterns)) if what.mask_patterns else "."
    return "\n".join([*lines, said.masks + patterns])


def _listed(sentence: str, names: Sequence[str], said: _Said) -> list[str]:
    if not names:
        return []
    rest = [said.more.format(len(names) - NAMED)] if len(names) > NAMED else []
    return [sentence.format(", ".join([*names[:NAMED], *rest]))]


def _name(match: str, value: str) -> str:
    return f"={value}" if match == "only_host" else value
