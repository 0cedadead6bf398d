"""Stage 8, pure: from spans, calls, the calendar and verdicts to the totals of a day."""
