"""What vouches for rows that lost words names exactly those rows, and only as they are."""

from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.queries.vouching import together_with, unexplained, voucher, vouching_text

ROWS = st.dictionaries(st.integers(1, 60), st.text(max_size=5), max_size=20)


@given(ROWS)
def test_a_vouching_text_is_read_back_as_the_rows_it_was_made_of(rows: dict[int, str]) -> None:
    found = voucher(99, vouching_text(rows))
    assert found is not None and found.rows == rows.keys()
    assert unexplained(rows, [found], lambda seqs: {n: rows[n] for n in seqs}) is None


@given(ROWS.filter(bool), st.data())
def test_a_row_that_says_anything_else_is_not_vouched_for(rows: dict[int, str], data: st.DataObject) -> None:
    found = voucher(99, vouching_text(rows))
    one = data.draw(st.sampled_from(sorted(rows)))
    other = rows | {one: rows[one] + "x"}
    assert found is not None
    assert unexplained([one], [found], lambda seqs: {n: other[n] for n in seqs}) == one


@given(st.lists(ROWS, max_size=4), st.sets(st.integers(1, 60)))
def test_rows_that_were_vouched_for_together_stay_together(earlier: list[dict[int, str]], rows: set[int]) -> None:
    vouchers = [v for n, one in enumerate(earlier) if (v := voucher(100 + n, vouching_text(one)))]
    found = together_with(rows, vouchers)
    assert found >= rows
    assert all(v.rows <= found or not v.rows & found for v in vouchers)
