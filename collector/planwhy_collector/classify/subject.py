"""What people decide about: the host of an address, or the program where there is none.

In: a context. Out: its subject. Never: a title or a path; whoever decides for all need not see what one person read.
"""

from dataclasses import dataclass
from typing import Literal

from planwhy_collector.classify.hosts import FACES
from planwhy_collector.classify.match import program_key
from planwhy_collector.facts import CALL_APP, Context

SubjectKind = Literal["host", "program"]
SUBJECT_KINDS: tuple[SubjectKind, ...] = ("host", "program")


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A host without `www.` and `m.`, or a program by the name it has on every system."""

    kind: SubjectKind
    name: str


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
