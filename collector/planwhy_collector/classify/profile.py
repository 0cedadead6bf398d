"""The profile of a position. In: a position's name. Out: the profile that the product's own rules give it.

An installation's own rules may add positions: a RuleSet in force has its own `profile_of`. Never: a person's name.
"""

from planwhy_collector.classify.load import builtin_rules


def profile_of(position: str) -> str:
    """The profile of a position such as «Менеджер по продажам»; `default` where no rule names it."""
    return builtin_rules().profile_of(position)
