"""What the model learns from: every name once, texts without their marks, and groups that hold names together."""

import pytest
from planwhy_collector.classify.load import builtin_rules, rule_set
from planwhy_collector.facts import Context
from planwhy_collector.suggest.examples import MOST_OF_ONE, OWN_WEIGHT, Example, SeenWindow, examples_of
from planwhy_collector.suggest.names import brand_of_host, registered_domain
from suggest_rows import HEAD, small_rules

TEXT = HEAD + (
    "[games non_work]\nhost play.example\nexact portal.example\nprogram Play.exe | play\nsite play.example = Play it\n"
    "path R-one play.example /shop/*\ntitle R-two unknown words: играть | игр*\n"
    "title R-three unknown regex: ^game.*\ntitle R-four category:games words: bank\n"
)


def of(text: str, own: str = "") -> list[Example]:
    return list(examples_of(rule_set({"text": text} | ({"own": own} if own else {}))))


def test_each_kind_of_rule_gives_what_a_window_would_show() -> None:
    found = {(one.source, one.context) for one in of(TEXT)}
    assert found == {
        ("host", Context(host="play.example")),
        ("host", Context(host="portal.example")),
        ("program", Context(app="play")),
        ("site", Context(title="play it")),
        ("path", Context(host="play.example", path="/shop/")),
        ("title", Context(title="играть")),
        ("title", Context(title="игр")),
    }


def test_an_own_rule_weighs_more_and_one_for_a_profile_says_so() -> None:
    own = "[finance_gov neutral for smm]\nhost till.example\n"
    (mine,) = [one for one in of(TEXT, own) if one.context.host == "till.example"]
    assert (mine.weight, mine.profile, mine.category) == (OWN_WEIGHT, "smm", "finance_gov")


def test_a_brand_is_one_group_whatever_it_is_called() -> None:
    text = HEAD + (
        "[games non_work]\nhost acme.ru crm.acme.co.uk\nprogram Acme.exe | Rocket Desk\nhost rocketdesk.com other.com\n"
    )
    groups = {one.context.host or one.context.app: one.group for one in of(text)}
    assert len(set(groups.values())) == 2
    assert groups["rocketdesk.com"] == groups["acme"] == groups["crm.acme.co.uk"] != groups["other.com"]


@pytest.mark.parametrize(
    ("host", "domain", "brand"),
    [
        ("a.b.shop24.ru", "shop24.ru", "shop"),
        ("news.bbc.co.uk", "bbc.co.uk", "bbc"),
        ("10.0.0.7", "10.0.0.7", "10.0.0.7"),
        ("4pda.to", "4pda.to", "pda"),
        ("1337.to", "1337.to", "1337.to"),
        ("intranet", "intranet", "intranet"),
    ],
)
def test_a_host_belongs_to_what_was_registered(host: str, domain: str, brand: str) -> None:
    assert (registered_domain(host), brand_of_host(host)) == (domain, brand)


def seen(number: int, rule: str | None = "H-bank-one.com", category: str | None = "finance_gov") -> SeenWindow:
    return SeenWindow(Context("chrome", "bank-one.com", None, f"page {number}"), "sales", number, category, rule)


def test_one_busy_host_teaches_by_its_longest_windows_only() -> None:
    found = [one for one in examples_of(small_rules(), map(seen, range(100))) if one.source == "seen"]
    assert [one.context.title for one in found] == [f"page {n}" for n in range(99, 99 - MOST_OF_ONE, -1)]
    assert sum(one.weight for one in found) == pytest.approx(MOST_OF_ONE**0.5)


@pytest.mark.parametrize(("rule", "category"), [("R-title", "games"), ("S-x.com", "games"), (None, None)])
def test_windows_that_no_host_or_program_decided_teach_nothing(rule: str | None, category: str | None) -> None:
    assert not [one for one in examples_of(small_rules(), [seen(1, rule, category)]) if one.source == "seen"]


def test_every_host_and_program_of_the_catalogue_is_an_example() -> None:
    rules = builtin_rules()
    found = examples_of(rules)
    assert {one.values[0] for one in rules.rules if one.kind == "host"} == {
        one.context.host for one in found if one.source == "host"
    }
    assert all(one.category in rules.categories and one.group for one in found)
