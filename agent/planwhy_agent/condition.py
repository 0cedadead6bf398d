"""What the agent does now, in one word and in one sentence: for `status`, the tray and notifications.

In: the agent's small files. Out: Facts, a Condition, sentences. Never: the spool (this is asked often), a title or
an address, the name of the program in front.
"""

from dataclasses import dataclass
from enum import Enum

from planwhy_agent import health
from planwhy_agent.config import Settings
from planwhy_agent.errors import NotEnrolled
from planwhy_agent.identity import Identity, load_identity
from planwhy_agent.pause import paused_until
from planwhy_agent.policy import PolicyStore, StoredPolicy
from planwhy_agent.privacy import at_work, rules_of
from planwhy_agent.system.instance_lock import holder
from planwhy_agent.words import N_, Words

ENDLESS_MS = 2**62


class Condition(Enum):
    """What is recorded now, or why nothing is."""

    STOPPED = "stopped"
    NOT_ENROLLED = "not_enrolled"
    NO_POLICY = "no_policy"
    UNACKNOWLEDGED = "unacknowledged"
    PRIVATE = "private"
    OUT_OF_SIGHT = "out_of_sight"
    OUTSIDE_HOURS = "outside_hours"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the agent's small files say. `paused_until_ms` is 0 where there is no private time now.

    `working` says whether now lies within the working hours of the policy; `damaged` that the stored policy cannot be
    understood.
    """

    pid: int | None
    alive: health.Health | None
    identity: Identity | None
    stored: StoredPolicy | None
    acknowledged: bool
    paused_until_ms: int
    working: bool
    sending: health.Sending
    damaged: bool = False

    @property
    def refused(self) -> bool:
        """Whether the collector refuses this device."""
        return self.sending.state == "locked_out"


def facts_of(settings: Settings, now_ms: int) -> Facts:
    """Look at the files."""
    pid = holder(settings.lock)
    alive = health.load_health(settings.runtime) if pid else None
    store = PolicyStore(settings.data)
    stored = store.load()
    until = paused_until(settings.data)
    fresh = alive is not None and alive.sending.state != "idle"
    return Facts(
        pid=pid,
        alive=alive,
        identity=_identity(settings),
        stored=stored,
        acknowledged=stored is not None and store.acknowledged() == stored.answer.policy.notice_version,
        paused_until_ms=until if until > now_ms else 0,
        working=stored is not None and at_work(rules_of(stored.answer.policy), now_ms + _offset(settings, alive)),
        sending=alive.sending if alive and fresh else health.load_sending(settings.data),
        damaged=stored is None and store.policy_path.exists(),
    )


NOTHING = Facts(None, None, None, None, False, 0, False, health.Sending())
"""What is known where the files cannot be read."""


def condition_of(facts: Facts) -> Condition:
    """The one word: what stands in the way first is named first."""
    alive = facts.alive
    reasons = (
        (facts.identity is None, Condition.NOT_ENROLLED),
        (facts.stored is None, Condition.NO_POLICY),
        (not facts.acknowledged, Condition.UNACKNOWLEDGED),
        (bool(facts.paused_until_ms), Condition.PRIVATE),
        (alive is None, Condition.STOPPED),
        (alive is not None and bool(alive.display), Condition.OUT_OF_SIGHT),
        (not facts.working, Condition.OUTSIDE_HOURS),
    )
    return next((condition for holds, condition in reasons if holds), Condition.RECORDING)


def headline(facts: Facts, say: Words, now_ms: int) -> str:
    """What is recorded now, in one short sentence."""
    condition = condition_of(facts)
    if condition is Condition.PRIVATE:
        return private_words(facts.paused_until_ms, say, now_ms)
    if condition is Condition.RECORDING and facts.alive is not None and facts.alive.disk_full:
        return say("Recording; the disk is full")
    return say(_HEADLINES[condition])


def private_words(until_ms: int, say: Words, now_ms: int) -> str:
    """Until when private time lasts, and how much of it is left."""
    if until_ms >= ENDLESS_MS:
        return say("Private time until it is ended")
    until, left = say.at(until_ms, now_ms), say.span(until_ms - now_ms + 59_999)
    return say("Private time until {until} ({left} left)", until=until, left=left)


def sending_words(facts: Facts, say: Words, now_ms: int) -> str:
    """How sending goes; empty where there is nothing to say."""
    sending = facts.sending
    if facts.refused:
        return say("The collector refuses this computer; nothing is sent")
    if sending.state != "waiting":
        return ""
    if sending.sent_ms is None:
        return say("The collector is not reached; what is recorded waits on the disk")
    return say("Not sent since {when}; what is recorded waits on the disk", when=say.at(sending.sent_ms, now_ms))


def own_page(facts: Facts) -> str | None:
    """The address of the person's own page at the collector."""
    return f"{facts.identity.url.rstrip('/')}/me" if facts.identity else None


def _offset(settings: Settings, alive: health.Health | None) -> int:
    return alive.clock_offset_ms if alive else health.load_offset(settings.data)


def _identity(settings: Settings) -> Identity | None:
    try:
        return load_identity(settings.data)
    except NotEnrolled:
        return None


_HEADLINES = {
    Condition.STOPPED: N_("The agent does not run: nothing is recorded"),
    Condition.NOT_ENROLLED: N_("This computer is not enrolled: nothing is recorded"),
    Condition.NO_POLICY: N_("No policy that can be understood is known: nothing is recorded"),
    Condition.UNACKNOWLEDGED: N_("The notice is not acknowledged: nothing is recorded"),
    Condition.OUT_OF_SIGHT: N_("The desktop is out of sight: only the time without it is recorded"),
    Condition.OUTSIDE_HOURS: N_("Outside working hours: what is open is not recorded"),
    Condition.RECORDING: N_("Recording"),
}
