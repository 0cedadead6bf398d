"""Guards the documents: every setting and every error slug is explained, and nothing that is gone still is."""

import re
from pathlib import Path

from planwhy_collector import errors
from planwhy_collector.config import Settings

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")


def test_every_setting_of_the_collector_is_documented() -> None:
    documented = {m.lower() for m in re.findall(r"^\| `PLANWHY_(?!AGENT_)([A-Z_]+)`", REFERENCE, re.MULTILINE)}
    assert documented == set(Settings.__struct_fields__)


def test_every_error_slug_of_the_collector_is_explained() -> None:
    slugs = {e.slug for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.PlanwhyError)}
    explained = set(re.findall(r"^\| `([a-z_]+)` \|", REFERENCE, re.MULTILINE))
    assert slugs <= explained
