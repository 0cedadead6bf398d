"""A set of very many hosts is a set, and small."""

from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.classify.host_set import HostSet

hosts = st.sets(st.text("ab.ж", max_size=4))


@given(hosts, hosts, st.text("ab.ж", max_size=4))
def test_it_holds_what_a_set_holds(one: set[str], other: set[str], host: str) -> None:
    mine, theirs = HostSet(one), HostSet(other)
    assert (set(mine), len(mine), host in mine) == (one, len(one), host in one)
    assert set(mine.differing(theirs)) == one ^ other
    assert (mine == theirs) == (one == other)
    assert mine == HostSet(sorted(one)) and hash(mine) == hash(HostSet(sorted(one)))


def test_a_host_takes_its_letters_and_four_bytes() -> None:
    many = HostSet(f"host-{n:06}.example" for n in range(20_000))
    assert many.size_bytes <= 20_000 * (len("host-000000.example") + 4) + 8
    assert "host-012345.example" in many
    assert "host-012345.exampl" not in many
    assert 5 not in many
