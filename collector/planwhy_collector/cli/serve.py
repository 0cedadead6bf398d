"""`planwhy serve`: the collector. Ingest, API and pages from one process or several, and the scheduled jobs."""

import os
import socket
import ssl
import sys
import time
from contextlib import suppress
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.config import Settings
from planwhy_collector.errors import ConfigError
from planwhy_collector.jobs.months import make_months
from planwhy_collector.services import wall_clock_ms

BACKLOG = 2048
CONNECTIONS = 16_384
"""Open connections of each process: more than there are agents, because each keeps one open."""
OPEN_FILES = 65_536
LET_GO_S = 2.0


@click.command()
@click.option("--host", default=None, help="Address to listen on; PLANWHY_HOST.")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port to listen on; PLANWHY_PORT.")
@click.option("--scheduler/--no-scheduler", default=True, help="Run scheduled jobs too.")
def serve(host: str | None, port: int | None, scheduler: bool) -> None:
    """Serve ingest, API and pages."""
    chosen = settings()
    host, port = host or chosen.host, port or chosen.port
    _check_tls(chosen)
    _check_port(host, port)
    with opened_database() as database, suppress(DBAPIError):  # the job `months` makes up for it
        make_months(database, chosen, wall_clock_ms())
    _allow_connections()
    os.environ["PLANWHY_RUN_SCHEDULER"] = "1" if scheduler else "0"
    click.echo(f"planwhy listens on {_scheme(chosen)}://{host}:{port}", err=True)
    _run(chosen, host, port)


def _run(chosen: Settings, host: str, port: int) -> None:
    from granian import Granian  # noqa: PLC0415  the other commands need no server
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    Granian(
        "planwhy_collector.app:served",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=chosen.workers,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
        ssl_cert=Path(chosen.tls_certificate) if chosen.tls_certificate else None,
        ssl_key=Path(chosen.tls_key) if chosen.tls_key else None,
    ).serve()


def _scheme(chosen: Settings) -> str:
    return "https" if chosen.tls_certificate else "http"


def _allow_connections() -> None:
    """Raise this process's limit of open files as far as the system lets it: each connection is one."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def _check_tls(chosen: Settings) -> None:
    if not (chosen.tls_certificate or chosen.tls_key):
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chosen.tls_certificate, chosen.tls_key)
    except OSError as error:
        raise ConfigError(f"tls_certificate, tls_key: {error.strerror or error}") from None


def _check_port(host: str, port: int) -> None:
    """Say it plainly where the address is taken. A collector that was just killed gets a moment to let go of it."""
    end = time.monotonic() + LET_GO_S
    while fault := _port_fault(host, port):
        if time.monotonic() > end:
            raise ConfigError(f"cannot listen on {host}:{port}: {fault}")
        time.sleep(0.1)


def _port_fault(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None
