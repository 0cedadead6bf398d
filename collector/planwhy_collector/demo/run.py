"""The demo as a whole: start everything, fill it once, say where it is, wait, stop everything.

In: choices of the command line. Out: an exit code. Never: anything left running, or a second filling.
"""

import signal
import socket
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.demo import agent
from planwhy_collector.demo.children import Child, clean_environment, wait_ready
from planwhy_collector.demo.filling import MACHINE, USERS, Filling, fill
from planwhy_collector.demo.home import Home, alone, opened, sweep
from planwhy_collector.demo.screen import screen
from planwhy_collector.errors import PlanwhyError
from planwhy_collector.ingest.enrolment import issue_code
from planwhy_collector.queries.users import sign_in_link, user_by_email
from planwhy_collector.services import wall_clock_ms

HOST = "127.0.0.1"
LINKS = {"supervisor": "supervisor", "employee": "employee", "administrator": "admin"}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line asks for."""

    folder: Path
    port: int
    days: int
    agent: bool
    virtual: bool
    browser: bool


class Stopped(Exception):
    """Someone asked the demo to end."""


def run(choices: Choices) -> int:
    """Run the demo until it is stopped; 0, or 1 where the collector ends by itself."""
    with _stoppable(), ExitStack() as stack:
        try:
            home = opened(choices.folder)
            stack.enter_context(alone(home))
            return _run(choices, home, stack)
        except Stopped:
            click.echo("\nstopping …")
        finally:
            _ignore_signals()
            stack.close()
    click.echo("stopped; the data stays, the next start goes on here")
    return 0


def _run(choices: Choices, home: Home, stack: ExitStack) -> int:
    if not home.state.get("ready"):
        sweep(home)
    port = _port(choices.port, home.state.get("port"))
    url = f"http://{HOST}:{port}"
    collector = stack.enter_context(_collector(home, port, url))
    wait_ready(collector, url)
    home.note(port=port)
    database = Database(home.database_url)
    stack.callback(database.close)
    if not home.state.get("ready"):
        fill(Filling(home, database, Settings(database_url=home.database_url), url, choices.days))
        home.note(ready=True)
    watching = _agent(choices, home, database, url, stack)
    _tell(database, url, watching, choices.browser)
    return _wait(collector, watching)


def _collector(home: Home, port: int, url: str) -> Child:
    environment = clean_environment() | {"PLANWHY_DATABASE_URL": home.database_url, "PLANWHY_PUBLIC_URL": url}
    command = [sys.executable, "-m", "planwhy_collector.cli", "serve", "--host", HOST, "--port", str(port)]
    return Child("collector", command, environment, home.log("collector"), home.folder)


def _agent(choices: Choices, home: Home, database: Database, url: str, stack: ExitStack) -> Child | None:
    """Start the agent where it is wanted and there is a screen; the demo goes on without it."""
    display = stack.enter_context(screen(home, choices.virtual)) if choices.agent else None
    if display is None:
        return None

    def code() -> str:
        with database.writing() as session:
            return issue_code(session, MACHINE, wall_clock_ms()).code

    try:
        return stack.enter_context(agent.run(home, display, url, code))
    except PlanwhyError as error:
        click.echo(error.detail)
        return None


def _tell(database: Database, url: str, watching: Child | None, browser: bool) -> None:
    click.echo(f"\nPlanwhy listens on {url}. Each of these links signs in once:\n")
    for name, user in LINKS.items():
        click.echo(f"  {name:14} {_link(database, url, user)}")
    if watching:
        click.echo("\nThe agent records the windows of this screen, for this demo only:\n")
        click.echo(f"  {'this machine':14} {_link(database, url, 'machine')}")
    click.echo("\nCtrl-C stops everything; the next start goes on here, with fresh links.")
    sys.stdout.flush()
    if browser and sys.stdout.isatty():
        webbrowser.open(_link(database, url, "supervisor"))


def _link(database: Database, url: str, user: str) -> str:
    with database.writing() as session:
        found = user_by_email(session, USERS[user][0])
        return f"{url}/sign-in/{sign_in_link(session, found.id, wall_clock_ms())}"


def _wait(collector: Child, watching: Child | None) -> int:
    told = False
    while collector.alive:
        if watching and not watching.alive and not told:
            click.echo(f"The agent has ended ({watching.last_words()}); see {watching.log}. The pages stay.")
            told = True
        time.sleep(0.5)
    click.echo(f"planwhy: the collector has ended ({collector.last_words()}); see {collector.log}", err=True)
    return 1


def _port(wanted: int, last: int | None) -> int:
    """The port wanted, else the one used last, else a free one; says so where it is another one."""
    if _free(wanted):
        return wanted
    port = last if last and _free(last) else _any_port()
    click.echo(f"Port {wanted} is taken: the demo takes {port}.")
    return port


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _signals() -> list[signal.Signals]:
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and a closed terminal into Stopped; put the old handlers back at the end."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        _ignore_signals()
        raise Stopped

    before = {number: signal.signal(number, stop) for number in _signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    """A second Ctrl-C must not break off the stopping."""
    for number in _signals():
        signal.signal(number, signal.SIG_IGN)
