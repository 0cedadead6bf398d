"""`doctor` with each thing broken for real, one after the other and all at once: what is wrong, and what to do."""

import json
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme
from agent_parts import policy, stretches
from desktop import need
from ingest_stub import ingest_stub
from planwhy_agent import cli, doctor, health
from planwhy_agent.config import Settings, load_settings
from planwhy_agent.identity import Identity, save_identity
from planwhy_agent.policy import PolicyStore
from planwhy_agent.spool import Spool
from planwhy_agent.system.instance_lock import InstanceLock
from planwhy_agent.words import Words
from planwhy_shared.wire import Notice

RECORDING = health.Health(1, 0, 0, "active", None, "xterm", 1, "", False, 0, health.Sending("ok", "", 1))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in [n for n in os.environ if n.startswith(("PLANWHY_", "XDG_", "LANG", "LC_", "DBUS_", "DISPLAY"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PLANWHY_AGENT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PLANWHY_AGENT_RUNTIME_DIR", str(tmp_path / "run"))
    return load_settings(os.environ)


def enrol_at(settings: Settings, url: str) -> None:
    """The files of an enrolled machine whose notice was read."""
    save_identity(settings.data, Identity(url, "d1", "e1", "One", "file", 1))
    (settings.data / "token").write_text("secret-token")
    (settings.data / "token").chmod(0o600)
    store = PolicyStore(settings.data)
    store.save(policy(), Notice("n1", "read me"), None)
    store.acknowledge("n1", 1)


def looked(**settings: Any) -> dict[str, doctor.Check]:
    """All checks by name."""
    now = msgspec.structs.replace(load_settings(os.environ), **settings)
    return {check.name: check for check in doctor.checks(now, os.environ, Words("en"))}


def authority(folder: Path) -> tuple[trustme.CA, str]:
    """A company's own authority, and the file with its certificate."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    return ca, str(folder / "ca.pem")


def context_of(*parts: trustme.Blob) -> ssl.SSLContext:
    """A server's context from a key and certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(b"".join(part.bytes() for part in parts)).tempfile() as path:
        context.load_cert_chain(path)
    return context


def secured(leaf: trustme.LeafCert) -> ssl.SSLContext:
    """A server's context with a certificate that an authority made."""
    return context_of(leaf.private_key_and_cert_chain_pem)


def test_a_trusted_certificate_tells_its_days(settings: Settings, tmp_path: Path) -> None:
    ca, ca_file = authority(tmp_path)
    ends = datetime.now(UTC) + timedelta(days=40, hours=1)
    with ingest_stub(secured(ca.issue_cert("localhost", not_after=ends))) as (_, url):
        enrol_at(settings, url)
        found = looked(ca_file=ca_file)
    assert found["certificate"].ok and "40 days left" in found["certificate"].found
    assert found["address"].ok and found["collector"].ok and found["clock"].ok


def test_a_certificate_that_ends_soon_is_right_and_told(settings: Settings, tmp_path: Path) -> None:
    ca, ca_file = authority(tmp_path)
    ends = datetime.now(UTC) + timedelta(days=3, hours=1)
    with ingest_stub(secured(ca.issue_cert("localhost", not_after=ends))) as (_, url):
        enrol_at(settings, url)
        found = looked(ca_file=ca_file)["certificate"]
    assert found.ok and "3 days left" in found.found and "ends soon" in found.advice


PAST, DISTANT = datetime.now(UTC) - timedelta(days=2), datetime.now(UTC) + timedelta(days=2)


@pytest.mark.parametrize(
    ("name", "dates", "said"),
    [
        ("localhost", {"not_before": PAST - timedelta(days=9), "not_after": PAST}, "the certificate has expired"),
        (
            "localhost",
            {"not_before": DISTANT, "not_after": DISTANT + timedelta(days=9)},
            "the certificate is not valid yet",
        ),
        ("elsewhere.example", {}, "the certificate is made out to another name"),
    ],
)
def test_a_wrong_certificate_is_named_by_its_fault(
    settings: Settings, tmp_path: Path, name: str, dates: dict[str, Any], said: str
) -> None:
    ca, ca_file = authority(tmp_path)
    with ingest_stub(secured(ca.issue_cert(name, **dates))) as (_, url):
        enrol_at(settings, url)
        found = looked(ca_file=ca_file)
    assert not found["certificate"].ok and found["certificate"].found.startswith(said) and found["certificate"].advice
    assert not found["collector"].ok and found["collector"].found.startswith("unreachable")


def test_an_unknown_authority_and_a_certificate_signed_by_itself_are_told_apart(
    settings: Settings, tmp_path: Path
) -> None:
    ca, _ = authority(tmp_path)
    said = []
    for context in (secured(ca.issue_cert("localhost")), context_of(ca.private_key_pem, ca.cert_pem)):
        with ingest_stub(context) as (_, url):
            enrol_at(settings, url)
            found = looked()["certificate"]
            said.append(found.found.partition(" (")[0])
            assert "ca_file" in found.advice
    assert said[0] == "the certificate is signed by an authority that this computer does not know"
    assert said[1] == "the certificate is signed by itself"


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("http://127.0.0.1:9", ["collector"]),
        ("https://127.0.0.1:9", ["certificate", "collector"]),
        ("https://no-such-host.invalid", ["address", "certificate", "collector"]),
        ("ftp://x", ["address", "certificate", "collector"]),
        ("http://elsewhere.example", ["address", "certificate", "collector"]),
    ],
)
def test_a_wrong_address_is_told_with_what_to_do(settings: Settings, url: str, wrong: list[str]) -> None:
    enrol_at(settings, url)
    found = looked()
    asked = [found[name] for name in ("address", "certificate", "collector", "clock")]
    assert [check.name for check in asked if not check.ok] == wrong
    assert all(check.advice for check in asked if not check.ok)


def test_something_else_at_the_address_is_not_taken_for_a_collector(settings: Settings) -> None:
    with ingest_stub() as (_, url):
        enrol_at(settings, f"{url}/elsewhere")
        assert looked()["collector"].ok  # the stub answers everything
    with _hotel() as url:
        enrol_at(settings, url)
        found = looked()["collector"]
    assert not found.ok and "something else answers" in found.advice


def _hotel() -> Any:
    """A server that is not a collector."""
    import contextlib
    import http.server
    import threading

    @contextlib.contextmanager
    def run() -> Iterator[str]:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()

    return run()


def test_a_clock_set_forward_is_seen(settings: Settings) -> None:
    need("faketime")
    with ingest_stub() as (_, url):
        enrol_at(settings, url)
        found = _doctor_by_itself("faketime", "-f", "+2h")
    assert not found["clock"]["ok"] and found["clock"]["found"].startswith("-7")
    assert "set the clock" in found["clock"]["advice"]


def _doctor_by_itself(*before: str, after: str = "") -> dict[str, dict[str, Any]]:
    """`doctor --json` in a process of its own; its checks by name."""
    command = [*before, sys.executable, "-m", "planwhy_agent.cli", "doctor", "--json"]
    if after:
        command = ["unshare", "-rm", "sh", "-c", f'{after}; exec "$@"', "sh", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("mount -t tmpfs -o size=100k tmpfs {data}; head -c 200k /dev/zero >{data}/full 2>/dev/null", "No space left"),
        ("mount -t tmpfs -o ro tmpfs {data}", "Read-only file system"),
        ("mount -t tmpfs -o size=2m tmpfs {data}", "MB free"),
    ],
)
def test_a_disk_that_takes_nothing_more_is_seen(settings: Settings, after: str, said: str) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("needs user namespaces")
    settings.data.mkdir()
    found = _doctor_by_itself(after=after.format(data=settings.data))["disk"]
    assert not found["ok"] and said in found["found"] and "free some space" in found["advice"]


