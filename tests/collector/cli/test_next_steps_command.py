"""The lists and the digest on the command line, as a user runs them."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from csv_folder import written
from mail_server import PASSWORD, USER, mail_server
from planwhy_collector.cli import main
from running import CollectorProgram

EMPLOYEES = "employee_id,name,team,supervisor_email\ne1,First Person,North,lead@example.test\ne2,Second Person,South,\n"
DEALS = (
    "deal_id,employee_id,client_id,kind,title,amount,currency,created_at,closed_at,outcome\n"
    "d1,e1,,new,Deal \x1b[31mred,500.00,RUB,2026-10-01T10:00:00+03:00,,open\n"
    "d2,,,new,Second,500.00,RUB,2026-10-01T10:00:00+03:00,,open\n"
)


@pytest.fixture
def home(tmp_path: Path) -> CollectorProgram:
    """An imported folder with a deal of the first person and one of nobody."""
    made = CollectorProgram(tmp_path)
    (tmp_path / "csv").mkdir()
    nothing = {"tasks": "", "contacts": "", "absences": "", "plans": "", "clients": ""}
    written(tmp_path / "csv", employees=EMPLOYEES, deals=DEALS.replace("\x1b", ""), **nothing)
    made.call("import", str(tmp_path / "csv"))
    made.environment |= {"PLANWHY_DEFAULT_LOCALE": "en"}
    return made


def test_the_lists_are_printed_and_filtered(home: CollectorProgram) -> None:
    found = home.json("next-steps", "--json")["items"]
    assert [(one["employee_id"], one["kind"]) for one in found] == [
        ("e1", "deal_without_step"), (None, "deal_without_step"), (None, "deal_without_owner"),
    ]  # fmt: skip
    assert len(home.json("next-steps", "--json", "--kind", "deal_without_owner", "--team", "South")["items"]) == 1
    shown = home.command_line("next-steps", "--employee", "e1")
    assert shown.startswith("First Person\n  Deal without a next step") and "\x1b" not in shown
    before = home.json("next-steps", "--json", "--as-of", "2026-09-30T10:00:00+03:00")
    assert before == {"as_of": "2026-09-30T07:00:00+00:00", "items": []}


@pytest.mark.parametrize(
    "wrong", [("--kind", "fun"), ("--employee", "e1", "--team", "North"), ("--as-of", "2026-10-01")]
)
def test_wrong_questions_are_wrong_usage(wrong: tuple[str, ...]) -> None:
    assert CliRunner().invoke(main, ["next-steps", *wrong]).exit_code == 2


def test_the_digest_is_shown_sent_once_and_listed(home: CollectorProgram, tmp_path: Path) -> None:
    home.call("user", "add", "--email", "lead@example.test", "--name", "Lead", "--role", "supervisor")
    assert "smtp_host" in home.call("job", "list")
    shown = home.call("digest", "send", "--dry-run")
    assert shown.startswith("To: lead@example.test\nSubject: Next steps: 3 in all") and "Nobody's (2)" in shown
    with mail_server(tmp_path, security="starttls") as box:
        (tmp_path / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
        home.environment |= {
            "PLANWHY_SMTP_HOST": "localhost", "PLANWHY_SMTP_PORT": str(box.port), "PLANWHY_SMTP_USER": USER,
            "PLANWHY_SMTP_PASSWORD_FILE": str(tmp_path / "password"), "PLANWHY_SMTP_CA_FILE": box.ca_file,
            "PLANWHY_MAIL_FROM": "planwhy@example.test",
        }  # fmt: skip
        for arguments, count in (((), 1), ((), 1), (("--to", "lead@example.test"), 2)):
            home.command_line("digest", "send", *arguments)
            assert box.recipients == ["lead@example.test"] * count
