"""The words for everything the product counts: factors, verdicts, presences, areas. In: slugs. Out: English texts.

Pages translate them with `Language.say`; the texts here are the keys of the Russian catalogue.
"""

from planwhy_collector.report.language import N_

FACTORS = {
    "attendance": N_("Attendance"),
    "focus": N_("Focus on work"),
    "sales_share": N_("Share of sales in work"),
    "contact_rate": N_("Contacts per sales hour"),
    "contacts": N_("Sales contacts"),
    "follow_up": N_("Late contacts"),
    "conversion": N_("Contracts per contact"),
    "deal_value": N_("Revenue per contract"),
    "plan_stretch": N_("Plan against the load"),
}
FACTOR_MEANING = {
    "attendance": N_("present working hours of the calendar's hours, approved absence included"),
    "focus": N_("work of work and non-work; neutral time counts for neither side"),
    "sales_share": N_("time on sales of time on sales and service"),
    "contact_rate": N_("calls, meetings and letters on deals per hour of sales work"),
    "contacts": N_("too little was recorded to tell time factors apart: contacts as a whole"),
    "follow_up": N_("contacts on deals whose task was overdue at that moment"),
    "conversion": N_("contracts won per sales contact"),
    "deal_value": N_("average revenue of a contract won"),
    "plan_stretch": N_("target of what the plan's own assumptions give"),
}
QUANTITIES = {
    "expected_hours": N_("Working hours by the calendar"),
    "attendance": FACTORS["attendance"],
    "focus": FACTORS["focus"],
    "sales_share": FACTORS["sales_share"],
    "sales_hours": N_("Sales hours"),
    "contacts": FACTORS["contacts"],
    "contact_rate": FACTORS["contact_rate"],
    "late_share": N_("Share of late contacts"),
    "conversion_on_time": N_("Contracts per contact in time"),
    "conversion_late": N_("Contracts per late contact"),
    "conversion": FACTORS["conversion"],
    "contracts": N_("Contracts"),
    "deal_value": FACTORS["deal_value"],
}
VERDICTS = {
    "absent": N_("Away with approval"),
    "no_data": N_("Not enough recorded"),
    "worked_not_closed": N_("Worked on, but not closed"),
    "no_capacity": N_("No free time for it"),
    "had_capacity": N_("There was free time"),
    "unclear": N_("Unclear"),
}
VERDICT_MEANING = {
    "absent": N_("approved absence covers more than half of the window"),
    "no_data": N_("less than 60 % of the window is recorded"),
    "worked_not_closed": N_("the usual effort or a contact was recorded, but the task stayed open"),
    "no_capacity": N_("free time in the window was less than the usual effort"),
    "had_capacity": N_("free time in the window was at least the usual effort"),
    "unclear": N_("time that is not classified or not recorded could turn the answer"),
}
KINDS = {
    "sales": N_("Sales work"),
    "service": N_("Service work"),
    "general": N_("General work"),
    "neutral": N_("Neutral"),
    "non_work": N_("Not work"),
    "unclassified": N_("Not classified"),
    "idle": N_("Idle"),
    "locked": N_("Locked"),
    "asleep": N_("Asleep"),
    "absent": N_("Approved absence"),
    "private": N_("Private time"),
    "unrecorded": N_("Not recorded"),
}
"""What a stretch of time is shown as, in the order of legends; `call` shows as the work it is."""
PURPOSES = {
    "overdue_task": N_("Overdue tasks"),
    "client_complaint": N_("A client's complaint"),
    "support_request": N_("Help that the person asked for"),
    "workload_review": N_("Review of the workload"),
    "person_asked": N_("The person asked for it"),
    "security": N_("A security incident"),
    "missed_plan": N_("Missed plan"),
    "own_data": N_("Own data"),
    "erasure": N_("Erasure for good"),
}
CONCLUSIONS = {
    "circumstances": N_("Circumstances recognised"),
    "client_emergency": N_("Recognised: a client's emergency"),
    "illness": N_("Recognised: illness"),
    "hard_plan": N_("Recognised: the plan was too hard"),
    "plan_adjusted": N_("The plan was adjusted"),
    "help_agreed": N_("Help was agreed"),
    "none": N_("None"),
}
THRESHOLDS = {
    "miss_share": N_("Missed by more than"),
    "miss_overdue_tasks": N_("Overdue tasks, at least"),
    "miss_overdue_hours": N_("or overdue working hours, at least"),
    "pace_share": N_("Pace below"),
    "pace_after": N_("once this share has passed"),
}
RECOGNISED = {
    "client_emergency": N_("A client's emergency"),
    "illness": N_("Illness"),
    "hard_plan": N_("The plan was too hard"),
    "service_surge": N_("More service work than planned"),
    "technical_problem": N_("A technical problem"),
    "other": N_("Another circumstance"),
}
OPENED = {
    "rule": N_("Opened by rule: the plan was clearly missed and tasks were overdue."),
    "pace": N_("Opened by rule within the period: the plan was clearly behind its pace and tasks were overdue."),
}
EVENTS = {
    "opened": N_("opened the case"),
    "recognised": N_("recognised"),
    "withdrawn": N_("took back"),
    "adjusted": N_("adjusted the plan"),
    "concluded": N_("concluded the case"),
    "reopened": N_("opened the case again"),
    "extended": N_("extended the detail"),
}
LOOKS = {
    "case": N_("case page: totals and factors"),
    "explanation": N_("explanation: totals and factors"),
    "timeline": N_("timeline with titles"),
    "overdue": N_("overdue tasks with verdicts"),
    "report": N_("report"),
    "export": N_("everything, as a file"),
    "erasure": N_("the person was erased"),
}
VIA = {
    "case": N_("open case"),
    "grant": N_("purpose and reason"),
    "cli": N_("command line"),
    "admin": N_("administrator"),
}
ERASED = {
    "devices": N_("Machines"),
    "span_blocks": N_("Recorded stretches of time"),
    "days": N_("Days with their totals"),
    "contexts": N_("Programs, addresses and titles that nobody else used"),
    "tasks": N_("Tasks"),
    "contacts": N_("Contacts"),
    "absences": N_("Absences"),
    "plans": N_("Plans"),
    "cases": N_("Cases"),
    "comments": N_("Comments"),
    "users": N_("Accounts"),
}
"""Kinds of rows that an erasure takes, for people; the others are parts of these."""
CIRCUMSTANCES = {
    "approved_absence": N_("Approved absence"),
    "service_surge": N_("More service work than planned"),
    "other_currency": N_("Contracts in other currencies"),
    "agent_off": N_("Recording program not running"),
    "no_word": N_("No word from any computer"),
    "contract_without_amount": N_("Contracts without an amount, counted as 0"),
    "contact_without_card": N_("Contacts that name no deal, client or task"),
    "not_employed": N_("Contacts and contracts dated before hiring or after leaving"),
    "vacation": N_("Vacation"),
    "sick": N_("Illness"),
    "trip": N_("Business trip"),
    "other": N_("Other approved absence"),
}
SOURCES = {
    "given": N_("given with the plan"),
    "own": N_("own history"),
    "team": N_("team's history"),
    "none": N_("not known: taken as in fact"),
}
ROLES = {
    "employee": N_("Employee"),
    "supervisor": N_("Supervisor"),
    "admin": N_("Administrator"),
    "council": N_("Works council"),
}
METRICS = {"contracts": N_("contracts"), "revenue": N_("revenue")}
GAPS = {
    "evicted": N_("the agent's store was full"),
    "spool_lost": N_("the agent's store was lost"),
    "corrupt": N_("damaged on the machine"),
}
PRESENCES = {
    "active": N_("Active"), "call": N_("Call or meeting"), "idle": KINDS["idle"], "locked": KINDS["locked"],
    "asleep": KINDS["asleep"], "absent": KINDS["absent"], "private": KINDS["private"], "off": N_("Agent off"),
    "none": N_("No word from the agent"),
}  # fmt: skip
AREAS = {"sales": KINDS["sales"], "service": KINDS["service"], "general": KINDS["general"]}
LABELS = {"work": N_("Work"), "non_work": KINDS["non_work"], "neutral": KINDS["neutral"]}
RULE_EVENTS = {
    "applied": N_("Own rules were changed"),
    "decided": N_("Decision"),
    "left": N_("Left unclassified on purpose"),
    "pack": N_("Pack of others"),
    "restored": N_("An earlier version was brought back"),
    "release": N_("A release of Planwhy came into force"),
}
TASK_TIME = {
    "own_card": N_("own card"), "sales": N_("sales"), "service": N_("service"), "general": N_("general"),
    "non_work": N_("not work"), "neutral": N_("neutral"), "unclassified": N_("not classified"), "idle": N_("idle"),
    "locked": N_("locked"), "asleep": N_("asleep"), "absent": N_("absent"), "private": N_("private"),
    "unrecorded": N_("not recorded"),
}  # fmt: skip
"""The columns of an overdue task's window, in the order of `OverdueTimeOut`."""
COUNTS_AS = {
    "work": N_("work"), "non_work": TASK_TIME["non_work"], "neutral": TASK_TIME["neutral"],
    "unclassified": TASK_TIME["unclassified"],
}  # fmt: skip
"""What time counts for, within a sentence."""
OBJECTION_STATES = {
    "open": N_("waits for an answer"), "accepted": N_("accepted"), "declined": N_("declined"),
    "withdrawn": N_("taken back"),
}  # fmt: skip
SIGNALS = {"microphone": N_("the microphone was in use"), "call_window": N_("a window of a running call")}
"""What told of a call though nothing was typed."""
