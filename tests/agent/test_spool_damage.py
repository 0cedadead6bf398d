"""Stage 4: a disk that changes what was written changes nothing that is sent, and takes nothing without a word."""

import sqlite3
import zlib
from pathlib import Path

import pytest
from agent_parts import NOON_MS, stretches
from planwhy_agent import batches, health, spool_schema
from planwhy_agent.config import Settings
from planwhy_agent.errors import SpoolBroken
from planwhy_agent.seals import intact, span_seal
from planwhy_agent.sender import open_spool
from planwhy_agent.spool import Loss, Spool, body_of
from planwhy_agent.spool_log import torn
from planwhy_shared.wire import Receipt

FORMAT_1 = """
CREATE TABLE epochs (no INTEGER PRIMARY KEY, epoch TEXT NOT NULL, next_seq INTEGER NOT NULL, end_ms INTEGER);
CREATE TABLE spans (epoch_no INTEGER NOT NULL, seq INTEGER NOT NULL, start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL, open INTEGER NOT NULL DEFAULT 0,
  batch_no INTEGER, PRIMARY KEY (epoch_no, seq)) WITHOUT ROWID;
CREATE TABLE batches (no INTEGER PRIMARY KEY AUTOINCREMENT, batch_id TEXT NOT NULL UNIQUE, epoch_no INTEGER NOT NULL,
  first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, closed_ms INTEGER NOT NULL, acked_ms INTEGER,
  offered_again INTEGER NOT NULL DEFAULT 0);
CREATE TABLE gaps (no INTEGER PRIMARY KEY AUTOINCREMENT, epoch_no INTEGER, from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL, count INTEGER NOT NULL, reason TEXT NOT NULL, first_seq INTEGER, last_seq INTEGER,
  batch_no INTEGER);
CREATE TABLE aside (no INTEGER PRIMARY KEY AUTOINCREMENT, epoch_no INTEGER, seq INTEGER, reason TEXT NOT NULL,
  detail TEXT NOT NULL, body BLOB, at_ms INTEGER NOT NULL);
CREATE TABLE counts (reason TEXT PRIMARY KEY, n INTEGER NOT NULL);
INSERT INTO epochs VALUES (1, 'of-old', 4, NULL);
INSERT INTO batches (batch_id, epoch_no, first_seq, last_seq, closed_ms) VALUES ('b-old', 1, 1, 2, 5);
PRAGMA user_version = 1;
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=str(tmp_path), runtime_dir=str(tmp_path / "run"))


@pytest.fixture
def spool(settings):
    found = open_spool(settings)
    found.write(stretches(9), None, [Loss(5, 9, 3, "disk_full")])
    yield found
    found.close()


def damaged(spool: Spool, statement: str) -> Spool:
    """The spool opened again after a row was changed past all seals."""
    spool.close()
    with sqlite3.connect(spool.path) as past:
        for (name,) in past.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            past.execute(f"DROP TRIGGER {name}")
        past.execute(statement)
    past.close()
    return Spool(spool.path, recover=True)


def offered(spool: Spool) -> tuple[list[int], list[tuple[str, int | None, int | None]]]:
    """Numbers and gaps of all that waits, acknowledged one batch after the other."""
    seqs, gaps = [], []
    while offer := batches.next_offer(spool, NOON_MS):
        seqs += [s.seq for s in offer.batch.spans]
        gaps += [(g.reason, g.first_seq, g.last_seq) for g in offer.batch.gaps]
        receipt = Receipt(offer.batch.batch_id, len(offer.batch.spans), 0, (), 10**6, "p1")
        batches.acknowledge(spool, offer, receipt, NOON_MS)
    spool.close()
    return sorted(seqs), gaps


@pytest.mark.parametrize("change", ["start_ms = start_ms + 1", "end_ms = end_ms - 1", "body = x'7b7d'", "crc = 5"])
def test_a_span_that_was_changed_on_the_disk_is_set_aside_and_declared(spool, change):
    seqs, gaps = offered(damaged(spool, f"UPDATE spans SET {change} WHERE seq = 4"))
    assert seqs == [1, 2, 3, 5, 6, 7, 8, 9]
    assert ("corrupt", 4, 4) in gaps


def test_the_gap_of_a_changed_span_lies_between_its_neighbours(spool):
    fresh = damaged(spool, "UPDATE spans SET start_ms = 7 WHERE seq = 4")
    gap = next(g for g in batches.next_offer(fresh, NOON_MS).batch.gaps if g.reason == "corrupt")
    assert (gap.from_ms, gap.to_ms) == (NOON_MS + 3_000, NOON_MS + 4_000)
    fresh.close()


@pytest.mark.parametrize("where", ["seq = 4", "seq BETWEEN 1 AND 3", "seq IN (2, 7)"])
def test_numbers_that_are_gone_are_declared_when_a_batch_is_closed(spool, where):
    seqs, gaps = offered(damaged(spool, f"DELETE FROM spans WHERE {where}"))
    named = {n for reason, first, last in gaps if reason == "corrupt" for n in range(first, last + 1)}
    assert named | set(seqs) == set(range(1, 10))
    assert not named & set(seqs)


def test_numbers_that_are_gone_out_of_a_closed_batch_are_declared(spool):
    batches.next_offer(spool, NOON_MS)
    seqs, gaps = offered(damaged(spool, "DELETE FROM spans WHERE seq = 4"))
    assert (seqs, ("corrupt", 4, 4) in gaps) == ([1, 2, 3, 5, 6, 7, 8, 9], True)


def test_the_last_numbers_of_an_epoch_that_is_over_are_missed_too(spool):
    spool.begin_epoch()
    spool.write(stretches(1, NOON_MS + 9_000), None)
    _, gaps = offered(damaged(spool, "DELETE FROM spans WHERE epoch_no = 1 AND seq >= 8"))
    assert ("corrupt", 8, 9) in gaps


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE spans SET batch_no = 77 WHERE seq = 4",
        "UPDATE spans SET batch_no = NULL WHERE seq = 4",
        "UPDATE spans SET open = 1 WHERE seq = 4",
        "UPDATE batches SET acked_ms = 5",
        "UPDATE batches SET epoch_no = 3",
        "UPDATE batches SET last_seq = 4",
        "UPDATE gaps SET batch_no = 9",
    ],
)
def test_a_span_that_fell_out_of_its_batch_is_sent_all_the_same(spool, change):
    batches.next_offer(spool, NOON_MS)
    seqs, gaps = offered(damaged(spool, change))
    assert seqs == list(range(1, 10))
    assert len(gaps) == 1


def test_a_gap_that_was_changed_says_only_that_something_is_lost(spool):
    _, gaps = offered(damaged(spool, "UPDATE gaps SET from_ms = 12345678"))
    assert gaps == [("corrupt", None, None)]


def test_an_epoch_under_another_name_is_not_believed(spool):
    fresh = damaged(spool, "UPDATE epochs SET epoch = 'x' || substr(epoch, 2)")
    assert fresh.moved_aside
    fresh.close()


def test_of_many_damaged_files_the_latest_are_kept(spool, settings):
    path = settings.data / "spool.sqlite3"
    path.with_name(f"{path.name}.damaged-by-hand9").touch()
    for _ in range(spool_schema.MOST_DAMAGED + 2):
        spool.close()
        path.write_bytes(b"no database" * 1000)
        spool = open_spool(settings)
        assert spool.moved_aside
    kept = sorted(file.name.rpartition("-")[2] for file in settings.data.glob("*.damaged-*[0-9]"))
    assert kept == ["3", "4", "5", "6", "7", "hand9"]


def test_a_spool_whose_tables_make_no_sense_is_moved_aside(spool):
    fresh = damaged(spool, "ALTER TABLE spans RENAME COLUMN body TO bodi")
    assert fresh.moved_aside
    fresh.close()


def test_an_index_that_lies_is_made_anew(spool):
    batches.next_offer(spool, NOON_MS)
    spool.close()
    where = "FROM sqlite_master WHERE name = 'spans_batch'"
    with sqlite3.connect(spool.path) as past:
        row = past.execute(f"SELECT type, name, tbl_name, rootpage, sql {where}").fetchone()
    _past_schema(spool.path, f"DELETE {where}")
    _past_schema(spool.path, "UPDATE spans SET batch_no = NULL WHERE seq > 3")
    _past_schema(spool.path, "INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    fresh = Spool(spool.path, recover=True)
    assert (fresh.moved_aside, offered(fresh)[0]) == (None, list(range(1, 10)))


def _past_schema(path: Path, statement: str, values: tuple[object, ...] = ()) -> None:
    with sqlite3.connect(path) as past:
        past.execute("PRAGMA writable_schema = 1")
        past.execute(statement, values)
    past.close()


def test_a_log_with_a_damaged_byte_ends_the_epoch_and_declares_what_may_be_missing(spool, settings):
    log = spool.path.with_name(spool.path.name + "-wal")
    spool.write(stretches(5, NOON_MS + 9_000), None)
    content = bytearray(log.read_bytes())
    spool.close()
    content[len(content) // 2] ^= 1
    log.write_bytes(content)
    assert torn(log)
    fresh = open_spool(settings)
    assert fresh.epoch_no == 2 or fresh.moved_aside
    assert "spool_lost" in [reason for reason, _, _ in offered(fresh)[1]]


def test_a_whole_log_is_believed(spool):
    assert not torn(spool.path.with_name(spool.path.name + "-wal"))


def test_numbers_that_the_collector_has_are_never_used_again(spool, settings):
    health.save_sending(Path(settings.data_dir), health.Sending("ok", epoch=spool.epoch, seq=12))
    spool.close()
    fresh = open_spool(settings)
    assert fresh.epoch_no == 2
    assert "spool_lost" in [reason for reason, _, _ in offered(fresh)[1]]


def test_a_spool_of_the_format_before_is_taken_over_with_its_damaged_rows_known(tmp_path):
    path = tmp_path / "spool.sqlite3"
    with sqlite3.connect(path) as old:
        old.executescript(FORMAT_1)
        for seq, one in enumerate(stretches(3), 1):
            body = body_of(one)
            crc = zlib.crc32(body) + (seq == 2)
            batch_no = 1 if seq < 3 else None
            old.execute("INSERT INTO spans VALUES (1, ?, ?, ?, ?, ?, 0, ?)", (seq, one.start_ms, one.end_ms, body, crc, batch_no))  # fmt: skip  # noqa: E501
    old.close()
    fresh = Spool(path, recover=True)
    fresh.write(stretches(1, NOON_MS + 3_000), None)
    seqs, gaps = offered(fresh)
    assert (fresh.moved_aside, seqs, gaps) == (None, [1, 3, 4], [("corrupt", 2, 2)])


def test_a_span_that_is_moved_in_time_stays_sealed_and_a_damaged_one_stays_damaged(spool):
    spool.connection.execute("UPDATE spans SET body = x'7b7d' WHERE seq = 4")
    assert spool.retime(2, 500) == 500
    rows = spool.connection.execute("SELECT epoch_no, seq, start_ms, end_ms, body, crc FROM spans").fetchall()
    assert [seq for _, seq, *rest in rows if not intact(1, seq, *rest)] == [4]


def test_a_seal_tells_every_number_and_the_text_apart():
    right = (1, 2, 3, 4, b"body")
    assert intact(*right, span_seal(*right))
    for wrong in ((9, 2, 3, 4, b"body"), (1, 9, 3, 4, b"body"), (1, 2, 9, 4, b"body"), (1, 2, 3, 9, b"body")):
        assert not intact(*wrong, span_seal(*right))
    assert not intact(1, 2, 3, 2**70, b"body", span_seal(*right))


def test_one_span_is_not_blamed_for_the_gap_that_travels_with_it(settings):
    spool = open_spool(settings)
    spool.write(stretches(1), None, [Loss(5, 9, 3, "disk_full"), Loss(6, 9, 3, "bad")])
    sent: list[object] = []
    while offer := batches.next_offer(spool, NOON_MS):
        if any(g.reason == "bad" for g in offer.batch.gaps):
            batches.halve(spool, offer, "invalid", "", NOON_MS)
            continue
        sent += [*(s.seq for s in offer.batch.spans), *(g.reason for g in offer.batch.gaps)]
        batches.acknowledge(spool, offer, Receipt(offer.batch.batch_id, len(offer.batch.spans), 0, (), 9, "p"), 1)
    assert sorted(map(str, sent)) == ["1", "disk_full"]
    assert spool.counts().by_reason == {"gap_invalid": 1}
    spool.close()


def test_what_was_acknowledged_goes_in_steps_when_room_is_needed(spool):
    batches.next_offer(spool, NOON_MS)
    spool.quota_bytes = 0
    assert spool.forget_acknowledged(None) == 0
    offer = batches.next_offer(spool, NOON_MS)
    batches.acknowledge(spool, offer, Receipt(offer.batch.batch_id, 9, 0, (), 9, "p"), NOON_MS)
    assert (spool.forget_acknowledged(NOON_MS), spool.forget_acknowledged(None)) == (0, 1)
    assert spool.counts().kept == 0


def test_a_damage_found_while_sending_is_an_error_of_the_agents_own(spool):
    spool.connection.execute("PRAGMA writable_schema = 1")
    spool.connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'closed_seq', 'closed_Xeq')")
    with pytest.raises(SpoolBroken):
        batches.next_offer(Spool(spool.path), NOON_MS)


def test_a_large_file_is_checked_page_by_page_only_where_it_is_doubted(spool, monkeypatch):
    monkeypatch.setattr(spool_schema, "CHECK_BYTES", 0)
    spool.close()
    content = bytearray(spool.path.read_bytes())
    with sqlite3.connect(spool.path) as past:
        page = past.execute("SELECT rootpage FROM sqlite_master WHERE name = 'aside'").fetchone()[0] - 1
    content[page * 4096 : page * 4096 + 8] = b"\x0d\x00\x09\xff\xff\xff\xff\xff"
    spool.path.write_bytes(content)
    quick = Spool(spool.path, recover=True)
    quick.close()
    thorough = Spool(spool.path, recover=True, thorough=True)
    thorough.close()
    assert (quick.moved_aside, bool(thorough.moved_aside)) == (None, True)
