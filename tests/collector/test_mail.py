"""Mail to a real server over real sockets: certificates, sign-in, refusals, and headers that nobody can forge."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_server import PASSWORD, USER, mail_server
from planwhy_collector.config import Settings
from planwhy_collector.errors import ConfigError, MailDelayed, MailRefused, MailStopped
from planwhy_collector.mail import Mail, composed, send
from running import free_port

MAIL = Mail(
    "reader@example.test", "Следующие шаги: 3", "Текст", "<p>Текст</p>", "digest.7.2026-10-07", "https://p.test/a"
)
NOW = 1_791_000_000_000


def test_a_mail_arrives_whole_in_text_and_html(tmp_path: Path) -> None:
    with mail_server(tmp_path) as box:
        send(box.settings(), MAIL, NOW)
    (got,) = box.got
    assert (got["To"], got["Subject"], got["From"]) == (MAIL.to, MAIL.subject, "Planwhy <planwhy@example.test>")
    assert (got["List-Unsubscribe"], got["Message-ID"]) == (f"<{MAIL.leave}>", f"<{MAIL.key}@example.test>")
    parts = {part.get_content_type(): part.get_content().strip() for part in got.iter_parts()}  # type: ignore[attr-defined]
    assert parts == {"text/plain": "Текст", "text/html": "<p>Текст</p>"}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_a_known_authority_is_accepted(tmp_path: Path, security: str) -> None:
    with mail_server(tmp_path, security=security) as box:
        signed = {"smtp_user": USER, "smtp_password": PASSWORD} if security == "starttls" else {}
        send(box.settings(smtp_security=security, smtp_ca_file=box.ca_file, **signed), MAIL, NOW)
    assert box.recipients == [MAIL.to]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(("name", "trusted"), [("localhost", False), ("elsewhere.example.test", True)])
def test_another_authority_or_another_name_gets_no_mail_and_no_password(
    tmp_path: Path, security: str, name: str, trusted: bool
) -> None:
    with mail_server(tmp_path, name=name, security=security) as box:
        settings = box.settings(smtp_security=security, smtp_ca_file=box.ca_file if trusted else "", smtp_user=USER)
        with pytest.raises(MailStopped, match="SSLCertVerificationError"):
            send(settings, MAIL, NOW)
    assert (box.got, box.asked) == ([], 0)


def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for(tmp_path: Path) -> None:
    with mail_server(tmp_path) as box, pytest.raises(MailStopped, match="SMTPNotSupportedError"):
        send(box.settings(smtp_security="starttls"), MAIL, NOW)
    assert box.got == []


def test_a_wrong_password_stops_all_mails_and_is_not_told(tmp_path: Path) -> None:
    with mail_server(tmp_path, security="starttls") as box:
        wrong = {"smtp_user": USER, "smtp_password": "secret wrong"}
        with pytest.raises(MailStopped, match="535") as error:
            send(box.settings(smtp_security="starttls", smtp_ca_file=box.ca_file, **wrong), MAIL, NOW)
    assert "secret" not in str(error.value) and error.value.retryable


@pytest.mark.parametrize("where", [MAIL.to, "data"])
@pytest.mark.parametrize(("answer", "kind"), [("550 no such user", MailRefused), ("451 later", MailDelayed)])
def test_permanent_and_temporary_refusals_are_told_apart(
    tmp_path: Path, where: str, answer: str, kind: type[MailRefused | MailDelayed]
) -> None:
    with mail_server(tmp_path) as box:
        box.refusing[where] = answer
        with pytest.raises(kind) as error:
            send(box.settings(), MAIL, NOW)
    assert error.value.retryable == (kind is MailDelayed) and MAIL.to not in str(error.value)


def test_a_server_that_is_away_stops_all_mails() -> None:
    settings = Settings(smtp_host="localhost", smtp_port=free_port(), smtp_security="none", mail_from="a@example.test")
    with pytest.raises(MailStopped, match="ConnectionRefusedError"):
        send(settings, MAIL, NOW)


@pytest.mark.parametrize("sender", ["", "planwhy", "a@b\nBcc: x@y.test", "@example.test"])
def test_a_wrong_sender_is_a_wrong_setting(sender: str) -> None:
    with pytest.raises(ConfigError, match="mail_from"):
        composed(MAIL, sender, NOW)


def test_an_address_that_mail_cannot_go_to_is_refused() -> None:
    for to in ("почта@example.test", "a@", "a\r\nBcc: b@example.test@c.test", "a@exa mple.test"):
        with pytest.raises(MailRefused):
            composed(Mail(to, "s", "t", "h", "k"), "planwhy@example.test", NOW)
    idn = composed(Mail("a,b@пример.test", "s", "t", "h", "k"), "planwhy@example.test", NOW)
    assert idn["To"] == '"a,b"@xn--e1afmkfd.test'


@given(st.text(), st.text(st.characters(codec="utf-8"), max_size=200))
def test_no_subject_or_text_makes_a_header(subject: str, text: str) -> None:
    try:
        message = composed(Mail(MAIL.to, subject, text, text, "k"), "planwhy@example.test", NOW)
        sent = message.as_bytes()
    except UnicodeEncodeError:  # a lone surrogate is no text
        return
    read = message_from_bytes(sent, policy=default)
    assert sorted(read.keys()) == sorted(message.keys()) and read["To"] == MAIL.to
