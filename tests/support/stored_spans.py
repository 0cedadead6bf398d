"""What a database holds of spans, for tests: read through the product's own blocks."""

from planwhy_collector.db import Database
from planwhy_collector.models import SpanBlock, SpanRow
from planwhy_collector.queries.blocks import unpack
from sqlalchemy import select


def stored(database: Database) -> list[tuple[int, int, int]]:
    """Device, number of the epoch and sequence number of every stored span, in order; what is there twice is twice."""
    blocks = select(SpanBlock.device_id, SpanBlock.epoch_no, SpanBlock.start_ms, SpanBlock.first_seq, SpanBlock.body)
    with database.reading() as session:
        found = [tuple(row) for row in session.execute(select(SpanRow.device_id, SpanRow.epoch_no, SpanRow.seq))]
        for device_id, epoch_no, start_ms, first_seq, body in session.execute(blocks):
            found += [(device_id, epoch_no, span.seq) for span in unpack(start_ms, first_seq, body)]
    return sorted(found)


def focus(database: Database) -> list[tuple[int, int, int]]:
    """Start, end and code of the state of the spans with the focus, in order of start."""
    blocks = select(SpanBlock.start_ms, SpanBlock.first_seq, SpanBlock.body).where(SpanBlock.track == 0)
    with database.reading() as session:
        found = sorted(span for block in session.execute(blocks) for span in unpack(*block))
    return [(span.start_ms, span.end_ms, span.state) for span in found]


def seqs(database: Database) -> list[int]:
    """The sequence numbers of all stored spans, in order."""
    return sorted(seq for *_, seq in stored(database))
