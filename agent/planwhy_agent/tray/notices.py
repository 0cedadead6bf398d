"""Which notifications are due: at most one for each cause, also when the tray is started again.

In: the agent's facts, what was told before. Out: what to tell. Never: a title, an address, the name of a program.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from planwhy_agent.condition import Facts
from planwhy_agent.files import read_or_none, write_whole
from planwhy_agent.words import Words

NAME = "told.json"
"""In the runtime folder: after a restart of the machine a cause that still holds is told once more."""
ENDED_LATELY_MS = 10 * 60_000


@dataclass(frozen=True, slots=True)
class Told:
    """One notification. `cause` is told once; `action` names what a click opens, the notice; `lasting` stays."""

    cause: str
    title: str
    text: str
    action: str = ""
    lasting: bool = False


def due(facts: Facts, ended_ms: int, say: Words, now_ms: int) -> tuple[Told, ...]:
    """Everything that holds now. `ended_ms` is when private time ended by itself last; 0 where it did not."""
    return (*_notice(facts, say), *_refused(facts, say), *_ended(facts, ended_ms, say, now_ms))


def load_told(runtime: Path) -> frozenset[str]:
    """The causes told since the machine was started."""
    try:
        return frozenset(msgspec.json.decode(read_or_none(runtime / NAME) or b"[]", type=list[str]))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return frozenset()


def save_told(runtime: Path, causes: Iterable[str]) -> None:
    """Remember the causes told. Raises OSError."""
    write_whole(runtime / NAME, msgspec.json.encode(sorted(causes)), durable=False)


def still_told(told: frozenset[str], facts: Facts) -> frozenset[str]:
    """Without causes that are over, so that they count anew: a refusal after the collector took something again."""
    return told if facts.refused or facts.sending.state != "ok" else told - {_REFUSED}


def _notice(facts: Facts, say: Words) -> tuple[Told, ...]:
    if facts.stored is None or facts.acknowledged:
        return ()
    return (
        Told(
            f"notice-{facts.stored.answer.policy.notice_version}",
            say("What is recorded here has to be read"),
            say("Nothing is recorded until you have read the notice and acknowledged it."),
            say("Read the notice"),
            lasting=True,
        ),
    )


def _refused(facts: Facts, say: Words) -> tuple[Told, ...]:
    if not facts.refused:
        return ()
    text = say("Nothing is sent; what is recorded waits here. Please tell your administrator.")
    return (Told(_REFUSED, say("The collector refuses this computer"), text),)


def _ended(facts: Facts, ended_ms: int, say: Words, now_ms: int) -> tuple[Told, ...]:
    if not ended_ms or facts.paused_until_ms or not 0 <= now_ms - ended_ms < ENDED_LATELY_MS or not facts.working:
        return ()
    if not facts.acknowledged or facts.alive is None:
        return ()
    return (Told(f"private-{ended_ms}", say("Private time has ended"), say("Recording goes on.")),)


_REFUSED = "refused"
