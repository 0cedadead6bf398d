"""Guards the documents: every setting and every error slug is explained, and nothing that is gone still is."""

import ast
import re
from pathlib import Path
from types import ModuleType

from planwhy_agent import errors as agent_errors
from planwhy_agent.config import Settings as AgentSettings
from planwhy_collector import errors as collector_errors
from planwhy_collector.config import Settings
from planwhy_collector.ingest.refusal import MEANINGS

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
COLLECTOR = r"^\| `PLANWHY_(?!AGENT_)([A-Z_]+)`"
AGENT = r"^\| `PLANWHY_AGENT_([A-Z_]+)`"


def named(pattern: str, text: str = REFERENCE) -> set[str]:
    return {found.lower() for found in re.findall(pattern, text, re.MULTILINE)}


def test_every_setting_is_documented_and_no_other() -> None:
    assert named(COLLECTOR) == set(Settings.__struct_fields__)
    assert named(AGENT) == set(AgentSettings.__struct_fields__)


def slugs_of(module: ModuleType, base: type[Exception]) -> set[str]:
    return {e.slug for e in vars(module).values() if isinstance(e, type) and issubclass(e, base)}


def section(title: str) -> set[str]:
    return named(r"^\| `([a-z_]+)` \|", REFERENCE.split(f"## {title}")[1].split("\n## ")[0])


def test_every_error_slug_is_explained_and_no_other() -> None:
    of_collector = slugs_of(collector_errors, collector_errors.PlanwhyError) | MEANINGS.keys()
    assert section("Errors of the collector") == of_collector
    assert section("Errors of the agent") == slugs_of(agent_errors, agent_errors.AgentError)


def test_routes_refuse_only_with_slugs_that_are_explained() -> None:
    folder = Path(collector_errors.__file__).parent
    calls = [c for path in folder.rglob("*.py") for c in ast.walk(ast.parse(path.read_text("utf-8")))]
    refusals = [c for c in calls if isinstance(c, ast.Call) and getattr(c.func, "id", "") in ("Refusal", "failure")]
    used = {a.value for c in refusals for a in c.args[1:2] if isinstance(a, ast.Constant)}
    assert "batch_conflict" in used
    assert used <= MEANINGS.keys() | slugs_of(collector_errors, collector_errors.PlanwhyError)
