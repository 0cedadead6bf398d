"""Stage 10, pure: from measured facts and a plan to an explanation in numbers and words."""
