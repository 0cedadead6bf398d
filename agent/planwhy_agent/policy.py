"""The policy in force and the notice: kept on disk, so that an agent that reaches nobody still knows its limits.

In: the collector's answers, the person's acknowledgement. Out: the last good policy. Never: a policy that cannot be
understood put in force; an acknowledgement of another notice than the one that was shown.
"""

from pathlib import Path

import msgspec
from msgspec import Struct
from planwhy_shared.wire import Notice, Policy, PolicyAnswer, ToldLook

from planwhy_agent.errors import PolicyInvalid
from planwhy_agent.files import read_or_none, write_whole
from planwhy_agent.masks import cleaned
from planwhy_agent.privacy import rules_of

DETAIL_CHARS = 200


class _Sent(Struct, frozen=True):
    """An answer whose policy is looked at by itself: what lies around it may grow, the policy may not."""

    policy: msgspec.Raw
    notice: Notice
    looks: tuple[ToldLook, ...] = ()


class StoredPolicy(Struct, frozen=True):
    """What the collector last said, and the tag under which it said it."""

    answer: PolicyAnswer
    etag: str | None = None


class Acknowledgement(Struct, frozen=True):
    """Which notice the person has acknowledged on this machine, and when."""

    version: str
    at_ms: int


class PolicyStore:
    """The files of policy and acknowledgement in the data folder."""

    def __init__(self, folder: Path) -> None:
        self.policy_path = folder / "policy.json"
        self.acknowledged_path = folder / "acknowledged.json"

    def load(self) -> StoredPolicy | None:
        """The last good policy; None where there is none that can be read and understood."""
        raw = read_or_none(self.policy_path)
        try:
            stored = msgspec.json.decode(raw, type=StoredPolicy) if raw else None
            if stored is not None:
                check(stored.answer.policy, stored.answer.notice)
        except (msgspec.MsgspecError, ValueError, RecursionError, PolicyInvalid):
            return None
        return stored

    def damaged(self) -> bool:
        """Whether a policy is stored that cannot be understood; nothing is recorded then."""
        return self.policy_path.exists() and self.load() is None

    def save(self, policy: Policy, notice: Notice, etag: str | None, looks: tuple[ToldLook, ...] = ()) -> StoredPolicy:
        """Put a policy in force. Raises PolicyInvalid where it cannot be understood; the old one stays."""
        check(policy, notice)
        stored = StoredPolicy(PolicyAnswer(policy, notice, looks), etag)
        write_whole(self.policy_path, msgspec.json.encode(stored))
        return stored

    def acknowledge(self, version: str, at_ms: int) -> None:
        """Note that the person has acknowledged a notice."""
        write_whole(self.acknowledged_path, msgspec.json.encode(Acknowledgement(version, at_ms)))

    def acknowledged(self) -> str | None:
        """The version of the notice last acknowledged here."""
        raw = read_or_none(self.acknowledged_path)
        try:
            return msgspec.json.decode(raw, type=Acknowledgement).version if raw else None
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None


def policy_in(body: bytes) -> PolicyAnswer:
    """Read the policy in an answer. Raises PolicyInvalid that says what cannot be understood, and where."""
    try:
        sent = msgspec.json.decode(body, type=_Sent)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PolicyInvalid(_short(f"not an answer with policy and notice: {error}")) from None
    try:
        policy = msgspec.json.decode(sent.policy, type=Policy)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PolicyInvalid(_short(str(error))) from None
    check(policy, sent.notice)
    return PolicyAnswer(policy, sent.notice, sent.looks)


def is_answer(body: bytes) -> bool:
    """Whether an answer has the form of a collector's, whatever its policy says."""
    try:
        msgspec.json.decode(body, type=_Sent)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def check(policy: Policy, notice: Notice) -> None:
    """Raise PolicyInvalid for a policy that cannot be put in force as a whole."""
    if policy.notice_version != notice.version:
        raise PolicyInvalid("notice_version: it names another notice than the one that came with it")
    try:
        rules_of(policy)
    except ValueError as error:
        raise PolicyInvalid(_short(str(error))) from None


def _short(text: str) -> str:
    """One clean line: what a policy holds may be anything."""
    return cleaned(text, DETAIL_CHARS) or "?"
