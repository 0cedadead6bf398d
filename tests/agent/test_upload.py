"""Stage 5: whatever the collector answers, nothing is lost, nothing is counted twice, and nobody is hammered."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from agent_parts import NOON_MS, stretches
from ingest_stub import ingest_stub
from planwhy_agent import batches
from planwhy_agent.errors import ConfigError, Unreachable
from planwhy_agent.outcome import LOCKED_OUT_WAIT_S, asked_s, wait_s
from planwhy_agent.policy import PolicyStore
from planwhy_agent.spool import Loss, Spool
from planwhy_agent.transport import Transport, checked_address
from planwhy_agent.upload import Heard, NewPolicy, Uploader

NOW = datetime(2026, 10, 15, 12, tzinfo=UTC)


class Bench:
    """A stub, a spool and an uploader between them."""

    def __init__(self, stub, url: str, folder: Path) -> None:
        self.stub, self.news = stub, []
        self.spool = Spool(folder / "spool.sqlite3", recover=True)
        self.uploader = Uploader(
            Transport(url, "secret-token"), self.spool, PolicyStore(folder), folder, self.news.append
        )

    def attempts(self, count: int) -> list[float]:
        return [self.uploader.attempt(60.0) for _ in range(count)]

    def settled(self) -> bool:
        return self.spool.counts().waiting == 0 and set(self.stub.counted.values()) <= {1}


@pytest.fixture
def bench(tmp_path: Path):
    with ingest_stub() as (stub, url):
        found = Bench(stub, url, tmp_path)
        yield found
        found.spool.close()


@pytest.mark.parametrize(
    "mode",
    [
        "500",
        "502",
        "404",
        "405",
        "411",
        "415",
        "408",
        "429 1",
        "503 1",
        "cut",
        "foreign",
        "other-receipt",
        "wrong-sum",
        "redirect",
        "endless",
        "409",
        "418",
    ],
)
def test_after_any_ending_everything_arrives_exactly_once(bench, mode):
    bench.spool.write(stretches(20), None)
    bench.stub.modes = [mode, mode]
    bench.attempts(3)
    assert bench.settled()
    assert len(bench.stub.counted) == 20


@pytest.mark.parametrize("status", ["400", "413", "422"])
def test_a_bad_batch_is_halved_and_the_halves_arrive(bench, status):
    bench.spool.write(stretches(20), None)
    bench.stub.modes = [status]
    bench.attempts(1)
    assert bench.settled()
    assert len(bench.stub.counted) == 20


def test_one_poisonous_span_is_set_aside_and_declared_and_blocks_nobody(bench):
    found = stretches(20)
    found[7] = stretches(1, found[7].start_ms, title="POISON")[0]
    bench.spool.write(found, None)
    bench.stub.poison = "POISON"
    bench.attempts(1)
    assert (len(bench.stub.counted), bench.spool.counts().aside) == (19, 1)
    assert [(g["reason"], g["first_seq"]) for g in bench.stub.gaps] == [("rejected", 8)]


def test_a_gap_is_not_given_up_because_it_was_refused_once(bench):
    bench.spool.write([], None, [Loss(NOON_MS, NOON_MS + 9, 3, "evicted")])
    bench.stub.modes = ["422"] * (batches.GAP_REFUSALS - 1)
    waits = bench.attempts(batches.GAP_REFUSALS)
    assert [g["reason"] for g in bench.stub.gaps] == ["evicted"]
    assert all(wait != 60.0 for wait in waits[:-1])


def test_a_gap_that_is_always_refused_blocks_nobody_and_is_counted(bench):
    bench.spool.write([], None, [Loss(NOON_MS, NOON_MS + 9, 3, "evicted")])
    bench.stub.modes = ["422"] * batches.GAP_REFUSALS
    bench.attempts(batches.GAP_REFUSALS)
    bench.spool.write(stretches(3), None)
    bench.attempts(1)
    assert (len(bench.stub.counted), bench.spool.counts().by_reason) == (3, {"gap_status_422": 1})


def test_a_collector_that_refuses_everything_does_not_empty_the_spool(bench):
    bench.spool.write(stretches(200), None)
    bench.stub.modes = ["422"] * 1000
    bench.attempts(3)
    assert bench.spool.counts().waiting >= 180


def test_spans_that_the_receipt_rejects_are_set_aside(bench):
    bench.spool.write(stretches(3), None)
    bench.spool.write(stretches(1, NOON_MS + 3000, title="REJECT"), None)
    bench.stub.rejects = "REJECT"
    bench.attempts(1)
    assert (len(bench.stub.counted), bench.spool.counts().aside, bench.spool.counts().waiting) == (3, 1, 0)


@pytest.mark.parametrize("status", ["401", "403"])
def test_a_refused_device_stops_sending_and_keeps_everything(bench, status):
    bench.spool.write(stretches(3), None)
    bench.stub.modes = [status]
    assert bench.attempts(1) == [LOCKED_OUT_WAIT_S]
    assert bench.uploader.sending.state == "locked_out"
    assert bench.spool.counts().waiting == 3


def test_a_collector_that_is_away_is_tried_again_and_no_batch_is_closed_meanwhile(tmp_path):
    with ingest_stub() as (stub, url):
        gone = url
    bench = Bench(stub, gone, tmp_path)
    bench.spool.write(stretches(3), None)
    assert all(1 <= pause <= 900 for pause in bench.attempts(3))
    assert (bench.spool.counts().waiting, bench.spool.counts().waiting_batches) == (3, 0)
    bench.spool.close()


def test_the_collectors_clock_is_heard_before_the_first_batch(bench):
    bench.stub.clock_ahead_s = 7200
    bench.spool.write(stretches(1), None)
    bench.attempts(1)
    heard = next(n for n in bench.news if isinstance(n, Heard))
    assert heard is bench.news[0]
    assert next(p for _, p in bench.stub.requests) == "/api/v1/agent/policy"


def test_a_policy_that_cannot_be_understood_leaves_the_last_good_one(bench):
    bench.attempts(1)
    bench.stub.policy = bench.stub.policy | {"version": "p2", "working_hours": "whenever"}
    bench.uploader._policy_due = 0.0
    bench.attempts(1)
    assert PolicyStore(bench.uploader.folder).load().answer.policy.version == "p1"
    assert len([n for n in bench.news if isinstance(n, NewPolicy)]) == 1


def test_a_new_policy_version_in_a_receipt_is_fetched_at_the_next_attempt(bench):
    bench.attempts(1)
    bench.stub.policy = bench.stub.policy | {"version": "p2"}
    bench.spool.write(stretches(1), None)
    bench.attempts(2)
    assert PolicyStore(bench.uploader.folder).load().answer.policy.version == "p2"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 1),
        ("30", 30),
        ("999999", 3600),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1e9", None),
        ("Thu, 15 Oct 2026 12:00:20 GMT", 20),
        ("Thu, 15 Oct 2020 12:00:00 GMT", 1),
        ("٣", 3),
    ],
)
def test_retry_after_is_clamped_and_nonsense_is_ignored(text, seconds):
    assert asked_s(text, NOW) == seconds


def test_waits_double_up_to_a_quarter_of_an_hour():
    assert [wait_s(n, 1.0) for n in (1, 2, 3, 99)] == [5, 10, 20, 900]
    assert wait_s(5, 0.0) == 1


@pytest.mark.parametrize(
    "url", ["ftp://x", "http://planwhy.example.com", "https://", "https://u:p@x.example", "x", "https://x:bad"]
)
def test_addresses_that_would_leak_are_refused(url):
    with pytest.raises(ConfigError, match="url"):
        checked_address(url, allow_http=False)


def test_a_certificate_that_cannot_be_verified_is_never_accepted(tmp_path):
    with ingest_stub() as (_, url), pytest.raises(Unreachable):
        Transport(url.replace("http:", "https:")).get("/api/v1/agent/policy")


def test_what_was_last_sent_is_remembered_through_restarts_and_failures(bench):
    bench.spool.write(stretches(1), None)
    bench.attempts(1)
    later = Uploader(bench.uploader.transport, bench.spool, bench.uploader.policies, bench.uploader.folder, print)
    bench.spool.write(stretches(1, NOON_MS + 1000), None)
    bench.stub.modes = ["500"]
    later.attempt(60.0)
    assert (later.sending.state, later.sending.sent_ms) == ("waiting", bench.uploader.sending.sent_ms)
