"""The tables. Imported by queries and migrations only."""

from planwhy_collector.models.activity import BatchRow, ContextRow, Epoch, GapRow, SeqRange, SpanRow, Word
from planwhy_collector.models.base import Base
from planwhy_collector.models.cases import Case, Comment, Grant, Look
from planwhy_collector.models.crm import Absence, Client, Contact, Deal, Task
from planwhy_collector.models.devices import Device, DeviceToken, EnrolCode
from planwhy_collector.models.people import ApiToken, Employee, SignInLink, Team, User, UserSession
from planwhy_collector.models.plans import Plan
from planwhy_collector.models.system import JobRun, Secret
from planwhy_collector.models.totals import Day, DayContext, DayTotal, RuleSetRow, VerdictRow

__all__ = [
    "Absence", "ApiToken", "Base", "BatchRow", "Case", "Client", "Comment", "Contact", "ContextRow", "Day",
    "DayContext", "DayTotal", "Deal", "Device", "DeviceToken", "Employee", "EnrolCode", "Epoch", "GapRow", "Grant",
    "JobRun", "Look", "Plan", "RuleSetRow", "Secret", "SeqRange", "SignInLink", "SpanRow", "Task", "Team", "User",
    "UserSession", "VerdictRow", "Word",
]  # fmt: skip
