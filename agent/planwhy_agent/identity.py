"""Who this agent is: the device that enrolment gave it, and the token that proves it.

In: the data folder. Out: an Identity and its token. Never: a token in a log, in an argument list, or in a file that
others can read. Where the system has a real secret store the token lives there, reached through a short-lived child
process (`secret_store`), which keeps the store's libraries out of the agent's memory and cannot hang it.
"""

import subprocess
import sys
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from planwhy_shared.ids import new_uuid

from planwhy_agent.errors import NotEnrolled
from planwhy_agent.files import read_or_none, remove, write_whole

CHILD_S = 20
"""How long a secret store may take; one that asks the person to unlock it would wait for ever."""
_MODULE = "planwhy_agent.secret_store"


class Identity(Struct, frozen=True):
    """A device of an employee at a collector."""

    url: str
    device_id: str
    employee_id: str
    employee_name: str
    token_in: Literal["keyring", "file"]
    enrolled_ms: int


def load_identity(folder: Path) -> Identity | None:
    """The stored identity; None before enrolment. Raises NotEnrolled where the file cannot be understood."""
    raw = read_or_none(folder / "identity.json")
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=Identity)
    except msgspec.MsgspecError:
        raise NotEnrolled(f"{folder / 'identity.json'} is damaged; enrol this machine again") from None


def save_identity(folder: Path, identity: Identity) -> None:
    """Store an identity."""
    write_whole(folder / "identity.json", msgspec.json.encode(identity))


def instance_id(folder: Path) -> str:
    """The id of this installation, made once, so that an enrolment whose answer was lost can be repeated."""
    path = folder / "instance"
    known = (read_or_none(path) or b"").decode("ascii", "replace").strip()
    if not known:
        known = new_uuid()
        write_whole(path, known.encode())
    return known


def keep_token(folder: Path, device_id: str, token: str, keyring: bool) -> Literal["keyring", "file"]:
    """Store a token where it is safest; says where."""
    if keyring and _child("set", device_id, token) is not None and _child("get", device_id) == token:
        remove(folder / "token")
        return "keyring"
    write_whole(folder / "token", token.encode())
    return "file"


def read_token(folder: Path, identity: Identity) -> str:
    """Read the token. Raises NotEnrolled where it is gone."""
    found = (
        _child("get", identity.device_id)
        if identity.token_in == "keyring"  # noqa: S105  a place, not a password
        else (read_or_none(folder / "token") or b"").decode("ascii", "replace").strip()
    )
    if not found:
        raise NotEnrolled(f"the device token is gone from the {identity.token_in}; enrol this machine again")
    return found


def forget_token(device_id: str) -> bool:
    """Remove a token from the system's secret store; whether it was there."""
    return bool(_child("get", device_id)) and _child("delete", device_id) is not None


def _child(verb: str, device_id: str, secret: str = "") -> str | None:
    try:
        done = subprocess.run(
            [sys.executable, "-m", _MODULE, verb, device_id],
            input=secret,
            capture_output=True,
            text=True,
            timeout=CHILD_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
