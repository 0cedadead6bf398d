"""The daily digest: who gets which list when, once a day whatever happens, and nobody waits for another's failure."""

import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from activity_rows import at, hire
from crm_rows import clients, deal, task
from mail_server import Mailbox, mail_server
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import ConfigError, MailsFailed, NotFound
from planwhy_collector.facts import Person
from planwhy_collector.jobs.digest import KIND, previewed, send_by_hand, send_digests
from planwhy_collector.jobs.prune import prune
from planwhy_collector.mail import Mail
from planwhy_collector.queries.job_runs import last_runs
from planwhy_collector.queries.mailing import claim_mail, claimed, set_digest
from planwhy_collector.queries.users import add_user, set_locale
from planwhy_collector.scheduler import JOBS, LEASE_MS, Beside, run_tick
from planwhy_collector.services import wall_clock_ms
from planwhy_shared.times import HOUR_MS, day_of
from running import BIN, Program, eventually

NOW = at("2026-10-07 08:30")  # a Wednesday, in Moscow
LEAD, ADMIN = "lead@example.test", "admin@example.test"
HOSTILE = "<script>alert(1)</script>\u202e\r\nBcc: other@example.test"


def account(database: Database, email: str, role: str = "employee", who: Person | None = None) -> int:
    with database.writing() as session:
        key = add_user(session, email, email, role, who and who.id, 0)
        set_locale(session, key, "en")
    return key


def team(database: Database, size: int = 2) -> list[Person]:
    """People with a deal each that has no next step, with accounts e1@…, led by one supervisor."""
    made = [hire(database, f"e{n}", supervisor_email=LEAD) for n in range(1, size + 1)]
    for one in made:
        account(database, f"{one.key}@example.test", who=one)
        deal(database, one, f"deal of {one.key}")
    return made


def texts(box: Mailbox) -> dict[str, str]:
    return {str(m["To"]): m.get_body(("plain",)).get_content() for m in box.got}  # type: ignore[union-attr]


def test_each_reader_gets_the_own_list_and_a_supervisor_those_of_the_people(database: Database, tmp_path: Path) -> None:
    team(database)
    account(database, LEAD, "supervisor")
    account(database, "other@example.test", "supervisor")
    with mail_server(tmp_path) as box:
        assert send_digests(database, box.settings(), at("2026-10-07 12:00")) == 3
    found = texts(box)
    assert found.keys() == {"e1@example.test", "e2@example.test", LEAD}
    assert "deal of e1" in found["e1@example.test"] and "deal of e2" not in found["e1@example.test"]
    assert "deal of e1" in found[LEAD] and "https://planwhy.example.test/next-steps" in found[LEAD]


def test_what_is_nobodys_goes_to_whoever_leads_and_to_administrators(database: Database, tmp_path: Path) -> None:
    hire(database, supervisor_email=LEAD)
    account(database, LEAD, "supervisor")
    account(database, ADMIN, "admin")
    clients(database, None, "c1")
    with mail_server(tmp_path) as box:
        assert send_digests(database, box.settings(), at("2026-10-07 12:00")) == 2
    assert all("Client without an owner" in text for text in texts(box).values())


def test_what_is_new_since_the_last_working_day_stands_first(database: Database) -> None:
    (one,) = team(database, 1)
    task(database, one, "ran out", "2026-10-01 10:00", "2026-10-02 15:00", entity_type="deal", entity_id="deal of e1")
    deal(database, one, "old")
    (letter,) = previewed(database, Settings(), at("2026-10-05 08:30"), None)  # Monday: Friday was the last
    assert letter.mail and letter.mail.subject == "Next steps: 2 in all, 1 new"
    new, standing = letter.mail.text.split("Still open")
    assert "deal of e1" in new and "old" in standing
    (next_day,) = previewed(database, Settings(), at("2026-10-06 08:30"), None)
    assert next_day.mail and next_day.mail.subject == "Next steps: 2 in all, 0 new"


@pytest.mark.parametrize(
    ("moment", "count"), [("2026-10-07 07:59", 0), ("2026-10-07 08:00", 1), ("2026-10-10 12:00", 0)]
)
def test_a_digest_is_due_on_working_days_from_the_hour_in_the_readers_zone(
    database: Database, tmp_path: Path, moment: str, count: int
) -> None:
    team(database, 1)
    with mail_server(tmp_path) as box:
        assert send_digests(database, box.settings(), at(moment)) == count


