"""The facts of a policy: every rule in force is told."""

from agent_parts import policy
from planwhy_agent.policy_facts import policy_facts
from planwhy_shared.wire import AddressLimit, HostTitles


def test_every_rule_is_told_where_it_belongs():
    found = policy_facts(
        policy(
            titles="mask",
            title_rules=(HostTitles("host", "hh.ru", "keep"), HostTitles("only_host", "a.ru", "drop")),
            address_rules=(AddressLimit("host", "wiki.ru", "path"), AddressLimit("program", "chrome", "host")),
            mask_patterns=("a", "b"),
        )
    )
    assert (found.titles, found.titles_kept, found.titles_dropped, found.patterns) == (
        "mask",
        ("hh.ru",),
        ("=a.ru",),
        2,
    )
    assert (found.paths_kept, found.hosts_only) == (("bitrix24.ru", "wiki.ru"), ("chrome",))


def test_a_host_whose_path_a_rule_takes_away_is_not_told_as_kept():
    found = policy_facts(policy(address_rules=(AddressLimit("host", "bitrix24.ru", "drop"),)))
    assert (found.paths_kept, found.addresses_dropped) == ((), ("bitrix24.ru",))
