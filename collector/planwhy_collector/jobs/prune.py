"""Retention: deletes what has lived long enough. Query → pure → query; may run twice. Settings say how long.

Titles and paths: `title_days`; spans: `span_months`; cases with their history and comments: `case_months` after their
period, concluded or not, and comments on stretches of time and decided objections as long; receipts and the record of
mails: 90 days; the record of ticks: 14 days; expired codes, links and sessions, and days settled of a person who was
being erased: at once. The record of erasures stays: a backup may come back at any time. Never: a span gone whose day
was not settled first, or a write lock held for long.
"""

from datetime import date, timedelta

from planwhy_shared.times import from_ms, to_ms

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.jobs.months import MONTH_DAYS, drop_months, kept_since, start_of
from planwhy_collector.jobs.settle import settle
from planwhy_collector.queries import devices, job_runs, mailing, retention
from planwhy_collector.queries.erasing import forget_strays
from planwhy_collector.queries.rollups import freeze_days

RECEIPT_DAYS = 90
MAIL_DAYS = 90
TICK_DAYS = 14


def prune(database: Database, settings: Settings, now_ms: int) -> int:
    """Delete what the settings do not keep; how many rows went or were blanked.

    Spans come last: a database that is read for long, by a backup say, may put them off until the next day.
    """
    settle(database, now_ms)
    today = from_ms(now_ms).date()
    return (
        _prune_cases(database, today - timedelta(days=settings.case_months * MONTH_DAYS))
        + _prune_rest(database, today.toordinal() - settings.title_days, now_ms)
        + _prune_spans(database, kept_since(settings, now_ms))
    )


def _prune_spans(database: Database, before: date) -> int:
    """Delete spans that began before a day: whole months where there are partitions, then one machine at a time.

    Days that lose any keep their totals for good.
    """
    with database.writing() as session:
        freeze_days(session, before + timedelta(days=1))
        known = retention.devices_with_spans(session)
    gone = drop_months(database, before)
    for device_id in known:
        with database.writing() as session:
            gone += retention.delete_spans(session, device_id, start_of(before))
    return gone


def _prune_cases(database: Database, before: date) -> int:
    with database.writing() as session:
        said = retention.delete_comments(session, start_of(before))
        objected = retention.delete_objections(session, start_of(before))
        return retention.delete_cases(session, before) + said + objected


def _prune_rest(database: Database, titles_before: int, now_ms: int) -> int:
    now = from_ms(now_ms)
    with database.writing() as session:
        return (
            retention.blank_titles(session, titles_before)
            + retention.delete_receipts(session, to_ms(now - timedelta(days=RECEIPT_DAYS)))
            + retention.delete_sign_ins(session, now_ms)
            + devices.forget_expired(session, now_ms)
            + mailing.forget_mails(session, to_ms(now - timedelta(days=MAIL_DAYS)))
            + forget_strays(session)
            + job_runs.forget_runs(session, to_ms(now - timedelta(days=TICK_DAYS)))
        )
