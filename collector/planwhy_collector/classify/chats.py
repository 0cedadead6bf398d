"""Stage 7: a chat in a messenger with a client that the CRM knows is work for that client. In: a context, its verdict,
the clients' names. Out: the verdict, or the one of a client's chat. Never: what was written there.

A messenger's window names the chat. The chat is a client's where its name is the client's, or holds all of the name's
words in a row and these are two or more, or one long one. Words that only tell the legal form do not count.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from planwhy_collector.classify.match import fold
from planwhy_collector.classify.verdict import Verdict
from planwhy_collector.facts import Context, EntityRef

CHAT_RULE = "R-chat-client"
"""The code of the rule that is not text: a chat of a messenger that bears the name of a client of the CRM."""
CHAT_WHY = "the chat bears the name of a client that the CRM knows"
MESSENGERS = "messengers"
LONG = 7
"""Letters of a single word from which on it may stand beside other words."""
SHORT = 3
"""Letters of a name from which on it is one."""
_WORDS = re.compile(r"\w+")
_PARTS = re.compile(r"\s+[-–—|·•@/]+\s+|[|·•@,]|:\s+")
_FORMS = frozenset({
    "ооо", "оао", "зао", "пао", "ао", "ип", "нко", "тоо", "чп", "гк", "тд", "мп", "гуп", "муп", "кфх", "пк", "llc",
    "ltd", "inc", "gmbh", "co", "corp", "sa", "bv", "lp", "plc", "ag", "srl", "sarl",
})  # fmt: skip
_SITES = frozenset({
    "telegram", "телеграм", "whatsapp", "viber", "web", "вайбер", "ватсап", "max", "skype", "signal", "discord",
})  # fmt: skip
"""Names of messengers, which stand in the title beside that of the chat."""


class KnownChats:
    """The clients that chats may be with, by the words of their names. A name of two clients is nobody's card."""

    def __init__(self, clients: Iterable[tuple[str, str]]) -> None:
        self._clients: dict[tuple[str, ...], str | None] = {}
        for key, name in clients:
            words = _name(name)
            if len("".join(words)) >= SHORT:
                self._clients[words] = None if words in self._clients else key
        self._longest = max(map(len, self._clients), default=0)

    def found_in(self, title: str) -> tuple[str, str | None] | None:
        """The name found in a messenger's title, and the client's id where it is one client's; None without a name."""
        for part in _PARTS.split(fold(title)):
            words = tuple(word for word in _name(part) if word not in _SITES and not word.isdigit())
            if words in self._clients:
                return " ".join(words), self._clients[words]
        return self._within(_name(title))

    def _within(self, words: tuple[str, ...]) -> tuple[str, str | None] | None:
        for length in range(min(self._longest, len(words)), 0, -1):
            for at in range(len(words) - length + 1):
                name = words[at : at + length]
                if (length > 1 or len(name[0]) >= LONG) and name in self._clients:
                    return " ".join(name), self._clients[name]
        return None


def is_chat(context: Context, verdict: Verdict) -> bool:
    """Whether a verdict may be another one for who is in the chat: a messenger's window that somebody is named in."""
    return verdict.category == MESSENGERS and verdict.label != "non_work" and bool(context.title)


def with_client(context: Context, verdict: Verdict, chats: KnownChats) -> Verdict:
    """The verdict on a client's chat: service work, on the client's card; any other one stays as it is."""
    found = chats.found_in(context.title or "") if is_chat(context, verdict) else None
    if found is None:
        return verdict
    name, client = found
    lost = ((verdict.rule,) if verdict.rule else ()) + verdict.lost
    entity = EntityRef("client", client) if client else None
    return replace(
        verdict, label="work", area="service", rule=CHAT_RULE, entity=entity, field="title", matched=name, lost=lost
    )


def _name(text: str) -> tuple[str, ...]:
    words = _WORDS.findall(fold(text))
    return tuple(word for word in words if word not in _FORMS) or tuple(words)
