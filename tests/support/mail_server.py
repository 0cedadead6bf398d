"""A real mail server on a free port, with a certificate of its own authority, that answers as a test wants."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from planwhy_collector.config import Settings
from running import free_port

USER, PASSWORD = "planwhy", "correct horse"


@dataclass
class Mailbox:
    """What the server took, and what it answers: `refusing` maps a recipient, or "data", to an answer.

    With `silent` it takes mails and never says so.
    """

    port: int = 0
    ca_file: str = ""
    got: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refusing: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    silent: bool = False

    async def handle_RCPT(  # noqa: N802  the server's own name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        self.asked += 1
        if address in self.refusing:
            return self.refusing[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if "data" in self.refusing:
            return self.refusing["data"]
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.got.append(message)
        self.recipients += envelope.rcpt_tos
        if self.silent:
            await asyncio.sleep(60)
        return "250 OK"

    def settings(self, **more: Any) -> Settings:
        """Settings that reach this server."""
        fields: dict[str, Any] = {
            "smtp_host": "localhost", "smtp_port": self.port, "smtp_security": "none", "smtp_timeout_s": 5.0,
            "mail_from": "planwhy@example.test", "public_url": "https://planwhy.example.test", "default_locale": "en",
        }  # fmt: skip
        return Settings(**(fields | more))


@contextmanager
def mail_server(folder: Path, name: str = "localhost", security: str = "none") -> Iterator[Mailbox]:
    """Run it; with `starttls` it takes mail only after TLS and sign-in, with `tls` the connection begins with TLS."""
    authority = trustme.CA()
    box = Mailbox(ca_file=str(folder / "ca.pem"))
    authority.cert_pem.write_to_path(box.ca_file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    box.port = free_port()
    more: dict[str, Any] = {"ssl_context": context} if security == "tls" else {}
    if security == "starttls":
        more = {
            "tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": _authenticate,
        }  # fmt: skip
    server = Controller(box, hostname="localhost", port=box.port, **more)
    server.start()
    try:
        yield box
    finally:
        server.stop()


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)
