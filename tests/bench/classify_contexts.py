"""Contexts as a sales team makes them, no two titles alike, so that nothing that remembers whole contexts can help.

In: the catalogue and a seed. Out: contexts in the proportions of a working day. Known hosts, sites and programs are
drawn from the catalogue, whatever part of it is in force.
"""

from collections.abc import Callable, Sequence
from random import Random

from planwhy_collector.classify.rule import BROWSER, Rule
from planwhy_collector.facts import Context

WORDS = (
    *("договор", "поставка", "клиент", "сделка", "отчёт", "за май", "новый", "заказ", "счёт", "оплата", "встреча"),
    *("план", "склад", "цена", "Ромашка", "Иванов", "Петрова", "Вектор", "обсуждение", "проект", "сроки", "доставка"),
    *("meeting", "offer", "invoice", "report", "draft", "update", "team", "call", "price", "Acme", "June"),
)
BROWSERS = ("chrome.exe", "msedge.exe", "firefox", "Yandex", "Google Chrome")
CHATS = ("Telegram.exe", "WhatsApp.exe", "slack", "Viber.exe")
CRMS = ("acme.bitrix24.ru", "acme.amocrm.ru", "crm.acme.example")
CARDS = (
    "/crm/deal/details/{}/",
    "/leads/detail/{}",
    "/crm/contact/details/{}/",
    "/company/personal/user/7/tasks/task/{}/",
)


class Team:
    """Makes contexts of a team that knows a catalogue's sites and programs, and others beside them."""

    def __init__(self, rules: Sequence[Rule], seed: int) -> None:
        self._random = Random(seed)
        self._hosts = [rule.values[0] for rule in rules if rule.kind == "host"]
        self._sites = [name for rule in rules if rule.kind == "site" for name in rule.values]
        programs = [rule for rule in rules if rule.kind == "program" and rule.outcome.category != BROWSER]
        self._programs = [name for rule in programs for name in rule.values]
        self._number = 0

    def contexts(self, count: int) -> list[Context]:
        """Make contexts: three in five with an address, the rest from titles and programs."""
        made: dict[Callable[[], Context], int] = {
            self._known: 30, self._unknown: 15, self._card: 15, self._untold: 15, self._program: 15, self._chat: 10,
        }  # fmt: skip
        return [one() for one in self._random.choices(list(made), list(made.values()), k=count)]

    def _title(self, end: str = "") -> str:
        self._number += 1
        words = " ".join(self._random.choices(WORDS, k=self._random.randint(2, 8)))
        return f"{words} {self._number}{end}"

    def _known(self) -> Context:
        host, face = self._random.choice(self._hosts), self._random.choice(("", "", "www.", "m.", "shop."))
        return Context(self._browser(), face + host, self._path(), self._title())

    def _unknown(self) -> Context:
        host = f"{self._random.choice(('shop', 'www', 'portal'))}.firm{self._random.randrange(3_000)}.example"
        return Context(self._browser(), host, self._path(), self._title())

    def _card(self) -> Context:
        self._number += 1
        path = self._random.choice(CARDS).format(self._number)
        return Context(self._browser(), self._random.choice(CRMS), path, self._title())

    def _untold(self) -> Context:
        site = self._random.choice(self._sites) if self._random.random() < 0.5 else "Firm"
        return Context(self._browser(), None, None, self._title(f" — {site} — Google Chrome"))

    def _program(self) -> Context:
        known = self._random.random() < 0.7
        name = self._random.choice(self._programs) if known else f"tool{self._random.randrange(500)}.exe"
        return Context(name, None, None, self._title(".xlsx"))

    def _chat(self) -> Context:
        return Context(self._random.choice(CHATS), None, None, self._title())

    def _browser(self) -> str:
        return self._random.choice(BROWSERS)

    def _path(self) -> str | None:
        return f"/{self._random.choice(WORDS)}/{self._number}" if self._random.random() < 0.8 else None
