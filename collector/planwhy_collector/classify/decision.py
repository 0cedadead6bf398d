"""A decision on a host or program becomes lines of the installation's own rules. In: an own text, a decision. Out: the
text with it.

One decision stands for one subject and profile: a later one replaces the earlier. Never: a line of somebody's that says
more than that changed, but for the one name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from planwhy_collector.classify.load import WHY
from planwhy_collector.classify.match import program_key
from planwhy_collector.classify.pack_lines import Header, header, host_named
from planwhy_collector.classify.subject import Subject, SubjectKind
from planwhy_collector.classify.text_lines import UNREADABLE, lines_of
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Area, Label

MOST_WHY = 300
"""Characters of a reason."""
_BLANKS = re.compile(r"\s+")
_PROGRAM = re.compile(r"(?![#\s])[^|\r\n]*[^|\s]")
_STATEMENTS = {"host": ("host", "exact"), "program": ("program",)}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a subject counts for: for one profile, or for everybody; work always has an area."""

    subject: Subject
    category: str
    label: Label
    area: Area | None = None
    profile: str = ""
    why: str = ""

    @property
    def head(self) -> str:
        """The header that its line stands below."""
        said = " ".join(word for word in (self.category, self.label, self.area if self.label == "work" else "") if word)
        return f"[{said} for {self.profile}]" if self.profile else f"[{said}]"

    @property
    def line(self) -> str:
        """Its line. Raises InvalidInput where the subject's name cannot be written in the rules."""
        return f"{self.subject.kind} {written(self.subject)}{_reason(self.why)}"


def with_decision(own: str, decision: Decision) -> str:
    """The own text with a decision, at the end; what it said of the same subject for the same profile is gone."""
    kept = without_subject(own, decision.subject, decision.profile)
    heads = [line for line in kept if line.strip().startswith("[")]
    again = bool(heads) and heads[-1].strip() == decision.head
    return "\n".join([*kept, *([] if again else ["", decision.head]), decision.line]).lstrip("\n") + "\n"


def with_left(own: str, subject: Subject) -> str:
    """The own text in which a subject is left unclassified on purpose, so that nobody is asked again."""
    kept = without_subject(own, subject, "")
    return "\n".join([*kept, f"leave {subject.kind} {written(subject)}"]).lstrip("\n") + "\n"


def without_subject(own: str, subject: Subject, profile: str) -> list[str]:
    """The lines of an own text without what they say of a subject for a profile, or of leaving it."""
    lines, current, kept = lines_of(own.rstrip()), None, []
    for line in lines:
        if line.strip().startswith("["):
            current = _header(line)
        here = current.profile if current else ""
        rest = _without(line, subject, profile == here)
        if rest is not None:
            kept.append(rest)
    return _without_empty_heads(kept, lines)


def written(subject: Subject) -> str:
    """A subject's name as the rules write it. Raises InvalidInput where they cannot."""
    name = subject.name
    if subject.kind == "host":
        try:
            return host_named(name)
        except ValueError as error:
            raise InvalidInput(f"subject: {error}; write a rule for it by hand") from None
    if not _PROGRAM.fullmatch(name) or " -- " in name or UNREADABLE.search(name):
        raise InvalidInput(f"subject: the program's name {name!r} cannot stand in a rule; write one by hand")
    return name


def _reason(why: str) -> str:
    text = _BLANKS.sub(" ", UNREADABLE.sub(" ", why)).strip()
    if len(text) > MOST_WHY:
        raise InvalidInput(f"why: at most {MOST_WHY} characters, not {len(text)}")
    return f" -- {text}" if text else ""


def _without(line: str, subject: Subject, same_profile: bool) -> str | None:
    """A line without a subject's name; None where nothing is left of it."""
    body, *why = WHY.split(line.strip(), maxsplit=1)
    word, _, names = body.partition(" ")
    leaving = word == "leave" and names.startswith(f"{subject.kind} ")
    if not leaving and not (same_profile and word in _STATEMENTS[subject.kind]):
        return line
    lead = f"leave {subject.kind}" if leaving else word
    found = _names(names.removeprefix(f"{subject.kind} ") if leaving else names, subject.kind)
    rest = [name for name in found if _key(name, subject.kind) != subject.name]
    if len(rest) == len(found):
        return line
    told = (" | " if subject.kind == "program" else " ").join(rest)
    return f"{lead} {told}{_reason(why[0] if why else '')}" if rest else None


def _names(text: str, kind: SubjectKind) -> Sequence[str]:
    return [name.strip() for name in text.split("|")] if kind == "program" else text.split()


def _key(name: str, kind: SubjectKind) -> str:
    return program_key(name) if kind == "program" else name


def _header(line: str) -> Header | None:
    try:
        return header(*WHY.split(line.strip(), maxsplit=1))
    except ValueError:
        return None


def _without_empty_heads(kept: Sequence[str], before: Sequence[str]) -> list[str]:
    """Leave out headers that have lost all that stood below them, with the empty line before."""
    full, still = {before[at] for at in _full_heads(before)}, _full_heads(kept)
    rest: list[str] = []
    for at, line in enumerate(kept):
        if not line.strip().startswith("[") or at in still or line not in full:
            rest.append(line)
        elif rest and not rest[-1].strip():
            rest.pop()
    while rest and not rest[-1].strip():
        rest.pop()
    return rest


def _full_heads(lines: Sequence[str]) -> set[int]:
    """The places of headers with a statement below them."""
    found: set[int] = set()
    last = None
    for at, line in enumerate(lines):
        text = line.strip()
        if text.startswith("["):
            last = at
        elif text and not text.startswith("#") and last is not None:
            found.add(last)
    return found
