"""Spans come out of blocks as they went in, in whatever order they came."""

import msgspec
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
    many=st.sampled_from((1, 1, 1, 2, 65_535)),
)


class Earlier(msgspec.Struct, frozen=True, array_like=True):
    """The body of a block as the release before the count of windows reads and writes it."""

    lengths: list[int]
    holes: list[int]
    steps: list[int]
    contexts: list[int]
    places: list[int]
    states: list[int]
    sources: list[int]
    marks: list[int]


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


@given(st.lists(any_span, min_size=1, max_size=60, unique_by=lambda span: span.seq))
def test_blocks_with_and_without_a_count_are_read_by_this_release_and_the_one_before(spans: list[StoredSpan]) -> None:
    for block in pack(spans):
        before = msgspec.msgpack.decode(block.body, type=Earlier)
        again = list(unpack(block.start_ms, block.first_seq, msgspec.msgpack.encode(before)))
        told = [span._replace(many=1) for span in unpack(block.start_ms, block.first_seq, block.body)]
        assert again == told


def test_a_block_that_counts_nothing_costs_nothing_for_it() -> None:
    [block] = pack([StoredSpan(MONDAY_MS, MONDAY_MS + 1, 1, 7, 0, 1, 0)])
    assert block.body == msgspec.msgpack.encode(msgspec.msgpack.decode(block.body, type=Earlier))
