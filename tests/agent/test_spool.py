"""Stage 4: what waits on the disk survives restarts, damage, a full disk and the quota, and every loss is declared."""

import os
import stat
from pathlib import Path

import pytest
from agent_parts import NOON_MS, moment, stretches
from planwhy_agent import batches
from planwhy_agent.errors import SpoolFull
from planwhy_agent.privacy import Kept
from planwhy_agent.recorder import PENDING, Recorder
from planwhy_agent.spool import Loss, Spool
from planwhy_shared.wire import Receipt, Rejected

A, B = Kept("active", "a"), Kept("active", "b")


@pytest.fixture
def spool(tmp_path: Path):
    found = Spool(tmp_path / "spool.sqlite3", recover=True)
    yield found
    found.close()


def again(spool: Spool) -> Spool:
    spool.close()
    return Spool(spool.path, spool.quota_bytes, recover=True)


def receipt_of(offer: batches.Offer, *rejected: Rejected, through: int = 10**6) -> Receipt:
    accepted = len(offer.batch.spans) - len(rejected)
    return Receipt(offer.batch.batch_id, accepted, 0, rejected, through, "p1")


@pytest.mark.skipif(os.name != "posix", reason="a file's mode says nothing on Windows")
def test_the_spool_is_readable_by_its_owner_only(spool):
    assert stat.S_IMODE(spool.path.stat().st_mode) == 0o600


def test_a_batch_is_offered_again_with_the_same_id_and_bytes_after_a_restart(spool):
    spool.write(stretches(3), None)
    first = batches.next_offer(spool, NOON_MS)
    reopened = again(spool)
    reopened.write(stretches(2, NOON_MS + 3000), None)
    second = batches.next_offer(reopened, NOON_MS + 99)
    assert (first.batch.batch_id, first.content) == (second.batch.batch_id, second.content)
    reopened.close()


def test_the_open_span_is_not_sent_and_is_closed_where_a_killed_agent_left_it(spool):
    closed, unfinished = stretches(2)
    spool.write([closed], unfinished)
    reopened = again(spool)
    assert reopened.settle_open() == unfinished.end_ms
    reopened.write(stretches(1, unfinished.end_ms), None)
    offer = batches.next_offer(reopened, NOON_MS)
    assert [s.seq for s in offer.batch.spans] == [1, 2, 3]
    reopened.close()


def test_nothing_waits_after_an_acknowledgement_and_it_is_kept_for_a_day(spool):
    spool.write(stretches(3), None)
    offer = batches.next_offer(spool, NOON_MS)
    batches.acknowledge(spool, offer, receipt_of(offer), NOON_MS)
    assert batches.next_offer(spool, NOON_MS) is None
    assert (spool.counts().waiting, spool.counts().kept) == (0, 3)
    batches.prune(spool, NOON_MS + batches.KEPT_MS + 1)
    assert spool.counts().kept == 0


def test_a_restored_collector_is_refilled_from_what_was_kept(spool):
    for turn in range(2):
        spool.write(stretches(2, NOON_MS + turn * 2000), None)
        offer = batches.next_offer(spool, NOON_MS)
        batches.acknowledge(spool, offer, receipt_of(offer, through=2), NOON_MS)
    spool.write(stretches(1, NOON_MS + 4000), None)
    newest = batches.next_offer(spool, NOON_MS)
    batches.acknowledge(spool, newest, receipt_of(newest, through=2), NOON_MS)
    assert [s.seq for s in batches.next_offer(spool, NOON_MS).batch.spans] == [3, 4]


def test_a_rejected_span_is_set_aside_counted_and_declared(spool):
    spool.write(stretches(3), None)
    offer = batches.next_offer(spool, NOON_MS)
    batches.acknowledge(spool, offer, receipt_of(offer, Rejected(2, "bad_span", "x")), NOON_MS)
    gap = batches.next_offer(spool, NOON_MS).batch.gaps[0]
    assert (gap.reason, gap.count, gap.first_seq, gap.last_seq) == ("rejected", 1, 2, 2)
    assert (spool.counts().aside, spool.counts().by_reason) == (1, {"rejected": 1})


def test_a_batch_that_lost_a_rejected_span_is_offered_again_under_another_id_and_with_its_gaps(spool):
    spool.write(stretches(3), None, [Loss(NOON_MS, NOON_MS, 2, "queue_full")])
    first = batches.next_offer(spool, NOON_MS)
    batches.acknowledge(spool, first, receipt_of(first, Rejected(2, "bad_span", "x")), NOON_MS)
    spool.write(stretches(1, NOON_MS + 3000), None)
    second = batches.next_offer(spool, NOON_MS)
    batches.acknowledge(spool, second, receipt_of(second, through=1), NOON_MS)
    again = batches.next_offer(spool, NOON_MS).batch
    assert [s.seq for s in again.spans] == [1, 3]
    assert again.batch_id != first.batch.batch_id
    assert [gap.reason for gap in again.gaps] == ["queue_full"]


