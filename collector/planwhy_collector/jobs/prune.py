"""Retention: deletes what has lived long enough. Query → pure → query; may run twice. Settings say how long.

Titles and paths: `title_days`; spans: `span_months`; receipts: 90 days; expired codes, links and sessions: at once.
"""

from datetime import timedelta

from planwhy_shared.times import from_ms, to_ms

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.queries import devices, job_runs, retention

RECEIPT_DAYS = 90
MONTH_DAYS = 31


def prune(database: Database, settings: Settings, now_ms: int) -> int:
    """Delete what the settings do not keep; how many rows went or were blanked."""
    now = from_ms(now_ms)
    spans_before = to_ms(now - timedelta(days=settings.span_months * MONTH_DAYS))
    receipts_before = to_ms(now - timedelta(days=RECEIPT_DAYS))
    with database.writing() as session:
        return (
            retention.blank_titles(session, now.date().toordinal() - settings.title_days)
            + retention.delete_spans(session, spans_before)
            + retention.delete_receipts(session, receipts_before)
            + retention.delete_sign_ins(session, now_ms)
            + devices.forget_expired(session, now_ms)
            + job_runs.forget_runs(session, receipts_before)
        )
