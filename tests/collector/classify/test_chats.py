"""Chats of messengers with clients that the CRM knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.classify.chats import CHAT_RULE, KnownChats, with_client
from planwhy_collector.classify.load import builtin_rules
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import Context, EntityRef

CLIENTS = KnownChats([
    ("c1", 'ООО "Ромашка-Сервис"'), ("c2", "Иван Петров"), ("c3", "Заря"), ("c4", "Twice"), ("c5", "TWICE Ltd."),
    ("c6", "ООО"), ("c7", "Ив"), ("c8", "Стройинвест, АО"),
])  # fmt: skip


@pytest.mark.parametrize(
    ("title", "client"),
    [
        ("Иван Петров – (3)", "c2"), ("(2) Ромашка Сервис @ Telegram", "c1"), ("Telegram: Иван Петров", "c2"),
        ("Анна, Ромашка-Сервис (закупки)", "c1"), ("Стройинвест снабжение", "c8"), ("ЗАРЯ", "c3"),
        ("Заря – WhatsApp", "c3"),
        ("Иван Петров, Заря", "c2"), ("Утренняя заря над рекой", None), ("Иван Петровский", None), ("Мама", None),
        ("Ив", None), ("ООО", "c6"), ("Telegram (15)", None), ("", None), ("\ud800", None),
    ],
)  # fmt: skip
def test_a_chat_is_known_by_the_clients_name_and_by_no_part_of_it(title: str, client: str | None) -> None:
    found = CLIENTS.found_in(title)
    assert (found and found[1]) == client


def test_a_name_of_two_clients_is_a_client_but_no_card() -> None:
    verdict = chat("Twice")
    assert (verdict.rule, verdict.label, verdict.area, verdict.entity) == (CHAT_RULE, "work", "service", None)


def chat(title: str, app: str = "Telegram.exe", profile: str = "default") -> Verdict:
    context = Context(app, None, None, title)
    return with_client(context, builtin_rules().judge(context, profile), CLIENTS)


def test_a_messenger_turns_to_work_on_the_clients_card_and_shows_why() -> None:
    verdict = chat("Иван Петров – (3)")
    assert (verdict.label, verdict.area, verdict.entity) == ("work", "service", EntityRef("client", "c2"))
    assert (verdict.field, verdict.matched, verdict.lost) == ("title", "иван петров", ("P-Telegram.exe",))
    assert builtin_rules().why(CHAT_RULE)


def test_other_chats_and_other_programs_stay_as_they_were() -> None:
    assert chat("Мама").label == "neutral" and chat("Иван Петров", app="notepad.exe").rule != CHAT_RULE
    assert chat("Иван Петров", app="unknown.exe").label is None


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=20)), max_size=20), st.text(max_size=100))
def test_any_names_and_titles_are_compared_without_a_fault(clients: list[tuple[str, str]], title: str) -> None:
    found = KnownChats(clients).found_in(title)
    assert found is None or found[0]
