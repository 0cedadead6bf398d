"""The benchmark of judging runs and its table says what was measured; its figures come from `make bench-classify`."""

from planwhy_collector.classify.load import builtin_rules

from tests.bench.classify_contexts import Team
from tests.bench.classify_speed import Speed, lines, measure


def test_few_rules_all_rules_and_a_hostile_one_are_timed() -> None:
    found = measure(contexts=200, rounds=1)
    assert 495 <= found["500 rules"].rules <= 505
    assert 4_000 < found["catalogue"].rules < found["hostile"].rules
    assert all(one.us > 0 and one.plain_us > 0 for one in found.values())
    assert found["hostile"].us < 10_000


def test_a_teams_contexts_are_distinct_and_of_every_kind() -> None:
    seen = Team(builtin_rules().rules, seed=1).contexts(500)
    assert len(set(seen)) == 500
    assert 200 < sum(one.host is not None for one in seen) < 400


def test_the_table_gives_each_rate_beside_the_plain_loop() -> None:
    header, row = lines({"few": Speed(500, 1_000, 8.0, 2.0)})
    assert header.split()[-1] == "ratio"
    assert row.split() == ["few", "500", "1000", "125000", "8.00", "2.00", "4.0"]
