"""Stage 5, once: a one-off code becomes this machine's identity, and the person is told what will be recorded.

In: an address and a code. Out: identity, token and policy on disk. Never: recording begun without the notice
acknowledged; a token shown.
"""

import getpass
import platform
import socket
from typing import Any

import msgspec
from msgspec import Raw, Struct
from planwhy_shared.wire import EnrolAnswer, EnrolledEmployee, EnrolRequest

from planwhy_agent import __version__
from planwhy_agent.config import Settings
from planwhy_agent.errors import EnrolRefused
from planwhy_agent.files import move, owned_folder
from planwhy_agent.identity import Identity, instance_id, keep_token, load_identity, save_identity
from planwhy_agent.outcome import failure_of
from planwhy_agent.policy import PolicyStore, policy_in
from planwhy_agent.sender import spool_path
from planwhy_agent.transport import Answer, Transport


class _Told(Struct, frozen=True):
    """The identity in an answer; its policy is looked at by itself."""

    device_id: str
    token: str
    employee: EnrolledEmployee
    policy: Raw


def enrol(settings: Settings, url: str, code: str, now_ms: int, replace: bool = False) -> EnrolAnswer:
    """Turn a code into this machine's identity.

    Raises EnrolRefused where the collector says no, or this machine is enrolled and `replace` is not given;
    PolicyInvalid where the policy that comes with the identity cannot be understood, and then nothing is stored;
    Unreachable where it cannot be asked, and then the same code may be used again.
    """
    folder = owned_folder(settings.data)
    before = load_identity(folder)
    if before is not None and not replace:
        raise EnrolRefused(
            f"this machine is enrolled at {before.url} for {before.employee_name}; add --replace to enrol it again"
        )
    answer = _ask(settings, url, code)
    PolicyStore(folder).save(answer.policy, answer.notice, None)
    if before is not None and (before.url, before.employee_id) != (url, answer.employee.id):
        _part_with_spool(settings, before)
    token_in = keep_token(folder, answer.device_id, answer.token, settings.keyring)
    owner = answer.employee
    save_identity(folder, Identity(url, answer.device_id, owner.id, owner.name, token_in, now_ms))
    return answer


def _ask(settings: Settings, url: str, code: str) -> EnrolAnswer:
    request = EnrolRequest(
        code=code.strip(),
        hostname=_told(socket.gethostname),
        os=f"{platform.system()} {platform.release()}"[:255],
        os_user=_told(getpass.getuser),
        agent_version=__version__,
        instance_id=instance_id(settings.data),
    )
    transport = Transport(url, "", settings.ca_file, settings.allow_http, settings.proxy)
    answer = transport.post("/api/v1/enrol", msgspec.json.encode(request), {"Content-Type": "application/json"})
    return _identity_in(answer)


def _identity_in(answer: Answer) -> EnrolAnswer:
    if answer.status in (200, 201):
        try:
            told = msgspec.json.decode(answer.body, type=_Told)
            found = policy_in(answer.body)
            return EnrolAnswer(told.device_id, told.token, told.employee, found.notice, found.policy)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise EnrolRefused(f"the answer is not that of a Planwhy collector: {error}") from None
    failure = failure_of(answer.body)
    said = f"{failure.error}: {failure.detail}" if failure else "and not in the words of a Planwhy collector"
    raise EnrolRefused(f"the collector answered {answer.status} {said}")


def _part_with_spool(settings: Settings, before: Identity) -> None:
    """What was recorded for somebody else is never sent under the new name: it stays under the old device's."""
    path = spool_path(settings)
    for suffix in ("", "-wal", "-shm"):
        side = path.with_name(path.name + suffix)
        if side.exists():
            move(side, path.with_name(f"spool-of-{before.device_id}.sqlite3{suffix}"))


def _told(ask: Any) -> str:
    """A name of the system, or a question mark where it has none."""
    try:
        return str(ask())[:255]
    except (OSError, KeyError):
        return "?"