def test_nothing_goes_out_that_is_empty_or_switched_off_or_sent_already(database: Database, tmp_path: Path) -> None:
    account(database, "empty@example.test", who=hire(database))
    account(database, "council@example.test", "council")
    with mail_server(tmp_path) as box:
        assert send_digests(database, box.settings(), NOW) == 0
        (one,) = [hire(database, "e2")]
        deal(database, one, "d1")
        key = account(database, "e2@example.test", who=one)
        with database.writing() as session:
            set_digest(session, key, False)
        assert send_digests(database, box.settings(), NOW) == 0
        with database.writing() as session:
            set_digest(session, key, True)
        assert [send_digests(database, box.settings(), NOW + n) for n in range(3)] == [1, 0, 0]
        assert send_digests(database, box.settings(), NOW + 24 * HOUR_MS) == 1
    assert box.recipients == ["e2@example.test"] * 2


def test_an_empty_digest_is_settled_for_the_day(database: Database, tmp_path: Path) -> None:
    person = hire(database)
    account(database, "e1@example.test", who=person)
    with mail_server(tmp_path) as box:
        assert send_digests(database, box.settings(), NOW) == 0
        deal(database, person, "d1")
        assert send_digests(database, box.settings(), NOW + HOUR_MS) == 0
    assert box.got == []


