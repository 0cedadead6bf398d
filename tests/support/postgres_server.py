"""A PostgreSQL server of the tests' own, on a free port, owned by an ordinary user; or the reason why there is none."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from planwhy_collector.db import Database
from running import free_port
from sqlalchemy import create_engine, make_url, text

SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=32MB")


def binaries() -> Path | None:
    """The folder of the server's programs: the newest that Debian installed, or the one on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("postgres")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def why_not() -> str | None:
    """Why no server can be started here; None where one can, or where PLANWHY_TEST_DATABASE_URL names one."""
    if os.environ.get("PLANWHY_TEST_DATABASE_URL"):
        return None
    if binaries() is None:
        return "no PostgreSQL server is installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0 and _user() is None:
        return "PostgreSQL refuses to run as root and there is no user 'postgres'"
    return None


def _user() -> str | None:
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return None


class PostgresServer:
    """A server with one upgraded template database, from which each test gets a copy."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        given = os.environ.get("PLANWHY_TEST_DATABASE_URL")
        self.url = given or self._start()
        self.copies = 0
        self._execute("DROP DATABASE IF EXISTS planwhy_template WITH (FORCE)", "CREATE DATABASE planwhy_template")
        template = Database(self.named("planwhy_template"))
        template.upgrade()
        template.close()

    def named(self, name: str) -> str:
        """The address of one database of this server."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def copy(self) -> str:
        """The address of a fresh database at the newest schema."""
        self.copies += 1
        name = f"planwhy_test_{os.getpid()}_{self.copies}"
        self._execute(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE planwhy_template"
        )
        return self.named(name)

    def drop(self, url: str) -> None:
        """Remove a copy, whoever is still connected."""
        self._execute(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove its files."""
        if self.folder:
            self._run("pg_ctl", "stop", "-D", str(self.folder / "data"), "-m", "immediate", "-w")
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> str:
        self.folder, port = Path(tempfile.mkdtemp(prefix="planwhy-pg-")), free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", "planwhy", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        options = " ".join(f"-c {setting}" for setting in SETTINGS)
        sockets = f"-h 127.0.0.1 -p {port} -k {self.folder}"
        self._run("pg_ctl", "start", "-D", data, "-w", "-l", f"{data}/log", "-o", f"{sockets} {options}")
        return f"postgresql+psycopg://planwhy@127.0.0.1:{port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        found = binaries()
        assert found and self.folder
        user = _user() if os.geteuid() == 0 else None
        subprocess.run(
            [str(found / program), *arguments],
            check=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    def _execute(self, *statements: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()
