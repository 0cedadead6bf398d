"""What people decide about: the host of an address, or the program where there is none.

In: a context. Out: its subject. Never: a title or a path; whoever decides for all need not see what one person read.
"""

from dataclasses import dataclass
from typing import Literal

from planwhy_collector.classify.match import program_key
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import CALL_APP, Context

SubjectKind = Literal["host", "program"]
LONGEST = 1_000
"""Characters of a name."""
FACES = ("www.", "m.")
"""What may stand before a host that speaks for itself alone: the same site for another screen."""
SUBJECT_KINDS: tuple[SubjectKind, ...] = ("host", "program")


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A host without `www.` and `m.`, or a program by the name it has on every system."""

    kind: SubjectKind
    name: str


def subject_from(kind: str, name: str) -> Subject:
    """A subject from two texts. Raises InvalidInput for a kind that there is not, or a name that is empty or long."""
    known = next((one for one in SUBJECT_KINDS if one == kind), None)
    if known is None:
        raise InvalidInput(f"kind {kind[:20]!r}: expected one of {', '.join(SUBJECT_KINDS)}")
    if not name or len(name) > LONGEST:
        raise InvalidInput(f"subject: expected a host or a program, at most {LONGEST:,} characters")
    return Subject(known, name)


def subject_of(context: Context) -> Subject | None:
    """What a context is about; None for calls that the CRM tells of, and where nothing is known."""
    if context.host:
        return Subject("host", bare_host(context.host))
    if context.app and context.app != CALL_APP and (name := program_key(context.app)):
        return Subject("program", name)
    return None


def bare_host(host: str) -> str:
    """A host without what only says for which screen it is."""
    for face in FACES:
        if host.startswith(face) and "." in host.removeprefix(face):
            return host.removeprefix(face)
    return host
