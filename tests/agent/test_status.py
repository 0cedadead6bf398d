"""What `status` tells: every state in words, in two languages; who looked; JSON that never changes its language."""

import json
import os
from pathlib import Path

import msgspec
import pytest
from agent_parts import NOON_MS, policy
from hypothesis import given
from hypothesis import strategies as st
from ingest_stub import ingest_stub
from planwhy_agent import cli, health, pause
from planwhy_agent.condition import NOTHING, Condition, Facts, condition_of, facts_of
from planwhy_agent.config import Settings, load_settings
from planwhy_agent.identity import Identity
from planwhy_agent.policy import PolicyStore, StoredPolicy
from planwhy_agent.spool import Counts, Spool
from planwhy_agent.status_words import lines
from planwhy_agent.transport import Transport
from planwhy_agent.upload import Uploader
from planwhy_agent.words import Words
from planwhy_shared.wire import Notice, PolicyAnswer, ToldLook

MINUTE_MS = 60_000
LOOK = ToldLook(NOON_MS - MINUTE_MS, "Lead", "supervisor", "client_complaint")
ALIVE = health.Health(
    7, 0, 0, "active", NOON_MS - 12 * MINUTE_MS, "xterm", 1, "", False, 0, health.Sending("ok", "", NOON_MS - 90_000)
)
WHOLE = Facts(
    pid=7,
    alive=ALIVE,
    identity=Identity("https://planwhy.example/", "d1", "e1", "One", "file", 1),
    stored=StoredPolicy(PolicyAnswer(policy(), Notice("n1", "read me"), (LOOK,))),
    acknowledged=True,
    paused_until_ms=0,
    working=True,
    sending=ALIVE.sending,
)
COUNTS = Counts(3, 10, 0, 0, {})


def told(facts: Facts, language: str = "en", counts: Counts = COUNTS) -> str:
    """The whole text."""
    return "\n".join(lines(facts, counts, Words(language), NOON_MS))


def but(**changes: object) -> Facts:
    """The usual facts, changed."""
    return Facts(**{name: getattr(WHOLE, name) for name in Facts.__slots__} | changes)  # type: ignore[arg-type]


def alive(**changes: object) -> health.Health:
    """The running agent, changed."""
    return msgspec.structs.replace(ALIVE, **changes)


CASES = [
    (NOTHING, Condition.NOT_ENROLLED, "Компьютер не подключён: ничего не записывается"),
    (but(stored=None, damaged=True), Condition.NO_POLICY, "policy_invalid: сохранённые правила не читаются"),
    (but(acknowledged=False), Condition.UNACKNOWLEDGED, "Уведомление не подтверждено: ничего не записывается"),
    (but(paused_until_ms=NOON_MS + 5 * MINUTE_MS), Condition.PRIVATE, "(ещё 5 минут)"),
    (but(paused_until_ms=2**62), Condition.PRIVATE, "Личное время, пока его не закончат"),
    (but(alive=None, pid=None), Condition.STOPPED, "Агент не запущен: ничего не записывается"),
    (but(alive=alive(display="gone")), Condition.OUT_OF_SIGHT, "Рабочий стол не виден"),
    (but(working=False), Condition.OUTSIDE_HOURS, "Нерабочее время"),
    (WHOLE, Condition.RECORDING, "Идёт запись: впереди xterm, с "),
    (but(alive=alive(recording="idle", app=None)), Condition.RECORDING, "Идёт запись: за компьютером никого"),
    (but(alive=alive(remote=True)), Condition.RECORDING, "Это удалённый сеанс"),
    (but(alive=alive(browser_trouble={"floods": 2, "new": 1})), Condition.RECORDING, "за поток сообщений 2, new 1"),
    (but(alive=alive(disk_full=True)), Condition.RECORDING, "На диске нет места"),
]


@pytest.mark.parametrize(("facts", "condition", "said"), CASES, ids=[str(case[1].value) for case in CASES])
def test_each_state_is_told_in_words(facts: Facts, condition: Condition, said: str) -> None:
    assert condition_of(facts) is condition
    assert said in told(facts, "ru")


def test_since_when_and_when_it_was_last_sent_are_told_as_people_say_it() -> None:
    assert "(12 minutes ago)" in told(WHOLE) and "(1 minute ago)" in told(WHOLE)
    assert "(12 минут назад)" in told(WHOLE, "ru") and "(1 минуту назад)" in told(WHOLE, "ru")


def test_who_looked_is_told_by_name_role_and_purpose() -> None:
    assert "Lead (supervisor): a client's complaint" in told(WHOLE)
    assert "Lead (руководитель): жалоба клиента" in told(WHOLE, "ru")


