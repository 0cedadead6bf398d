"""The tables. Imported by queries and migrations only."""

from planwhy_collector.models.activity import BatchRow, ContextRow, Epoch, GapRow, SeqRange, SpanBlock, SpanRow, Word
from planwhy_collector.models.base import Base
from planwhy_collector.models.cases import Case, CaseEvent, Comment, Grant, Look
from planwhy_collector.models.crm import Absence, Client, Contact, Deal, Task, TaskChange
from planwhy_collector.models.devices import Device, DeviceToken, EnrolCode
from planwhy_collector.models.erasures import ErasureRow
from planwhy_collector.models.people import (
    ApiToken,
    CalendarException,
    Employee,
    Membership,
    SentMail,
    SignInLink,
    Team,
    TeamThresholds,
    User,
    UserSession,
)
from planwhy_collector.models.plans import PayScheme, Plan, PlanChange
from planwhy_collector.models.system import JobRun, RecordingRow, Secret
from planwhy_collector.models.totals import (
    Day,
    DayContext,
    DayTotal,
    ObjectionRow,
    RejudgedRow,
    RuleEvent,
    RuleSetRow,
    RuleTextRow,
    SuggestionRow,
    VerdictRow,
)

__all__ = [
    "Absence", "ApiToken", "Base", "BatchRow", "CalendarException", "Case", "CaseEvent", "Client", "Comment",
    "Contact", "ContextRow", "Day", "DayContext", "DayTotal", "Deal", "Device", "DeviceToken", "Employee",
    "EnrolCode", "Epoch", "ErasureRow", "GapRow", "Grant", "JobRun", "Look", "Membership", "ObjectionRow",
    "PayScheme", "Plan", "PlanChange", "RecordingRow", "RejudgedRow", "RuleEvent", "RuleSetRow", "RuleTextRow",
    "Secret", "SentMail", "SeqRange", "SignInLink", "SpanBlock", "SpanRow", "SuggestionRow", "Task", "TaskChange",
    "Team", "TeamThresholds", "User", "UserSession", "VerdictRow", "Word",
]  # fmt: skip
