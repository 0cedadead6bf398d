"""The words of plans: quantities, reasons, refusals. In: slugs. Out: English texts, keys of the Russian catalogue."""

from planwhy_collector.report.language import N_
from planwhy_collector.report.words import FACTORS, METRICS, SOURCES

NAMES = {
    "expected_hours": N_("Working hours"),
    "attendance": FACTORS["attendance"],
    "focus": FACTORS["focus"],
    "usable": N_("Usable share of hours"),
    "clients": N_("Clients in care"),
    "hours_per_client": N_("Service hours per client"),
    "service": N_("Service hours"),
    "sales_share": N_("Share of sales in usable hours"),
    "contact_rate": FACTORS["contact_rate"],
    "late_share": FACTORS["follow_up"],
    "conversion_on_time": N_("Contracts per contact on time"),
    "conversion_late": N_("Contracts per late contact"),
    "conversion": FACTORS["conversion"],
    "deal_value": FACTORS["deal_value"],
    "stretch": N_("Rounding, or a target by hand"),
}
SHARES = {
    "attendance": 0, "focus": 0, "usable": 0, "sales_share": 0, "late_share": 1, "conversion_on_time": 1,
    "conversion_late": 1, "conversion": 1, "stretch": 0,
}  # fmt: skip
"""What is written as a percentage, with how many decimals."""
DIGITS = {"expected_hours": 1, "clients": 1, "service": 1}
METRIC_NAMES = METRICS
SOURCE_NAMES = SOURCES | {"none": N_("not known")}
OWN_SOURCES = {"expected_hours": N_("calendar"), "clients": N_("CRM")}
"""What `own` means where it is not the person's history."""
REASON = N_("%(name)s %(before)s → %(after)s: %(part)s")
NOT_COMPARABLE = N_("cannot be compared: not all assumptions of that plan are known")
CHANGED = N_("%(when)s, %(who)s: %(before)s → %(after)s")
EXISTS = N_("a plan of %(target)s exists and is left alone")
MISSING = N_("not known: %(list)s; give it by hand")
SERVICE = N_("service takes all usable hours: %(service)s of %(usable)s")
STEP = N_("these hours give %(worth)s, less than half a step: choose a smaller step")
REFUSALS = {
    "not_there": N_("not employed in this period"),
    "no_hours": N_("no working hours in this period"),
    "absent": N_("approved absence takes the whole period"),
    "nothing": N_("no contacts or no contracts to expect, so that sales hours give nothing"),
}
NOTES = {
    "part": N_("hired or leaving within the period"),
    "no_clients": N_("no clients in care: all usable hours are sales time"),
    "many_clients": N_("many clients for one person"),
    "above_cap": N_("more clients than one person can carry"),
}
ABSENCE = N_("approved absence: %(hours)s")
OTHER_CURRENCY = N_("contracts in other currencies, left out of the history: %(count)s")
MOMENTS = {
    "begun": N_("The period has begun already."),
    "ended": N_("The period has ended already: a plan made now is made with hindsight."),
}
COLUMNS = {
    "target": N_("Target"),
    "earlier": N_("Before"),
    "change": N_("Change"),
    "clients": N_("Clients"),
    "hours": N_("Hours"),
    "usable": N_("Usable"),
    "service": N_("Service"),
    "sales": N_("Sales"),
    "rate": N_("Contacts an hour"),
    "conversion": N_("Conversion"),
}
"""The columns of a preview, by the fields of a ProposalRow; what matters most stands first on a narrow page."""
