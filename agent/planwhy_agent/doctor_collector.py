"""What `doctor` checks on the way to the collector: address, certificate, answer, clock.

In: settings, a language. Out: right or wrong, what was found, what to do. Never: a connection whose certificate is
not verified; a token shown.
"""

import socket
import ssl
import time
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import SplitResult

from planwhy_agent.config import Settings
from planwhy_agent.errors import AgentError
from planwhy_agent.identity import Identity, load_identity
from planwhy_agent.outcome import failure_of
from planwhy_agent.sender import transport_of
from planwhy_agent.transport import Answer, checked_address, trusting
from planwhy_agent.words import N_, Words

ANSWER_S = 15.0
CONNECT_S = 10.0
CLOCK_MS = 120_000
SOON_DAYS = 14

Found = tuple[bool, str, str]


class Asked:
    """The collector, asked once for each thing; later checks use what earlier ones found."""

    def __init__(self, settings: Settings, say: Words) -> None:
        self.settings, self.say = settings, say

    @cached_property
    def identity(self) -> Identity | None:
        """Who this computer is; None where it is nobody, or cannot tell."""
        try:
            return load_identity(self.settings.data)
        except (AgentError, OSError):
            return None

    @property
    def enrolled(self) -> bool:
        """Whether there is an address to look at."""
        return self.identity is not None

    def address(self) -> Found:
        """Is the address one that can be used, and does its name lead somewhere?"""
        say, parts = self.say, self._parts()
        host = parts.hostname or ""
        try:
            socket.getaddrinfo(host, parts.port or _port(parts), type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return False, say("the name {host} is not known here", host=host), say("check the network and the address")
        return True, f"{parts.scheme}://{parts.netloc}", ""

    def certificate(self) -> Found:
        """Is the certificate trusted, for this name, and for how much longer?"""
        say, parts = self.say, self._parts()
        if parts.scheme != "https":
            return True, say("none is needed without TLS"), ""
        host, port = parts.hostname or "", parts.port or _port(parts)
        try:
            return self._dates(_certificate(host, port, trusting(self.settings.ca_file)))
        except ssl.SSLCertVerificationError as error:
            why, advice = _REASONS.get(error.verify_code, _DISTRUSTED)
            return False, f"{say(why)} ({error.verify_message})", say(advice)
        except OSError as error:  # not the certificate's fault: `collector` says more
            why = error.strerror or type(error).__name__
            return False, say("not seen: {why}", why=why), say("check the address, the network and the firewall")

    def collector(self) -> Found:
        """Does it answer, and does it know this device?"""
        say = self.say
        answer = self._answer
        if isinstance(answer, AgentError):
            return (
                False,
                f"{answer.slug}: {answer.detail}",
                say(_ADVICE.get(answer.slug, _TELL)),
            )
        if answer.status in (200, 304):
            return True, say("reached, the device is known"), ""
        failure = failure_of(answer.body)
        if answer.status in (401, 403):
            why = failure.detail if failure else str(answer.status)
            return False, say("the device is refused: {why}", why=why), say("ask for a new code and enrol again")
        if failure is None:
            advice = say("check the address: something else answers there")
            return False, say("answered {status}, not as a collector does", status=answer.status), advice
        return (
            False,
            say("answered {status}: {why}", status=answer.status, why=failure.error),
            say("it may pass by itself; else tell your administrator"),
        )

    def clock(self) -> Found:
        """Does this computer's clock agree with the collector's?"""
        say, answer = self.say, self._answer
        if isinstance(answer, AgentError):
            return True, say("not compared: the collector is not reached"), ""
        if answer.server_ms is None:
            return False, say("the collector does not tell its time"), say("tell your administrator")
        seconds = round((answer.server_ms - time.time_ns() // 1_000_000) / 1000)
        found = say("{seconds:+d} s to the collector", seconds=seconds)
        if abs(seconds) * 1000 > CLOCK_MS:
            return False, found, say("set the clock; times are corrected meanwhile")
        return True, found, ""

    @cached_property
    def _answer(self) -> Answer | AgentError:
        try:
            return transport_of(self.settings).get("/api/v1/agent/policy", total_s=ANSWER_S)
        except AgentError as error:
            return error

    def _parts(self) -> SplitResult:
        assert self.identity is not None  # noqa: S101  asked before
        return checked_address(self.identity.url, self.settings.allow_http)

    def _dates(self, ends_s: float) -> Found:
        """A certificate that was found right: how much longer?"""
        left = int((ends_s - time.time()) // 86_400)
        until = datetime.fromtimestamp(ends_s, tz=UTC).date().isoformat()
        found = self.say("trusted until {until}, {days} left", until=until, days=self.say.count(left, "days"))
        return True, found, self.say("tell your administrator that it ends soon") if left < SOON_DAYS else ""


def _certificate(host: str, port: int, context: ssl.SSLContext) -> float:
    """Shake hands and give the end of the certificate, seconds since the epoch. Raises OSError and its kinds."""
    with (
        socket.create_connection((host, port), timeout=CONNECT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        told = secured.getpeercert() or {}
    return float(ssl.cert_time_to_seconds(str(told["notAfter"])))


def _port(parts: SplitResult) -> int:
    return 443 if parts.scheme == "https" else 80


_TELL = N_("tell your administrator")
_ASK = N_("tell your administrator; what is recorded waits on the disk")
_DISTRUSTED = N_("the certificate is not trusted"), N_("set ca_file to the certificate of your company's authority")
_OTHER_NAME = N_("the certificate is made out to another name"), N_("check the address; else tell your administrator")
_REASONS = {
    9: (N_("the certificate is not valid yet"), N_("check the clock of this computer")),
    10: (N_("the certificate has expired"), _ASK),
    18: (N_("the certificate is signed by itself"), _DISTRUSTED[1]),
    19: (N_("the certificate is signed by an authority that this computer does not know"), _DISTRUSTED[1]),
    20: (N_("the certificate is signed by an authority that this computer does not know"), _DISTRUSTED[1]),
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
"""OpenSSL's codes of refusal: what is wrong, what to do."""
_ADVICE = {
    "not_enrolled": N_("enrol it: planwhy-agent enrol --url ADDRESS --code CODE"),
    "config": N_("correct the setting that is named"),
    "unreachable": N_("check the address, the network and the firewall; what is recorded waits on the disk"),
}
