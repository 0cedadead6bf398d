"""Stage 5 in a thread of its own: the uploader with its spool connection and the way to the collector.

In: settings. Out: news for the recorder. Never: recording kept waiting by a slow collector.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from planwhy_agent import health
from planwhy_agent.config import Settings
from planwhy_agent.errors import NotEnrolled, SpoolBroken, SpoolFull
from planwhy_agent.identity import load_identity, read_token
from planwhy_agent.policy import PolicyStore
from planwhy_agent.spool import Spool
from planwhy_agent.spool_reserve import release
from planwhy_agent.system import clock
from planwhy_agent.transport import Transport
from planwhy_agent.upload import LAST_S, Broken, News, Uploader

USUAL_INTERVAL_S = 60

log = logging.getLogger("planwhy.agent")


class Sender:
    """The uploader's thread, with a spool connection of its own."""

    def __init__(self, settings: Settings, policies: PolicyStore, post: Callable[[News], None]) -> None:
        self.settings, self.policies, self.post = settings, policies, post
        self.wake, self.used, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._uploader: Uploader | None = None
        self._transport = transport_of(settings)
        self._thread = threading.Thread(target=self._run, name="upload", daemon=True)

    def start(self) -> None:
        """Begin sending."""
        self._thread.start()

    def stop(self) -> None:
        """One quick last attempt, then end; what is not sent by then waits on the disk."""
        self._stop.set()
        self.wake.set()
        self.used.set()
        self._thread.join(LAST_S + 0.5)

    def sending(self) -> health.Sending:
        """How sending goes."""
        return self._uploader.sending if self._uploader else health.Sending()

    def policy_problem(self) -> str:
        """Why the collector's policy is not in force; empty where it is."""
        return self._uploader.policy_problem if self._uploader else ""

    def _run(self) -> None:
        try:
            spool = open_spool(self.settings, recover=False)
        except (SpoolBroken, SpoolFull):
            self.post(Broken())
            return
        self._uploader = Uploader(self._transport, spool, self.policies, self.settings.data, self._tell)
        self._uploader.run(self._stop, self.wake, self._interval_s)
        spool.close()

    def _tell(self, news: News) -> None:
        """Pass news to the recorder and wait until it has used them: a batch is closed only with the right time."""
        self.used.clear()
        self.post(news)
        if not self._stop.is_set():
            self.used.wait(10)

    def _interval_s(self) -> float:
        by_policy = USUAL_INTERVAL_S
        with suppress(OSError):  # a disk that gives errors; whoever records says so
            stored = self.policies.load()
            by_policy = stored.answer.policy.upload_interval_s if stored else USUAL_INTERVAL_S
        return float(self.settings.upload_interval_s or by_policy)


def spool_path(settings: Settings) -> Path:
    """Where the spool is."""
    return settings.data / "spool.sqlite3"


def open_spool(settings: Settings, recover: bool = True, thorough: bool = False) -> Spool:
    """Open the spool; on a full disk in the room that was reserved. Raises SpoolFull or SpoolBroken.

    A damaged file is moved aside by the recorder, and the time in it is declared lost.
    """
    path = spool_path(settings)
    try:
        spool = Spool(path, settings.quota_mb << 20, recover, thorough)
    except SpoolFull:
        if not recover or not release(path):
            raise
        spool = Spool(path, settings.quota_mb << 20, recover, thorough)
    if recover:
        _declare_damage(spool, settings)
        spool.reserve()
    return spool


def _declare_damage(spool: Spool, settings: Settings) -> None:
    """Say what a damaged disk took: the whole spool, or the last that was committed to it."""
    sent = health.load_sending(settings.data)
    now_ms = clock.now().wall_ms + health.load_offset(settings.data)
    if spool.moved_aside is not None:
        log.error("the spool was damaged and is moved aside to %s", spool.moved_aside)
        spool.declare_lost(sent.through_ms or _enrolled_ms(settings) or now_ms, now_ms, "spool_lost")
    elif spool.torn or (spool.epoch == sent.epoch and spool.next_seq <= sent.seq):
        log.error("the last that was recorded is lost: the spool's log is damaged")
        spool.abandon_open()
        known_ms = spool.end_ms if spool.end_ms is not None else _enrolled_ms(settings) or now_ms
        spool.begin_epoch()  # numbers that may have been sent are not used again
        spool.declare_lost(known_ms, now_ms, "spool_lost")


def _enrolled_ms(settings: Settings) -> int | None:
    identity = load_identity(settings.data)
    return identity.enrolled_ms if identity else None


def transport_of(settings: Settings) -> Transport:
    """The way to the collector that this machine is enrolled at. Raises NotEnrolled or ConfigError."""
    identity = load_identity(settings.data)
    if identity is None:
        raise NotEnrolled("this machine is not enrolled; run: planwhy-agent enrol --url ADDRESS --code CODE")
    return Transport(
        identity.url, read_token(settings.data, identity), settings.ca_file, settings.allow_http, settings.proxy
    )