def test_halving_ends_at_the_one_bad_span(spool):
    spool.write(stretches(9), None)
    sent: list[int] = []
    while (offer := batches.next_offer(spool, NOON_MS)) and offer.batch.spans:
        seqs = [s.seq for s in offer.batch.spans]
        if 5 in seqs:
            batches.halve(spool, offer, "invalid", "", NOON_MS)
        else:
            sent += seqs
            batches.acknowledge(spool, offer, receipt_of(offer), NOON_MS)
    assert (sorted(sent), spool.counts().aside) == ([1, 2, 3, 4, 6, 7, 8, 9], 1)


def test_a_batch_stays_below_the_limits_of_the_wire(spool):
    spool.write(stretches(1200, title="я" * 1024), None)
    offer = batches.next_offer(spool, NOON_MS)
    assert len(offer.content) < 1 << 20
    assert len(offer.batch.spans) <= batches.BATCH_SPANS


def test_a_corrupt_row_is_set_aside_and_its_neighbours_are_sent(spool):
    spool.write(stretches(3), None)
    spool.connection.execute("UPDATE spans SET body = x'ff00' WHERE seq = 2")
    offer = batches.next_offer(spool, NOON_MS)
    assert [s.seq for s in offer.batch.spans] == [1, 3]
    assert [(g.reason, g.first_seq) for g in offer.batch.gaps] == [("corrupt", 2)]


def test_a_corrupt_file_is_moved_aside_and_a_new_epoch_begins(spool):
    spool.write(stretches(50), None)
    epoch = batches.next_offer(spool, NOON_MS).batch.epoch
    spool.close()
    spool.path.write_bytes(b"no database " * 500)
    fresh = Spool(spool.path, recover=True)
    fresh.write(stretches(1), None)
    assert fresh.moved_aside and fresh.moved_aside.exists()
    assert batches.next_offer(fresh, NOON_MS).batch.epoch != epoch
    fresh.close()


def test_over_quota_the_oldest_go_first_as_a_declared_gap(spool):
    spool.quota_bytes = 2 << 20
    for turn in range(8):
        spool.write(stretches(700, NOON_MS + turn * 700_000, title="я" * 500), None)
        spool.keep_quota()
    assert spool.bytes_used() <= spool.quota_bytes
    gap = next(iter(batches.next_offer(spool, NOON_MS).batch.gaps))
    left = spool.connection.execute("SELECT min(seq), count(*) FROM spans").fetchone()
    assert (gap.reason, gap.first_seq) == ("evicted", 1)
    assert left[1] + spool.counts().by_reason["evicted"] == 8 * 700


def test_acknowledged_batches_go_before_anything_unsent(spool):
    spool.write(stretches(700, title="я" * 1000), None)
    while offer := batches.next_offer(spool, NOON_MS):
        batches.acknowledge(spool, offer, receipt_of(offer), NOON_MS)
    spool.write(stretches(5, NOON_MS + 700_000), None)
    spool.quota_bytes = spool.bytes_used() - 1
    spool.keep_quota()
    assert (spool.counts().waiting, spool.counts().by_reason) == (5, {})


def full(spool: Spool) -> None:
    pages = spool.connection.execute("PRAGMA page_count").fetchone()[0]
    spool.connection.execute(f"PRAGMA max_page_count={pages}")


def test_a_full_disk_is_a_temporary_error_and_writes_nothing(spool):
    full(spool)
    with pytest.raises(SpoolFull):
        spool.write(stretches(500, title="я" * 900), None)
    assert (spool.next_seq, spool.counts().waiting) == (1, 0)


def test_while_the_disk_is_full_spans_wait_in_memory_and_only_the_rest_is_declared_lost(spool):
    recorder = Recorder(spool, 0)
    recorder.take(moment(0), A, 0)
    full(spool)
    for i in range(1, PENDING + 301):
        recorder.take(moment(i * 100), Kept("active", "x" * 200, str(i)), 0)
    assert recorder.disk_full
    spool.connection.execute("PRAGMA max_page_count=1000000")
    recorder.stop(moment((PENDING + 301) * 100))
    lost = spool.connection.execute("SELECT reason, count FROM gaps").fetchall()
    assert sum(n for _, n in lost) + spool.counts().waiting == PENDING + 301
    assert {bytes(r) for r, _ in lost} == {b"disk_full"}


def test_losses_travel_as_gaps(spool):
    spool.write(stretches(1), None, [Loss(5, 9, 3, "disk_full")])
    assert [(g.from_ms, g.to_ms, g.count, g.reason) for g in batches.next_offer(spool, NOON_MS).batch.gaps] == [
        (5, 9, 3, "disk_full")
    ]
