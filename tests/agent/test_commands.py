"""The command line as a person uses it: clear words, exit codes 0, 1 and 2, JSON where a script may read."""

import json
import os
import stat
from pathlib import Path

import pytest
from ingest_stub import ingest_stub
from planwhy_agent import cli


@pytest.fixture
def home(tmp_path: Path, monkeypatch):
    for name in [n for n in os.environ if n.startswith(("PLANWHY_", "XDG_", "LANG", "LC_", "DBUS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PLANWHY_AGENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLANWHY_AGENT_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv("DISPLAY", raising=False)
    return tmp_path


@pytest.fixture
def stub():
    with ingest_stub() as found:
        yield found


def enrolled(url: str, *more: str) -> int:
    return cli.main(["enrol", "--url", url, "--code", "CODE", *more])


def test_enrolment_shows_the_notice_and_keeps_the_token_from_others(home, stub, capsys):
    assert enrolled(stub[1], "--acknowledge-notice") == 0
    said = capsys.readouterr().out
    assert "Что записывается" in said
    assert "secret-token" not in said
    token = home / "data" / "token"
    assert token.read_text() == "secret-token"
    assert os.name != "posix" or stat.S_IMODE(token.stat().st_mode) == 0o600


def test_a_refused_code_ends_with_one_line_and_exit_code_1(home, stub, capsys):
    assert cli.main(["enrol", "--url", stub[1], "--code", "WRONG"]) == 1
    assert capsys.readouterr().err.startswith("planwhy-agent: enrol_refused: ")


def test_an_error_is_introduced_in_the_persons_language(home, stub, capsys):
    assert cli.main(["enrol", "--url", stub[1], "--code", "WRONG", "--lang", "ru"]) == 1
    assert capsys.readouterr().err.startswith("planwhy-agent: enrol_refused: компьютер не подключён: the collector")
    assert cli.main(["run", "--lang", "ru"]) == 1
    assert "not_enrolled: компьютер не подключён; выполните" in capsys.readouterr().err


def test_enrolling_twice_needs_to_be_said(home, stub, capsys):
    enrolled(stub[1])
    assert enrolled(stub[1]) == 1
    assert "--replace" in capsys.readouterr().err
    assert enrolled(stub[1], "--replace") == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["enrol"],
        ["pause"],
        ["pause", "0"],
        ["pause", "1441"],
        ["pause", "soon"],
        ["spool"],
        ["autostart", "maybe"],
    ],
)
def test_wrong_usage_ends_with_exit_code_2(home, arguments):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("PLANWHY_AGENT_TYPO", "1"), ("PLANWHY_AGENT_IDLE_AFTER_S", "soon"), ("PLANWHY_AGENT_QUOTA_MB", "1")],
)
def test_a_wrong_setting_stops_the_start_and_is_named(home, capsys, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert cli.main(["status"]) == 1
    assert name.removeprefix("PLANWHY_AGENT_").lower() in capsys.readouterr().err.lower()


def test_an_unknown_key_in_the_file_is_named(home, capsys, monkeypatch):
    (home / "a.toml").write_text('url = "https://x.example"\ntypo = 1\n')
    monkeypatch.setenv("PLANWHY_AGENT_CONFIG", str(home / "a.toml"))
    assert cli.main(["status"]) == 1
    assert "typo" in capsys.readouterr().err


def test_status_says_in_words_that_nothing_is_recorded(home, capsys):
    assert cli.main(["status"]) == 0
    assert "nothing is recorded" in capsys.readouterr().out
    assert not (home / "data" / "spool.sqlite3").exists()


def test_status_says_that_a_week_is_free(home, stub, capsys):
    stub[0].policy["working_hours"] = "-"
    enrolled(stub[1], "--acknowledge-notice")
    capsys.readouterr()
    assert cli.main(["status"]) == 0
    assert "not at all in the coming week" in capsys.readouterr().out


def test_status_as_json_is_one_document(home, stub, capsys):
    enrolled(stub[1], "--acknowledge-notice")
    capsys.readouterr()
    assert cli.main(["status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["running"], found["employee"], found["notice_acknowledged"]) == (False, "Person One", True)


def test_doctor_names_what_is_wrong_and_what_to_do(home, stub, capsys):
    enrolled(stub[1])
    capsys.readouterr()
    assert cli.main(["doctor", "--json"]) == 1
    checks = {c["name"]: c for c in json.loads(capsys.readouterr().out)["checks"]}
    assert checks["collector"]["ok"]
    assert checks["clock"]["ok"]
    assert [n for n, c in checks.items() if not c["ok"]] == ["display", "notice", "running"]
    assert all(c["advice"] for c in checks.values() if not c["ok"])


def test_doctor_sees_a_clock_that_is_wrong(home, stub, capsys):
    stub[0].clock_ahead_s = -900
    enrolled(stub[1])
    capsys.readouterr()
    cli.main(["doctor", "--json"])
    checks = {c["name"]: c for c in json.loads(capsys.readouterr().out)["checks"]}
    assert not checks["clock"]["ok"]
    assert checks["clock"]["found"].startswith(("-899", "-900"))


def test_run_before_enrolment_says_what_to_do(home, capsys):
    assert cli.main(["run"]) == 1
    assert "not_enrolled" in capsys.readouterr().err


def test_run_without_a_display_says_so(home, stub, capsys):
    enrolled(stub[1], "--acknowledge-notice")
    assert cli.main(["run"]) == 1
    assert "no_display" in capsys.readouterr().err


def test_stopping_what_does_not_run_says_so(home, capsys):
    assert cli.main(["stop"]) == 0
    assert "does not run" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="Windows has a registry for it")
def test_autostart_is_one_file_that_comes_and_goes(home, capsys):
    path = home / ".config" / "autostart" / "planwhy-agent.desktop"
    assert cli.main(["autostart", "on"]) == 0
    assert "planwhy_agent.cli run" in path.read_text()
    assert cli.main(["autostart", "off"]) == 0
    assert not path.exists()


def test_purge_asks_and_leaves_what_is_not_its_own(home, stub, capsys):
    enrolled(stub[1])
    (home / "data" / "thesis.txt").write_text("mine")
    assert cli.main(["purge"]) == 1
    assert cli.main(["purge", "--yes"]) == 0
    assert [p.name for p in (home / "data").iterdir()] == ["thesis.txt"]


def test_flush_without_a_collector_is_exit_code_1_and_keeps_everything(home, capsys):
    with ingest_stub() as (_, url):
        enrolled(url)
    capsys.readouterr()
    from agent_parts import stretches
    from planwhy_agent.spool import Spool

    spool = Spool(home / "data" / "spool.sqlite3", recover=True)
    spool.write(stretches(2), None)
    spool.close()
    assert cli.main(["spool", "flush", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["waiting"] == 2
    assert cli.main(["spool", "show"]) == 0
    assert [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()] == [1, 2]


@pytest.mark.parametrize("damage", ['"whenever"', '"Mon 25:00-26:00"', "7", "{"])
def test_a_damaged_policy_file_means_that_nothing_may_be_recorded(home, stub, capsys, damage):
    enrolled(stub[1], "--acknowledge-notice")
    path = home / "data" / "policy.json"
    path.write_text(path.read_text().replace('"Mon-Sun 00:00-24:00"', damage))
    capsys.readouterr()
    assert cli.main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["notice_acknowledged"] is False


def test_without_a_runtime_folder_of_the_session_sockets_lie_among_the_persons_own_files(tmp_path, monkeypatch):
    from planwhy_agent.config import Settings

    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert Settings(data_dir=str(tmp_path)).runtime == tmp_path / "run"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "session"))
    assert Settings(data_dir=str(tmp_path)).runtime == tmp_path / "session" / "planwhy-agent"
