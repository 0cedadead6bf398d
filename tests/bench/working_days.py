"""Realistic working days for the benches of storage: what agents of a sales team record and send.

In: a seed and how many people, days and spans. Out: spans and batches, always the same for the same numbers. Never:
a real person, title or customer.

A day has nine hours and, as in a real one, mostly contexts that the same person saw before: `new` is the share of
spans whose window or card nobody ever saw.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random

START_HOUR, HOURS = 6, 9
"""UTC: nine to six in Moscow."""
SPANS = 3_000
NEW = 0.03
USUAL = 200
"""Contexts that one person returns to again and again."""
BATCH = 500
"""Spans in one batch of an agent that has many to send."""
STATES = (("active", 0.94), ("idle", 0.04), ("locked", 0.02))
PROGRAMS = ("chrome.exe", "outlook.exe", "1cv8.exe", "telegram.exe", "excel.exe", "winword.exe", "acrobat.exe")
SITES = (
    ("https://crm.example/crm/deal/details/{n}/", "Сделка {n} — CRM"),
    ("https://crm.example/crm/company/details/{n}/", "Клиент {n}: договор и счета — CRM"),
    ("https://mail.example/", "Входящие ({n}) — Почта"),
    ("https://news.example/", "Новости дня, выпуск {n}"),
    ("https://docs.example/", "Коммерческое предложение {n}.docx"),
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One span as an agent records it; times are Unix epoch milliseconds."""

    seq: int
    start_ms: int
    end_ms: int
    state: str
    app: str | None
    title: str | None
    url: str | None

    def plain(self) -> dict[str, object]:
        """As JSON goes over the wire: absent fields are left out."""
        told: dict[str, object] = {
            "seq": self.seq, "start_ms": self.start_ms, "end_ms": self.end_ms, "state": self.state, "source": "x11"
        }  # fmt: skip
        seen = {"app": self.app, "title": self.title, "url": self.url}
        return told | {name: text for name, text in seen.items() if text}


@dataclass
class Worker:
    """One person with one machine. Days come in order, and `seq` counts on."""

    number: int
    seed: int = 1
    spans: int = SPANS
    new: float = NEW
    seq: int = 0
    drawn: int = 0
    chance: Random = field(init=False)
    usual: list[tuple[str | None, str | None, str | None]] = field(init=False)
    weights: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Random(f"{self.seed}/{self.number}")
        self.usual = [self._context() for _ in range(USUAL)]
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(USUAL)))

    def day(self, day: date) -> Iterator[Recorded]:
        """The spans of one working day, without a hole."""
        at = _ms(day) + START_HOUR * 3_600_000
        lengths = [self.chance.expovariate(1) for _ in range(self.spans)]
        scale = HOURS * 3_600_000 / sum(lengths)
        for length in lengths:
            end = at + max(1, int(length * scale))
            yield self._span(at, end)
            at = end

    def _span(self, start_ms: int, end_ms: int) -> Recorded:
        self.seq += 1
        (state,) = self.chance.choices([name for name, _ in STATES], [share for _, share in STATES])
        seen = (None, None, None) if state == "locked" else self._seen()
        return Recorded(self.seq, start_ms, end_ms, state, *seen)

    def _seen(self) -> tuple[str | None, str | None, str | None]:
        if self.chance.random() < self.new:
            return self._context()
        (found,) = self.chance.choices(self.usual, cum_weights=self.weights)
        return found

    def _context(self) -> tuple[str | None, str | None, str | None]:
        self.drawn += 1
        n = self.number * 1_000_000 + self.drawn
        if self.chance.random() < 0.4:
            return self.chance.choice(PROGRAMS[1:]), f"Документ {n} — просмотр", None
        url, title = self.chance.choice(SITES)
        return PROGRAMS[0], title.format(n=n), url.format(n=n)


def working_days(last: date, count: int) -> list[date]:
    """The last `count` days from Monday to Friday, up to and with `last`, in order."""
    days = [last - timedelta(days=back) for back in range(count * 7 // 5 + 7)]
    return sorted([day for day in days if day.weekday() < 5][:count])


def batches(spans: Iterator[Recorded], epoch: str, size: int = BATCH) -> Iterator[bytes]:
    """The bodies that carry these spans, as JSON, not compressed."""
    part: list[dict[str, object]] = []
    first = 0
    for span in spans:
        first = first if part else span.seq
        part.append(span.plain())
        if len(part) == size:
            yield _body(part, epoch, first)
            part = []
    if part:
        yield _body(part, epoch, first)


def _body(part: list[dict[str, object]], epoch: str, first: int) -> bytes:
    told = {"schema": 1, "batch_id": f"{epoch}-{first}", "epoch": epoch, "sent_ms": part[-1]["end_ms"], "spans": part}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
