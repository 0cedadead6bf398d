"""What lies behind a simulated month: the rates that its figures are drawn from. Pure.

In: a member, a cause. Out: latent figures. Never: a drawn one.
"""

from dataclasses import replace

from planwhy_collector.simulate.causes import Cause
from planwhy_collector.simulate.roster import Member, Traits


def latent_of(member: Member, cause: Cause) -> Traits:
    """The person's usual figures as the cause changes them; absence shows in what happens, not here.

    For a plan of contracts, a deal's value is 1.
    """
    t = member.traits
    return replace(
        t,
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