@pytest.mark.parametrize(("name", "mode"), [("token", 0o644), ("token", 0o400), (".", 0o750), (".", 0o500)])
def test_files_that_others_can_read_and_folders_that_cannot_be_written_are_seen(
    settings: Settings, name: str, mode: int
) -> None:
    enrol_at(settings, "http://127.0.0.1:9")
    assert looked()["permissions"].ok
    (settings.data / name).chmod(mode)
    found = looked()["permissions"]
    assert not found.ok and found.advice.startswith("chmod ")


def test_without_a_display_it_says_so(settings: Settings) -> None:
    found = looked()["display"]
    assert not found.ok and "DISPLAY" in found.found and found.advice


@pytest.fixture
def running(settings: Settings) -> Iterator[Settings]:
    """An agent that runs, as far as its files say."""
    enrol_at(settings, "http://127.0.0.1:9")
    lock = InstanceLock(settings.lock)
    health.save_health(settings.runtime, RECORDING)
    yield settings
    lock.release()


def test_an_open_browser_without_the_extension_is_seen(running: Settings, tmp_path: Path) -> None:
    assert "connected: 1 browser" in looked()["extension"].found
    health.save_health(running.runtime, msgspec.structs.replace(RECORDING, browsers=0))
    shutil.copy("/bin/sleep", tmp_path / "vivaldi-bin")
    browser = subprocess.Popen([tmp_path / "vivaldi-bin", "60"])
    found = looked()["extension"]
    browser.kill()
    browser.wait()
    assert not found.ok and "vivaldi-bin" in found.found and "install the extension" in found.advice