def test_several_processes_send_each_mail_once(either: Database, tmp_path: Path) -> None:
    team(either, 4)
    with mail_server(tmp_path) as box:
        settings = box.settings()
        other = Database(either.url)
        work = [threading.Thread(target=send_digests, args=(d, settings, NOW)) for d in (either, other)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        other.close()
    assert sorted(box.recipients) == [f"e{n}@example.test" for n in (1, 2, 3, 4)]


def test_a_process_killed_before_it_sent_leaves_a_claim_and_no_mail(database: Database, tmp_path: Path) -> None:
    team(database, 1)
    (letter,) = previewed(database, Settings(), NOW, None)
    with database.writing() as session:
        assert claim_mail(session, KIND, letter.reader.user.id, letter.reader.day, NOW)
    with mail_server(tmp_path) as box:
        assert send_digests(database, box.settings(), NOW + HOUR_MS) == 0


def test_a_process_killed_when_its_mail_was_taken_sends_no_second_one(database: Database, tmp_path: Path) -> None:
    team(database, 1)
    with mail_server(tmp_path) as box:
        box.silent = True
        names = {
            "smtp_port": box.port,
            "smtp_host": "localhost",
            "smtp_security": "none",
            "mail_from": "p@example.test",
        }
        environment = {f"PLANWHY_{name.upper()}": str(value) for name, value in names.items()}
        environment["PLANWHY_DATABASE_URL"] = database.url
        sender = Program([str(BIN / "planwhy"), "digest", "send"], environment, tmp_path / "log")
        sender.start()
        eventually(lambda: box.got, within_s=90)
        sender.kill()
        box.silent = False
        assert send_by_hand(database, box.settings(), wall_clock_ms(), None) == 0
    assert box.recipients == ["e1@example.test"]


def test_a_tick_that_is_taken_over_in_the_middle_of_a_mail_sends_it_once(either: Database, tmp_path: Path) -> None:
    team(either, 1)
    with mail_server(tmp_path) as box:
        box.silent = True
        first = threading.Thread(target=tick, args=(either, box.settings(), NOW))
        first.start()
        eventually(lambda: box.got)
        assert tick(either, box.settings(), NOW + LEASE_MS + 1) is None
        assert box.recipients == ["e1@example.test"]
        with either.reading() as session:
            assert [(run.status, run.attempts) for run in last_runs(session)] == [("done", 2)]
        first.join()


def test_a_delayed_mail_goes_out_with_the_next_tick_and_holds_up_nobody(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    team(database, 3)
    caplog.set_level(logging.DEBUG, "planwhy")
    with mail_server(tmp_path) as box:
        box.refusing["e2@example.test"] = "451 later"
        with pytest.raises(MailsFailed, match="2 sent, 1 delayed, 0 refused"):
            send_digests(database, box.settings(), NOW)
        box.refusing.clear()
        assert send_digests(database, box.settings(), NOW + HOUR_MS) == 1
    assert sorted(box.recipients) == ["e1@example.test", "e2@example.test", "e3@example.test"]
    assert "example.test" not in caplog.text and "deal of" not in caplog.text and "mail_delayed" in caplog.text


def test_a_refused_mail_is_not_tried_again_that_day_but_counted(database: Database, tmp_path: Path) -> None:
    team(database, 2)
    with mail_server(tmp_path) as box:
        box.refusing["e1@example.test"] = "550 no such user"
        tick(database, box.settings(), NOW)
        assert tick(database, box.settings(), NOW + HOUR_MS) == "mails_failed: 0 sent, 0 delayed, 1 refused"
        assert box.asked == 2
        box.refusing.clear()
        assert tick(database, box.settings(), NOW + 24 * HOUR_MS) is None
    assert box.recipients == ["e2@example.test", "e1@example.test", "e2@example.test"]


def tick(database: Database, settings: Settings, now_ms: int) -> str | None:
    """Run the job as the scheduler does; what it stored."""
    (job,) = [one for one in JOBS if one.name == "digest"]
    assert run_tick(job, Beside(database, settings, clock=lambda _session: now_ms))
    with database.reading() as session:
        return next(run.error for run in last_runs(session) if run.job == "digest")


def test_a_server_that_is_away_delays_all_and_is_shown_with_the_job(database: Database, tmp_path: Path) -> None:
    team(database, 2)
    with mail_server(tmp_path) as box:
        settings = box.settings()
    assert tick(database, settings, NOW) == "mail_stopped"
    with database.reading() as session:
        assert claimed(session, KIND, [day_of(NOW, hire(database, "e9").zone)]) == set()


def test_without_a_mail_server_the_job_does_nothing_and_says_so(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    team(database, 1)
    caplog.set_level(logging.INFO, "planwhy")
    assert send_digests(database, Settings(), NOW) == 0 and "smtp_host" in caplog.text
    with pytest.raises(ConfigError, match="smtp_host"):
        send_by_hand(database, Settings(), NOW, None)


def test_by_hand_a_digest_goes_out_at_any_hour_and_to_one_account_again(database: Database, tmp_path: Path) -> None:
    team(database, 2)
    sunday = at("2026-10-11 05:00")
    with mail_server(tmp_path) as box:
        assert [send_by_hand(database, box.settings(), sunday, None) for _ in range(2)] == [2, 0]
        assert send_by_hand(database, box.settings(), sunday, " E1@example.test ") == 1
        with pytest.raises(NotFound):
            send_by_hand(database, box.settings(), sunday, "nobody@example.test")
        with pytest.raises(ConfigError, match="mail_from"):
            send_by_hand(database, box.settings(mail_from=""), sunday, "e1@example.test")


def only_mail(database: Database, **more: Any) -> Mail:
    (letter,) = previewed(database, Settings(**({"default_locale": "en"} | more)), NOW, None)
    assert letter.mail
    return letter.mail


def test_hostile_titles_stay_texts(database: Database, tmp_path: Path) -> None:
    person = hire(database)
    account(database, "e1@example.test", who=person)
    deal(database, person, HOSTILE)
    mail = only_mail(database, crm_url="https://acme.bitrix24.ru")
    assert "<script" not in mail.html and "&lt;script&gt;" in mail.html and "\u202e" not in mail.text + mail.html
    assert "\nBcc" not in mail.text and "Bcc" not in mail.subject
    assert 'rel="noreferrer"' in mail.html and "src=" not in mail.html and "url(" not in mail.html
    with mail_server(tmp_path) as box:
        send_by_hand(database, box.settings(), NOW, None)
    assert box.recipients == ["e1@example.test"] and box.got[0]["Bcc"] is None


def test_long_lists_are_cut_and_link_to_the_page(database: Database) -> None:
    person = hire(database)
    account(database, "e1@example.test", who=person)
    for number in range(40):
        deal(database, person, f"deal {number}")
    mail = only_mail(database, public_url="https://planwhy.example.test/")
    assert mail.text.count("- Deal without a next step") == 12
    assert "and more: 28  https://planwhy.example.test/me#next-steps" in mail.text
    assert mail.leave == "https://planwhy.example.test/account#digest" and mail.leave in mail.text


def test_a_digest_speaks_the_readers_language(database: Database) -> None:
    person = hire(database)
    key = account(database, "e1@example.test", who=person)
    deal(database, person, "d1")
    with database.writing() as session:
        set_locale(session, key, "ru")
    mail = only_mail(database)
    assert mail.subject == "Следующие шаги: всего 1, новых 0" and "Сделка без следующего шага" in mail.text


def test_the_record_of_mails_is_forgotten_after_90_days(database: Database) -> None:
    day = day_of(NOW, hire(database).zone)
    with database.writing() as session:
        claim_mail(session, KIND, 1, day, NOW)
    for days, kept in ((89, 1), (91, 0)):
        prune(database, Settings(), NOW + days * 24 * HOUR_MS)
        with database.reading() as session:
            assert len(claimed(session, KIND, [day])) == kept
