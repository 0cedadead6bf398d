"""What a collector counts of itself, for Prometheus. In: events of the code. Out: its text format.

Labels come from lists written here or in the code: no person, device, host or address is ever one. Several server
processes count in files of one folder, which `planwhy serve` makes for them, and any of them answers for all.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from planwhy_shared.wire import Gap, Receipt
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""In the environment of several processes that count together; the library reads it when it is imported."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
GAP_REASONS = frozenset({"evicted", "corrupt", "rejected", "disk_full", "spool_lost"})
REJECTED = frozenset({"invalid", "too_large", "repeated_seq", "in_future"})
OTHER = "other"
disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each counter, which nobody asks for


class Meters:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()

        def count(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"planwhy_{name}", about, labels, registry=own)

        def level(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(f"planwhy_{name}", about, labels, registry=own, multiprocess_mode="livesum")

        self.requests = count("requests", "Requests answered", "route", "method", "status")
        self.request_seconds = Histogram(
            "planwhy_request_seconds", "Seconds in the application", ("route",), registry=own, buckets=BUCKETS
        )
        self.refusals = count("refusals", "Answers that are no success, by error slug", "error")
        self.batches = count("batches", "Batches with a receipt: stored, or repeated", "outcome")
        self.spans = count("spans", "Spans of stored batches: accepted, or duplicate", "outcome")
        self.rejected = count("spans_rejected", "Spans that were refused, by reason", "reason")
        self.gaps = count("gaps", "Gaps that agents declared, by reason", "reason")
        self.gap_spans = count("gap_spans", "Spans that agents declared lost, by reason", "reason")
        self.body_bytes = level("body_bytes", "Bytes of bodies on their way or at work")
        self.threads = level("threads", "Threads for requests", "lane")
        self.threads_busy = level("threads_busy", "Threads with a request at work", "lane")
        self.requests_waiting = level("requests_waiting", "Requests that wait for a thread", "lane")
        self.pool_size = level("pool_connections", "Connections that a pool may open", "pool")
        self.pool_busy = level("pool_connections_busy", "Connections at work", "pool")
        self.ticks = count("job_ticks", "Ticks of jobs that ended here: done, failed, lost", "job", "status")

    def stored(self, receipt: Receipt, gaps: Iterable[Gap]) -> None:
        """Count a batch by its receipt. A batch that came again counts as that and nothing else."""
        self.batches.labels("repeated" if receipt.duplicate else "stored").inc()
        if receipt.duplicate:
            return
        self.spans.labels("accepted").inc(receipt.accepted)
        self.spans.labels("duplicate").inc(receipt.duplicates)
        for one in receipt.rejected:
            self.rejected.labels(_known(one.error, REJECTED)).inc()
        for gap in gaps:
            reason = _known(gap.reason, GAP_REASONS)
            self.gaps.labels(reason).inc()
            self.gap_spans.labels(reason).inc(gap.count)

    def text(self, more: Sequence[Metric]) -> bytes:
        """All figures in Prometheus' text format, of all processes that count together, and those of `more`."""
        extra = CollectorRegistry()
        extra.register(_Read(more))
        return generate_latest(self._all()) + generate_latest(extra)

    def _all(self) -> CollectorRegistry:
        folder = os.environ.get(FOLDER)
        if not folder:
            return self.registry
        _forget_the_dead(Path(folder))
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone, folder)  # type: ignore[no-untyped-call] # the library's
        return everyone


class _Read(Collector):
    """Figures that were read just now."""

    def __init__(self, figures: Sequence[Metric]) -> None:
        self._figures = figures

    def collect(self) -> Sequence[Metric]:
        """Give them."""
        return self._figures


def _known(word: str, words: frozenset[str]) -> str:
    """A word of an agent as a label: one of those known, so that nobody can make up series."""
    return word if word in words else OTHER


def _forget_the_dead(folder: Path) -> None:
    """Levels of processes that live no more are no part of the sum; what they counted is."""
    for file in folder.glob("gauge_live*_*.db"):
        if not _lives(int(file.stem.rpartition("_")[2])):
            file.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
