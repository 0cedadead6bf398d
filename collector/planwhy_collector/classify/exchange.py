"""All that an installation adds to the product's rules, as one file that people can read. In and out: additions, text.

The own text comes first, as it is; each pack follows below a line `=== pack NAME`. A file without such lines is an own
text alone. Never: a file half understood.
"""

import difflib
import re

from planwhy_collector.classify.load import Additions
from planwhy_collector.classify.text_lines import lines_of
from planwhy_collector.errors import InvalidInput

MOST_PACKS = 50
PACK_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_MARK = "=== pack "
_OWN = "=== own"


def exported(added: Additions, version: str, day: str) -> str:
    """Write a file: what it is, the own text, the packs."""
    about = f"# Planwhy rules of version {version}, exported on {day}. Put in force with: planwhy rules import FILE\n"
    packs = "".join(f"{_MARK}{name}\n{_ended(text)}" for name, text in added.packs)
    return f"{about}{_OWN}\n{_ended(added.own)}{packs}"


def imported(text: str, name: str) -> Additions:
    """Read a file. Raises InvalidInput with the file's name and line where a section is not understood."""
    own: list[str] = []
    packs: dict[str, list[str]] = {}
    current: list[str] = own
    marks = 0
    for number, line in enumerate(lines_of(text.removeprefix("\ufeff")), 1):
        if not line.startswith("==="):
            current.append(line)
            continue
        marks += 1
        if line.rstrip() == _OWN and marks == 1:
            own.clear()  # what came before says what the file is
            continue
        pack = line.removeprefix(_MARK).strip()
        if not line.startswith(_MARK) or not PACK_NAME.fullmatch(pack) or pack in packs:
            raise InvalidInput(
                f"{name}:{number}: expected `{_OWN}` first, or `{_MARK}NAME` with a new name, not {line[:60]!r}"
            )
        current = packs.setdefault(pack, [])
    if len(packs) > MOST_PACKS:
        raise InvalidInput(f"{name}: at most {MOST_PACKS} packs, not {len(packs)}")
    return Additions(_text(own), tuple((pack, _text(packs[pack])) for pack in sorted(packs)))


def is_export(text: str) -> bool:
    """Whether a text says what packs there are, and is not an own text alone."""
    return any(line.startswith("===") for line in lines_of(text))


def with_pack(added: Additions, name: str, text: str) -> Additions:
    """The same with a pack, in place of one of that name. Raises InvalidInput for what is no name, or one too many."""
    if not PACK_NAME.fullmatch(name):
        raise InvalidInput(f"pack: {name[:60]!r} is no name: small letters, digits and dashes, at most 40")
    packs = dict(added.packs) | {name: text}
    if len(packs) > MOST_PACKS:
        raise InvalidInput(f"pack: at most {MOST_PACKS} packs")
    return Additions(added.own, tuple(sorted(packs.items())))


def without_pack(added: Additions, name: str) -> Additions:
    """The same without a pack. Raises InvalidInput where there is none of that name."""
    if name not in dict(added.packs):
        raise InvalidInput(f"pack: there is no pack {name[:60]!r}")
    return Additions(added.own, tuple(one for one in added.packs if one[0] != name))


def own_difference(before: str, after: str) -> list[str]:
    """The lines that went (`-`) and came (`+`) between two own texts."""
    lines = difflib.unified_diff(lines_of(before), lines_of(after), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def pack_facts(text: str) -> dict[str, str]:
    """What the head of a pack says of itself: `# source: …`, `# licence: …` and the like."""
    facts: dict[str, str] = {}
    for line in lines_of(text):
        if not line.startswith("#"):
            break
        name, colon, value = line.removeprefix("#").partition(":")
        if colon:
            facts[name.strip()] = value.strip()
    return facts


def _text(lines: list[str]) -> str:
    return _ended("\n".join(lines))


def _ended(text: str) -> str:
    return f"{text.rstrip()}\n" if text.strip() else ""
