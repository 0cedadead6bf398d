"""Spans come out of blocks as they went in, in whatever order they came."""

from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.queries.blocks import BLOCK_SPANS, DAY_MS, StoredSpan, pack, unpack

MONDAY_MS = 1_795_478_400_000 - 1_795_478_400_000 % DAY_MS
codes = st.integers(0, 1000)
any_span = st.builds(
    StoredSpan,
    start_ms=st.integers(0, 253_402_300_799_999),
    end_ms=st.integers(0, 253_402_300_799_999),
    seq=st.integers(0, 2**53 - 1),
    context_id=st.integers(-(2**63), 2**63 - 1),
    state=st.integers(0, 5),
    source=codes,
    mark=codes,
)


def unpacked(blocks: object) -> list[StoredSpan]:
    return [span for one in blocks for span in unpack(one.start_ms, one.first_seq, one.body)]  # type: ignore[attr-defined]


@given(st.lists(any_span, max_size=200, unique_by=lambda span: span.seq), st.randoms())
def test_every_span_comes_out_as_it_went_in(spans: list[StoredSpan], order: object) -> None:
    blocks = list(pack(spans))
    assert sorted(unpacked(blocks)) == sorted(spans)
    order.shuffle(spans)  # type: ignore[attr-defined]
    assert list(pack(spans)) == blocks


@given(st.lists(any_span, min_size=1, max_size=100, unique_by=lambda span: span.seq))
def test_a_block_knows_its_day_its_end_and_its_number_of_spans(spans: list[StoredSpan]) -> None:
    for block in pack(spans):
        inside = list(unpack(block.start_ms, block.first_seq, block.body))
        assert {span.start_ms // DAY_MS for span in inside} == {block.start_ms // DAY_MS}
        assert (block.spans, block.end_ms) == (len(inside), max(span.end_ms for span in inside))
        assert inside[0][:1] + inside[0][2:3] == (block.start_ms, block.first_seq)


def test_a_day_of_spans_without_holes_costs_few_bytes() -> None:
    spans = [StoredSpan(MONDAY_MS + n * 10_000, MONDAY_MS + n * 10_000 + 10_000, n, n % 9, 0, 1, 0) for n in range(640)]
    blocks = list(pack(spans))
    assert [block.spans for block in blocks] == [BLOCK_SPANS] * 10
    assert sum(len(block.body) for block in blocks) < 6 * len(spans)
