"""A simulated team with settled days: backed up by command, restored by command, on both kinds of database."""

from pathlib import Path

import pytest
from all_tables import everything
from planwhy_collector.db import Database
from planwhy_collector.models import Employee
from postgres_server import PostgresServer
from running import CollectorProgram
from sqlalchemy import update


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_simulated_team_comes_back_row_by_row(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres").copy() if kind == "postgresql" else None
    home = CollectorProgram(tmp_path, url)
    home.call("simulate", "--employees", "4", "--days", "20", "--seed", "1", "--out", str(tmp_path / "team"))
    home.call("import", str(tmp_path / "team"))
    home.call("job", "run", "settle")
    with Database(home.database_url) as database:
        before = everything(database)
    home.command_line("db", "backup", str(tmp_path / "copy"))
    with Database(home.database_url) as database, database.writing() as session:
        session.execute(update(Employee).values(name="Changed"))
    home.command_line("db", "restore", str(tmp_path / "copy"), code=1)
    home.command_line("db", "restore", str(tmp_path / "copy"), "--yes")
    with Database(home.database_url) as database:
        assert everything(database) == before
    assert len(before["contacts"]) > 50


def test_a_server_in_use_is_not_restored_over(tmp_path: Path, postgres: PostgresServer) -> None:
    home = CollectorProgram(tmp_path, postgres.copy())
    home.command_line("db", "backup", str(tmp_path / "copy"))
    with Database(home.database_url) as other, other.reading() as session:
        session.execute(update(Employee).values(name="x"))
        home.command_line("db", "restore", str(tmp_path / "copy"), "--yes", code=1)
    home.command_line("db", "restore", str(tmp_path / "copy"), "--yes")
