"""Mail by SMTP, one connection for each. In: a message in parts. Out: taken by the server, or why not, as a type.

Never: an address, a subject or a title in a log or an error; a connection whose certificate was not verified; a header
made by gluing texts together.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from planwhy_collector.config import Settings
from planwhy_collector.errors import ConfigError, MailDelayed, MailRefused, MailStopped

_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
PERMANENT = 500
"""Answers from here on are a no for good (RFC 5321, section 4.2.1)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message with a text and an HTML part. `key` names it for good: the same mail sent twice has the same id.

    `leave`: the page where these mails are switched off, if there is an address for it.
    """

    to: str
    subject: str
    text: str
    html: str
    key: str
    leave: str = ""


def composed(mail: Mail, sender: str, now_ms: int) -> EmailMessage:
    """Make the message. Raises ConfigError for the sender's address, MailRefused for one that no mail can go to."""
    try:
        author = _address(sender)
    except ValueError:
        raise ConfigError("mail_from: not an address such as planwhy@example.com") from None
    message = EmailMessage(policy=SMTP)
    try:
        message["To"] = _address(mail.to)
    except ValueError:
        raise MailRefused("not an address that mail can go to") from None
    message["From"] = Address("Planwhy", author.username, author.domain)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = datetime.fromtimestamp(now_ms / 1000, UTC)
    message["Message-ID"] = f"<{mail.key}@{author.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.leave:
        message["List-Unsubscribe"] = f"<{mail.leave}>"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def send(settings: Settings, mail: Mail, now_ms: int) -> None:
    """Hand a mail to the server. Raises MailRefused or MailDelayed for this mail, MailStopped where none can be sent.

    A connection lost before the server said yes counts as delayed: the mail is sent again, under the same id.
    """
    message = composed(mail, settings.mail_from, now_ms)
    with _signed_in(settings) as server:
        try:
            server.send_message(message)
        except smtplib.SMTPSenderRefused as error:
            raise MailStopped(f"the mail server does not accept the sender: {error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused as error:
            raise _failure(max(code for code, _ in error.recipients.values())) from None
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailDelayed(f"the connection to the mail server was lost: {type(error).__name__}") from None


@contextmanager
def _signed_in(settings: Settings) -> Iterator[smtplib.SMTP]:
    try:
        server = _connected(settings)
    except smtplib.SMTPResponseException as error:
        raise MailStopped(f"the mail server does not let this collector in: {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailStopped(f"the mail server cannot be reached safely: {type(error).__name__}") from None
    try:
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port, timeout = settings.smtp_host, settings.smtp_port, settings.smtp_timeout_s
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=_trust(settings))
    else:
        server = smtplib.SMTP(host, port, timeout=timeout)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=_trust(settings))
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except (smtplib.SMTPException, OSError):
        server.close()
        raise
    return server


def _trust(settings: Settings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.smtp_ca_file or None)
    except OSError as error:
        raise ConfigError(f"smtp_ca_file: {error.strerror or error}") from None


def _failure(code: int) -> MailRefused | MailDelayed:
    if code >= PERMANENT:
        return MailRefused(f"the mail server refused the mail: {code}")
    return MailDelayed(f"the mail server does not take the mail now: {code}")


def _address(text: str) -> Address:
    """Read `name@example.com`; the host may be in Unicode. Raises ValueError for what SMTP cannot carry."""
    local, _, host = text.rpartition("@")
    domain = host.encode("idna").decode("ascii")
    if not local or not local.isascii() or not local.isprintable() or not _HOST.fullmatch(domain):
        raise ValueError(text)
    return Address(username=local, domain=domain)
