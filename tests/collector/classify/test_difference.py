"""A context that a change of rules cannot meet keeps its verdict; whatever turns was foreseen."""

from hypothesis import given, settings
from hypothesis import strategies as st
from planwhy_collector.classify.difference import difference
from planwhy_collector.classify.load import rules_with
from planwhy_collector.facts import Context

LINES = (
    "[social non_work]\nhost vk.com\n",
    "[crm_sales work sales]\nhost ok.ru\nhost shop.example\n",
    "[business_info work]\nhost news.example\nsite news.example = Daily Example\n",
    "[games non_work]\nprogram odd.exe\n",
    "[games non_work]\nprogram excel\n",
    "[news neutral]\ncard R-crm-deal bitrix24.ru **/crm/deal/details/{id} deal\n",
    "[news neutral]\npath R-news-path * /news/**\n",
    "[games non_work]\ntitle R-game any words: чертёж*\n",
    "[business_info work]\nhost bitrix24.ru\n",
    "[games non_work]\nlist L-a x.example news.example\n",
    "[games non_work]\nlist L-a x.example vk.com\n",
    "[news neutral]\nlist L-b x.example =m.vk.com\n",
)


def text(lines: list[str]) -> str:
    """Lines in one order: in another one nothing is compared."""
    return "".join(sorted(lines, key=LINES.index))


def consistent(lines: list[str]) -> bool:
    """One header for one list."""
    return sum("L-a" in line for line in lines) < 2


sets = st.lists(st.sampled_from(LINES), max_size=3, unique=True).filter(consistent).map(text)
words = st.sampled_from(("Daily Example", "vk.com", "Чертежи", "offer", "news.example", "Почта"))
contexts = st.builds(
    Context,
    app=st.sampled_from((None, "chrome.exe", "odd.exe", "excel.exe", "firefox")),
    host=st.sampled_from((None, "vk.com", "m.vk.com", "acme.bitrix24.ru", "news.example", "shop.example", "x.example")),
    path=st.sampled_from((None, "/news/1", "/crm/deal/details/5/", "/other")),
    title=st.none() | st.lists(words, min_size=1, max_size=3).map(" - ".join),
)


@settings(deadline=None, max_examples=40)  # compiling rules takes its time
@given(sets, sets, st.lists(contexts, min_size=1, max_size=20))
def test_a_verdict_turns_only_where_it_was_foreseen(old: str, new: str, seen: list[Context]) -> None:
    before, after = rules_with(old), rules_with(new)
    found = difference(before, after)
    if found is None:  # the product's own card, said by the organisation, comes before other rules that stay
        assert "R-crm-deal" in old + new
        return
    for context in seen:
        was, now = before.judge(context, "default"), after.judge(context, "default")
        says = [(v.label, v.category, v.area, v.entity, v.rule) for v in (was, now)]
        assert says[0] == says[1] or found.may_turn(context, was.rule), context


def test_the_same_rules_turn_nothing_and_other_rules_not_everything() -> None:
    vk, odd = rules_with(LINES[0]), rules_with(LINES[3])
    assert not difference(vk, rules_with(LINES[0] + "\n# said again\n")).may_turn(Context(host="vk.com"), None)  # type: ignore[union-attr]
    found = difference(vk, odd)
    assert found is not None
    assert found.may_turn(Context(app="odd.exe"), None)
    assert not found.may_turn(Context(app="excel.exe", host="mail.example", path="/a", title="Inbox"), "H-mail.example")


def test_a_longer_list_turns_only_what_lies_in_the_hosts_it_gained_or_lost() -> None:
    lines = "[games non_work]\nlist L-a x.example y.example\nlist L-b y.example z.example\n"
    found = difference(rules_with(lines), rules_with(lines.replace("x.example", "w.example")))
    assert found is not None
    assert [found.may_turn(Context(host=f"www.{one}.example"), "L-a") for one in "wxyz"] == [True, True, False, False]


def test_of_lists_in_another_order_any_host_may_turn() -> None:
    a, b = "[games non_work]\nlist L-a x.example\n", "[news neutral]\nlist L-b x.example\n"
    longer = a.replace("x.example", "x.example y.example")
    assert difference(rules_with(a + b), rules_with(b + a)) is None
    found = difference(rules_with(a + b), rules_with(b + longer))
    assert found is not None
    assert found.may_turn(Context(host="x.example"), "L-a")


def test_whether_a_list_stands_before_or_after_a_pattern_decides_nothing() -> None:
    assert difference(rules_with(LINES[5] + LINES[9]), rules_with(LINES[9] + LINES[5])) is not None


def test_other_positions_may_turn_anything() -> None:
    assert difference(rules_with(""), rules_with("position hr sales*\n")) is None
