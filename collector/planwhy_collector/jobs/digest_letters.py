"""Who reads the daily digest, and what it says: query → pure. In: a moment. Out: letters. Never: a mail, a write.

A digest is due on a working day of its reader, from an hour in the reader's zone; whoever is no employee works Monday
to Friday in UTC. "New" is what the list did not hold at that hour of the working day before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from urllib.parse import quote

from planwhy_shared.times import day_of, local_ms
from sqlalchemy.orm import Session

from planwhy_collector.config import Settings
from planwhy_collector.explain.board import NOBODYS
from planwhy_collector.explain.next_steps import Finding, findings
from planwhy_collector.facts import Person
from planwhy_collector.gate import leads
from planwhy_collector.jobs.next_steps import Asked, PersonSteps, Staff, lists
from planwhy_collector.mail import Mail
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries.mailing import digest_readers
from planwhy_collector.queries.next_steps import board
from planwhy_collector.queries.users import UserFact
from planwhy_collector.report import digest as view
from planwhy_collector.report.language import language

LONGEST_BREAK = 30
"""Days in which the working day before is looked for."""
OWN, ALL = "/me#next-steps", "/next-steps"


@dataclass(frozen=True, slots=True)
class Reader:
    """An account, its own person and the people it leads. `day`: the digest's; `before_ms`: the last one's moment."""

    user: UserFact
    person: Person | None
    led: tuple[Person, ...]
    day: date
    before_ms: int
    due: bool

    @property
    def leads(self) -> bool:
        """Whether what is nobody's concerns the reader too."""
        return self.user.role in ("supervisor", "admin")


@dataclass(frozen=True, slots=True)
class Letter:
    """A reader's digest; `mail` None where there is nothing to say."""

    reader: Reader
    mail: Mail | None


def readers(session: Session, everyone: Staff, hour: int, now_ms: int) -> list[Reader]:
    """Everyone who wants a digest, and whether it is due by now."""
    return [_reader(user, everyone, hour, now_ms) for user in digest_readers(session)]


def written(session: Session, settings: Settings, now_ms: int, everyone: Staff, to: Sequence[Reader]) -> list[Letter]:
    """Write the digests of readers; what they are made from is read once for all of them."""
    if not to:
        return []
    owners = {person.id for one in to for person in (*one.led, *_own(one))} | set(everyone.gone)
    read = board(session, owners, True, min(one.before_ms for one in to), now_ms)

    def found_at(at_ms: int) -> tuple[Finding, ...]:
        return findings(read, everyone.calendars, at_ms, settings.deadline_moves)

    before = {at_ms: frozenset(one.key for one in found_at(at_ms)) for at_ms in {one.before_ms for one in to}}
    now = found_at(now_ms)
    return [
        Letter(one, _mail(one, _parts(one, now, everyone), before[one.before_ms], everyone, settings)) for one in to
    ]


def _reader(user: UserFact, everyone: Staff, hour: int, now_ms: int) -> Reader:
    calendar = everyone.calendars.get(user.employee_id or 0, NOBODYS)
    zone = calendar.person.zone
    day = day_of(now_ms, zone)
    before = local_ms(_working_day_before(calendar, day), time(hour), zone)
    due = bool(calendar.of_day(day)) and now_ms >= local_ms(day, time(hour), zone)
    led = tuple(one for one in everyone.people.values() if leads(user, one) and one.id != user.employee_id)
    return Reader(user, everyone.people.get(user.employee_id or 0), led, day, before, due)


def _working_day_before(calendar: WorkCalendar, day: date) -> date:
    days = (day - timedelta(days=back) for back in range(1, LONGEST_BREAK + 1))
    return next((one for one in days if calendar.of_day(one)), day - timedelta(days=1))


def _parts(reader: Reader, found: Sequence[Finding], everyone: Staff) -> Iterator[tuple[PersonSteps, str]]:
    """What concerns a reader, with its page: the own list first, then one's people by name, nobody's last."""
    for one in lists(found, everyone, Asked(_own(reader))):
        yield one, OWN
    asked = Asked(reader.led, nobodys=reader.leads, everything=reader.user.role == "admin")
    for one in lists(found, everyone, asked):
        yield one, f"{ALL}?employee={quote(one.person.key, safe='')}" if one.person else ALL


def _mail(
    reader: Reader,
    parts: Iterable[tuple[PersonSteps, str]],
    before: frozenset[view.Key],
    everyone: Staff,
    settings: Settings,
) -> Mail | None:
    full = [(one, address) for one, address in parts if one.findings]
    if not full:
        return None
    user, say = reader.user, language(reader.user.locale or settings.default_locale)
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    using = view.Setting(say, everyone.people, base, settings.crm_url)
    sections = [
        view.section(one.person.name if one.person else say.say("Nobody's"), one.findings, before, address, using)
        for one, address in full
    ]
    listed = [finding for one, _ in full for finding in one.findings]
    made = view.digest(sections, listed, before, ALL if reader.leads else OWN, using)
    return Mail(
        user.email, view.digest_subject(made, say), view.digest_text(made, say), view.digest_html(made, say),
        f"digest.{user.id}.{reader.day}", made.account if settings.public_url else "",
    )  # fmt: skip


def _own(reader: Reader) -> tuple[Person, ...]:
    return (reader.person,) if reader.person else ()
