"""`planwhy serve`: the collector. Ingest, API and pages from one process or several, and the scheduled jobs."""

import logging
import os
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from planwhy_collector.away import is_away
from planwhy_collector.cli.context import opened_database, settings
from planwhy_collector.config import Settings
from planwhy_collector.errors import ConfigError, PlanwhyError
from planwhy_collector.jobs.months import make_months
from planwhy_collector.lifeline import tie_children
from planwhy_collector.logs import configuration, set_up

log = logging.getLogger("planwhy.server")
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
    set_up(chosen.log_level, chosen.log_format)
    host, port = host or chosen.host, port or chosen.port
    try:
        _check(chosen, host, port)
    except PlanwhyError as error:
        log.critical("cannot serve: %s", error.detail, extra={"slug": error.slug})
        sys.exit(1)
    _allow_connections()
    tie_children()
    os.environ["PLANWHY_RUN_SCHEDULER"] = "1" if scheduler else "0"
    with _counting_together(chosen):
        log.info("planwhy listens on %s://%s:%s", _scheme(chosen), host, port)
        _run(chosen, host, port)


def _check(chosen: Settings, host: str, port: int) -> None:
    """Find at once what no wait will mend. Raises PlanwhyError."""
    _check_tls(chosen)
    _check_port(host, port)
    if chosen.metrics_address:
        metrics_host, _, metrics_port = chosen.metrics_address.rpartition(":")
        _check_port(metrics_host.strip("[]"), int(metrics_port))
    _check_schema(chosen)


def _run(chosen: Settings, host: str, port: int) -> None:
    from granian.constants import HTTPModes, Interfaces, Loops  # noqa: PLC0415  the other commands need no server
    from granian.log import LogLevels  # noqa: PLC0415  as above
    from granian.server.mp import MPServer  # noqa: PLC0415  as above

    class Server(MPServer):
        """The server, which ends at once when it is asked to for the second time."""

        def signal_handler_interrupt(self, *_signal: object) -> None:
            if self.interrupt_signal:
                for worker in self.wrks:
                    worker.kill()  # type: ignore[no-untyped-call]  # the library's
                os._exit(1)
            super().signal_handler_interrupt()  # type: ignore[no-untyped-call]  # the library's

    Server(
        "planwhy_collector.serving:served",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        loop=Loops.asyncio,
        websockets=False,
        workers=chosen.workers,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=chosen.stop_s,
        log_level=LogLevels.warning,
        log_dictconfig=configuration(chosen.log_level, chosen.log_format),
        ssl_cert=Path(chosen.tls_certificate) if chosen.tls_certificate else None,
        ssl_key=Path(chosen.tls_key) if chosen.tls_key else None,
    ).serve()


@contextmanager
def _counting_together(chosen: Settings) -> Iterator[None]:
    """Give several processes a folder for what they count, so that each can tell the figures of all."""
    if chosen.workers == 1:
        yield
        return
    with TemporaryDirectory(prefix="planwhy-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


def _check_schema(chosen: Settings) -> None:
    """An embedded database is brought up to date, another one must be. One that is away is waited for."""
    try:
        with opened_database(chosen) as database, suppress(DBAPIError):  # the job `months` makes up for it
            make_months(database, chosen, time.time_ns() // 1_000_000)
    except SQLAlchemyError as error:
        if chosen.database_url.startswith("sqlite") or not is_away(error):
            raise
        log.warning("the database is away, requests are told to come again until it is there: %s", _reason(error))


def _reason(error: SQLAlchemyError) -> str:
    """What the driver says: host, port and why; it knows of no data yet."""
    return " ".join(str(getattr(error, "orig", error)).split())


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
