"""The policy in force and the notice: kept on disk, so that an agent that reaches nobody still knows its limits.

In: the collector's answers, the person's acknowledgement. Out: the last good policy. Never: a policy that cannot be
understood put in force; an acknowledgement of another notice than the one that was shown.
"""

from pathlib import Path

import msgspec
from msgspec import Struct
from planwhy_shared.wire import Notice, Policy, PolicyAnswer, ToldLook

from planwhy_agent.files import read_or_none, write_whole
from planwhy_agent.privacy import rules_of


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
                rules_of(stored.answer.policy)
        except (msgspec.MsgspecError, ValueError):
            return None
        return stored

    def save(self, policy: Policy, notice: Notice, etag: str | None, looks: tuple[ToldLook, ...] = ()) -> StoredPolicy:
        """Put a policy in force. Raises ValueError where it cannot be understood; the old one stays."""
        rules_of(policy)
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
