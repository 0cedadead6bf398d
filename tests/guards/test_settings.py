"""Guards the documents: every setting and every error slug is explained, and nothing that is gone still is."""

import re
from pathlib import Path
from types import ModuleType

import pytest
from planwhy_agent import errors as agent_errors
from planwhy_agent.config import Settings as AgentSettings
from planwhy_collector import errors as collector_errors
from planwhy_collector.config import Settings

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
COLLECTOR = r"^\| `PLANWHY_(?!AGENT_)([A-Z_]+)`"
AGENT = r"^\| `PLANWHY_AGENT_([A-Z_]+)`"


def named(pattern: str, text: str = REFERENCE) -> set[str]:
    return {found.lower() for found in re.findall(pattern, text, re.MULTILINE)}


def test_every_setting_is_documented_and_no_other() -> None:
    assert named(COLLECTOR) == set(Settings.__struct_fields__)
    assert named(AGENT) == set(AgentSettings.__struct_fields__)


@pytest.mark.parametrize(
    ("module", "base", "section"),
    [
        (collector_errors, "PlanwhyError", "Errors of the collector"),
        (agent_errors, "AgentError", "Errors of the agent"),
    ],
)
def test_every_error_slug_is_explained_and_no_other(module: ModuleType, base: str, section: str) -> None:
    kinds = [e for e in vars(module).values() if isinstance(e, type) and issubclass(e, getattr(module, base))]
    text = REFERENCE.split(f"## {section}")[1].split("\n## ")[0]
    assert {kind.slug for kind in kinds} == named(r"^\| `([a-z_]+)` \|", text)
