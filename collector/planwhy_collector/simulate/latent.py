"""What lies behind a simulated month: the rates that its figures are drawn from. Pure.

In: a member, a cause. Out: latent figures. Never: a drawn one.
"""

from dataclasses import dataclass

from planwhy_collector.simulate.causes import Cause
from planwhy_collector.simulate.roster import Member, Traits


@dataclass(frozen=True, slots=True)
class Latent:
    """The method's quantities as they were meant: shares 0–1, contacts per sales hour, contracts per contact, money."""

    attendance: float
    focus: float
    sales_share: float
    contact_rate: float
    late_share: float
    conversion_on_time: float
    conversion_late: float
    deal_value: float


def latent_of(member: Member, cause: Cause) -> Latent:
    """The person's usual figures as the cause changes them; absence shows in what happens, not here."""
    t = member.traits
    return Latent(
        attendance=t.attendance,
        focus=t.focus * cause.focus,
        sales_share=t.sales_share * cause.sales_share,
        contact_rate=t.contact_rate * cause.contact_rate,
        late_share=t.late_share if cause.late_share is None else cause.late_share,
        conversion_on_time=t.conversion_on_time * cause.conversion,
        conversion_late=t.conversion_late * cause.conversion,
        deal_value=t.deal_value if member.metric == "revenue" else 1.0,
    )


def overall(traits: Traits) -> float:
    """Contracts per contact by a person's usual figures, late and on time together."""
    return (1 - traits.late_share) * traits.conversion_on_time + traits.late_share * traits.conversion_late
