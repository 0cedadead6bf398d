"""The daily digest by mail: query → pure → query. In: a moment. Out: mails, one a day for each account.

A mail is claimed in the database before it is sent. A process killed between the two leaves a claim and no mail: the
digest of that day is lost, and the next one holds all that is still open. The other order would send twice after every
such end, and people stop reading what repeats itself. A mail that the server did not confirm gives its claim back and
goes out with the next tick, under the same Message-ID; one refused for good does not that day, and is counted with
every tick of 24 hours, or until a mail to that account is taken.
"""

import logging
from collections import Counter
from collections.abc import Callable

from planwhy_shared.times import HOUR_MS
from sqlalchemy.orm import Session

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import ConfigError, MailDelayed, MailRefused, MailsFailed, MailStopped, NotFound
from planwhy_collector.jobs.digest_letters import Letter, readers, written
from planwhy_collector.jobs.next_steps import staff
from planwhy_collector.mail import send
from planwhy_collector.queries.mailing import claim_mail, claimed, forget_kind, give_back, mails_since

log = logging.getLogger("planwhy.digest")
KIND, REFUSED = "digest", "digest_refused"
SHOWN_MS = 24 * HOUR_MS
"""How long a refused mail is counted."""


def send_digests(database: Database, settings: Settings, now_ms: int) -> int:
    """Send what is due and was not sent yet; how many. Raises MailsFailed after the others, MailStopped at once."""
    if not settings.smtp_host:
        log.info("digest: no mail server is configured (smtp_host), nothing is sent")
        return 0
    with database.reading() as session:
        letters = _due(session, settings, now_ms)
    ended = Counter(_deliver(database, settings, letter, now_ms) for letter in letters)
    with database.reading() as session:
        ended["refused"] = mails_since(session, REFUSED, now_ms - SHOWN_MS)
    return _counted(ended)


def send_by_hand(database: Database, settings: Settings, now_ms: int, email: str | None) -> int:
    """Send today's digests at once, whatever the hour and the day; how many. With `email` also a second time."""
    if not settings.smtp_host:
        raise ConfigError("smtp_host is empty: there is no mail server to send by")
    letters = previewed(database, settings, now_ms, email)
    return _counted(Counter(_deliver(database, settings, one, now_ms, again=email is not None) for one in letters))


def previewed(database: Database, settings: Settings, now_ms: int, email: str | None) -> list[Letter]:
    """Write today's digests without sending them. Raises NotFound for an account that has none."""
    wanted = email.strip().lower() if email is not None else None
    with database.reading() as session:
        everyone = staff(session)
        found = readers(session, everyone, settings.digest_hour, now_ms)
        chosen = [one for one in found if wanted in (None, one.user.email)]
        if wanted is not None and not chosen:
            raise NotFound("there is no such account with a digest, or it has switched the digest off")
        return written(session, settings, now_ms, everyone, chosen)


def _due(session: Session, settings: Settings, now_ms: int) -> list[Letter]:
    everyone = staff(session)
    due = [one for one in readers(session, everyone, settings.digest_hour, now_ms) if one.due]
    done = claimed(session, KIND, {one.day for one in due})
    return written(session, settings, now_ms, everyone, [o for o in due if (o.user.id, o.day) not in done])


def _counted(ended: Counter[str]) -> int:
    if ended["refused"] or ended["delayed"]:
        raise MailsFailed(", ".join(f"{ended[how]} {how}" for how in ("sent", "delayed", "refused")))
    return ended["sent"]


def _deliver(database: Database, settings: Settings, letter: Letter, now_ms: int, again: bool = False) -> str:
    """Claim, send, and note how it ended. Raises MailStopped or ConfigError, with the claim given back."""
    user_id, day = letter.reader.user.id, letter.reader.day
    with database.writing() as session:
        if not claim_mail(session, KIND, user_id, day, now_ms) and not again:
            return "claimed"
    if letter.mail is None:
        return "empty"
    try:
        send(settings, letter.mail, now_ms)
    except MailRefused as error:
        return _noted(database, lambda s: claim_mail(s, REFUSED, user_id, day, now_ms), "refused", letter, error.fault)
    except (MailDelayed, MailStopped, ConfigError) as error:
        _noted(database, lambda s: give_back(s, KIND, user_id, day), "delayed", letter, error.fault)
        if not isinstance(error, MailDelayed):
            raise
        return "delayed"
    with database.writing() as session:
        forget_kind(session, REFUSED, user_id)
    return "sent"


def _noted(database: Database, note: Callable[[Session], object], ended: str, letter: Letter, fault: str) -> str:
    """Write an ending down; the log names the account by its number only."""
    told = {"user": letter.reader.user.id, "day": letter.reader.day, "ended": ended}
    log.warning("digest not sent: %s", fault, extra=told)
    with database.writing() as session:
        note(session)
    return ended