@pytest.mark.parametrize("state", ["locked_out", "waiting"])
def test_what_keeps_the_running_agent_from_sending_is_told(running: Settings, state: str) -> None:
    assert looked()["sending"].ok
    sending = health.Sending(state, "revoked: this device was revoked", 1, 1, 1)
    health.save_health(running.runtime, msgspec.structs.replace(RECORDING, sending=sending))
    found = looked()["sending"]
    assert not found.ok and found.found.startswith("revoked") and found.advice


def test_a_policy_that_is_not_understood_is_told_by_its_slug(running: Settings) -> None:
    assert looked()["policy"].ok
    health.save_health(
        running.runtime, msgspec.structs.replace(RECORDING, policy_problem="policy_invalid: working_hours")
    )
    found = looked()["policy"]
    assert not found.ok and found.found.startswith("policy_invalid: working_hours")


def test_a_damaged_spool_is_seen_and_one_with_spans_is_counted(settings: Settings) -> None:
    settings.data.mkdir(mode=0o700)
    spool = Spool(settings.data / "spool.sqlite3", recover=True)
    spool.write(stretches(2), None)
    spool.close()
    assert looked()["spool"].found == "2 records"
    (settings.data / "spool.sqlite3").write_bytes(b"nothing like a database" * 500)
    found = looked()["spool"]
    assert not found.ok and "restart the agent" in found.advice


def test_with_everything_broken_at_once_every_check_still_answers(settings: Settings, capsys) -> None:
    settings.data.mkdir(mode=0o755)
    settings.runtime.mkdir()
    for name in ("identity.json", "policy.json", "acknowledged.json", "spool.sqlite3", "token", "sent.json"):
        (settings.data / name).write_bytes(b"\xff\x00{")
    for name in ("clock-offset", "paused-until"):
        (settings.data / name).write_bytes(b"\xff")
    for language in ("en", "ru"):
        assert cli.main(["doctor", "--lang", language]) == 1
        told = capsys.readouterr()
        assert len(told.out.splitlines()) >= 13 and not told.err
        if language == "en":
            (settings.data / "policy.json").unlink()
            (settings.data / "policy.json").mkdir()


def test_a_folder_that_cannot_even_be_asked_for_ends_no_check_but_its_own(settings: Settings) -> None:
    found = looked(data_dir=f"/tmp/{'x' * 300}", runtime_dir=f"/tmp/{'y' * 300}")
    assert found["disk"].found == "cannot be checked: File name too long"
    assert len(found) >= 12 and found["display"].found.startswith("unsupported")


def test_a_machine_in_order_has_exit_code_0(running: Settings, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    from planwhy_agent import doctor_desktop

    class Sight:
        """A desktop in sight; a real one is tested elsewhere."""

        def close(self) -> None:
            """Nothing to let go."""

    monkeypatch.setattr(doctor_desktop, "open_desktop", lambda _environment: Sight())
    with ingest_stub() as (_, url):
        enrol_at(running, url)
        from planwhy_agent.sources.extension import register_native_host

        register_native_host(running.data, running.runtime)
        assert cli.main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