def test_a_name_cannot_steer_the_terminal() -> None:
    steering = msgspec.structs.replace(LOOK, name="\x1b[2JLead\r\n", role="\x07boss", purpose="unheard-of")
    answer = PolicyAnswer(policy(), Notice("n1", "t"), (steering,))
    assert "?[2JLead?? (?boss): unheard-of" in told(but(stored=StoredPolicy(answer)))


@pytest.mark.parametrize(
    ("sending", "said"),
    [
        (health.Sending("locked_out", "revoked", 1), "refuses this computer"),
        (health.Sending("waiting", "unreachable", None, None, NOON_MS), "is not reached"),
        (health.Sending("waiting", "unreachable", NOON_MS - 1), "Not sent since"),
    ],
)
def test_what_keeps_it_from_sending_is_told_with_its_reason(sending: health.Sending, said: str) -> None:
    assert said in told(but(sending=sending)) and f"Reason: {sending.problem}" in told(but(sending=sending))


def test_the_policy_is_told_in_words() -> None:
    strict = policy(working_hours="Mon-Fri 09:00-18:00", titles="drop", path_hosts=(), mask_patterns=("x",))
    said = told(but(stored=StoredPolicy(PolicyAnswer(strict, Notice("n1", "t")))), "ru")
    assert "Записывается: Пн-Пт 09:00-18:00 (UTC)" in said and "Заголовки окон и вкладок не сохраняются" in said
    assert "От адресов сохраняется только имя сайта\n" in said and "1 шаблон" in said
    assert "вместе с путём — у bitrix24.ru" in told(WHOLE, "ru")


@given(
    st.builds(
        health.Sending,
        state=st.sampled_from(["idle", "ok", "waiting", "locked_out"]),
        sent_ms=st.none() | st.integers(-(2**60), 2**60),
        next_ms=st.none() | st.integers(-(2**60), 2**60),
    ),
    st.integers(0, 2**62),
    st.integers(-(2**60), 2**60),
    st.sampled_from(["en", "ru"]),
)
def test_no_state_of_the_files_ends_in_an_error(
    sending: health.Sending, paused: int, since: int, language: str
) -> None:
    facts = but(sending=sending, paused_until_ms=paused, alive=alive(since_ms=since))
    assert len(told(facts, language).splitlines()) >= 9


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in [n for n in os.environ if n.startswith(("PLANWHY_", "XDG_", "LANG", "LC_", "DBUS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PLANWHY_AGENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLANWHY_AGENT_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return load_settings(os.environ)


def test_a_look_arrives_with_the_next_fetch_of_the_policy(settings: Settings) -> None:
    with ingest_stub() as (stub, url):
        cli.main(["enrol", "--url", url, "--code", "C", "--acknowledge-notice"])
        usual = stub.answer_of()
        stub.answer_of = lambda: usual | {"looks": [msgspec.to_builtins(LOOK)]}  # type: ignore[method-assign]
        spool = Spool(settings.data / "spool.sqlite3", recover=True)
        uploader = Uploader(Transport(url), spool, PolicyStore(settings.data), settings.data, lambda _news: None)
        uploader.attempt(0.0)
        spool.close()
    stored = facts_of(settings, NOON_MS).stored
    assert stored is not None and stored.answer.looks == (LOOK,)


def test_json_has_the_same_keys_and_words_in_every_language(settings: Settings, capsys) -> None:
    with ingest_stub() as (_, url):
        cli.main(["enrol", "--url", url, "--code", "C", "--acknowledge-notice"])
    pause.pause(settings.data, 2**61)
    found = []
    for language in ("en", "ru"):
        capsys.readouterr()
        cli.main(["status", "--json", "--lang", language])
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1] and found[0]["condition"] == "private" and found[0]["own_page"] == f"{url}/me"
    assert found[0]["keeps"]["path_hosts"] == ["bitrix24.ru"] and found[0]["looks"] == []


def test_private_time_begun_without_an_agent_counts_when_one_starts(settings: Settings, capsys) -> None:
    from agent_parts import ScriptedDesktop, moment
    from planwhy_agent.app import Agent
    from planwhy_agent.recorder import Recorder
    from planwhy_agent.watch import Watch

    with ingest_stub() as (_, url):
        cli.main(["enrol", "--url", url, "--code", "C", "--acknowledge-notice"])
    pause.pause(settings.data, NOON_MS + 15 * MINUTE_MS)
    watch = Watch(lambda _titled: ScriptedDesktop(), None)
    watch.open()
    agent = Agent(settings, watch)
    agent.recorder = Recorder(Spool(settings.data / "spool.sqlite3", recover=True), 0)
    kept = [found.state for at in (0, 899_999, 900_000) if (found := agent._kept(moment(at))[0])]
    agent.recorder.spool.close()
    watch.close()
    assert kept == ["private", "private", "active"]
