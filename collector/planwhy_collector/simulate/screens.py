"""What a simulated person has on the screen for each kind of time. Pure.

In: a kind of time, the day's CRM cards, chance. Out: program, address, title. Never: a label; the rules give it.
"""

from dataclasses import dataclass
from random import Random
from typing import Literal

Kind = Literal[
    "sales", "service", "general", "non_work", "neutral", "sales_call", "service_call",
    "idle", "locked", "asleep", "private",
]  # fmt: skip
AWAY = frozenset[Kind]({"idle", "locked", "asleep", "private"})
"""Kinds of time in which the person is not at work."""
CRM = "https://planwhy-demo.bitrix24.ru"
BROWSER = "chrome.exe"
_GENERAL = (
    ("OUTLOOK.EXE", None, "Входящие — Outlook"),
    ("EXCEL.EXE", None, "Прайс-лист {n}.xlsx — Excel"),
    ("WINWORD.EXE", None, "Коммерческое предложение {n}.docx — Word"),
    ("1cv8.exe", None, "1С:Предприятие"),
    (BROWSER, "https://mail.yandex.ru", "Яндекс Почта"),
    (BROWSER, "https://docs.google.com", "Регламент — Google Документы"),
)
_NON_WORK = (
    (BROWSER, "https://vk.com", "ВКонтакте"),
    (BROWSER, "https://youtube.com", "YouTube"),
    (BROWSER, "https://dzen.ru", "Дзен"),
    (BROWSER, "https://ozon.ru", "OZON"),
    (BROWSER, "https://sports.ru", "Sports.ru"),
    (BROWSER, "https://pikabu.ru", "Пикабу"),
    (BROWSER, "https://avito.ru", "Авито"),
)
_NEUTRAL = (
    (BROWSER, "https://yandex.ru", "Яндекс"),
    (BROWSER, "https://ru.wikipedia.org", "Википедия"),
    (BROWSER, "https://gosuslugi.ru", "Госуслуги"),
    ("explorer.exe", None, "Документы"),
)


@dataclass(frozen=True, slots=True)
class Screen:
    """What is in front; in the wire format's terms."""

    app: str | None = None
    url: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Cards:
    """The CRM cards a person works on during a day: deal ids and client ids."""

    deals: tuple[str, ...]
    clients: tuple[str, ...]


BLANK = Screen()


def deal_card(deal_id: str) -> Screen:
    """A deal's card."""
    return Screen(BROWSER, f"{CRM}/crm/deal/details/{deal_id}/", f"Сделка {deal_id} — Битрикс24")


def client_card(client_id: str) -> Screen:
    """A client's card."""
    return Screen(BROWSER, f"{CRM}/crm/company/details/{client_id}/", f"Компания {client_id} — Битрикс24")


def task_card(person: int, task_id: str) -> Screen:
    """A task's card."""
    url = f"{CRM}/company/personal/user/{person + 1}/tasks/task/view/{task_id}/"
    return Screen(BROWSER, url, f"Задача {task_id} — Битрикс24")


def unknown(number: int) -> Screen:
    """A program or a site that no rule knows."""
    if number % 2:
        return Screen(BROWSER, f"https://portal{number}.example", f"Портал {number}")
    return Screen(f"tool{number}.exe", None, f"Окно {number}")


def screen(rng: Random, kind: Kind, cards: Cards) -> Screen:
    """Choose what is in front during a stretch of this kind."""
    if kind == "sales":
        return _sales(rng, cards)
    if kind == "service" and cards.clients:
        return client_card(rng.choice(cards.clients))
    choices = {"general": _GENERAL, "non_work": _NON_WORK, "neutral": _NEUTRAL}
    if kind not in choices:
        return BLANK
    app, url, title = rng.choice(choices[kind])
    return Screen(app, url, _varied(rng, title))


def _sales(rng: Random, cards: Cards) -> Screen:
    if cards.deals and rng.random() < 0.8:
        return deal_card(rng.choice(cards.deals))
    return Screen(BROWSER, f"{CRM}/crm/deal/kanban/", "Сделки — Битрикс24")


def _varied(rng: Random, title: str) -> str:
    """Titles as they come: with the number of a document, or with that of unread messages before them."""
    named = title.replace("{n}", str(rng.randint(1, 40)))
    return f"({rng.randint(1, 9)}) {named}" if rng.random() < 0.1 else named
