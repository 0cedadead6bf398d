"""The benchmark runs and its scores mean what they say; its figures at full size come from `make bench-explain`."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from running import free_port

from tests.bench.explain_accuracy import measure
from tests.bench.scoring import LATENT, TIME, Case, score
from tests.bench.table import as_json, lines

CAUSES = "distraction,weak_conversion,service_overload,agent_off"
FACTORS = (*TIME, *LATENT, "plan_stretch")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_explanations_of_a_small_company_agree_with_the_truth(tmp_path: Path) -> None:
    scores, seconds = measure(tmp_path, free_port(), 10, 4, 2, (0.0, 0.15), 0.0, CAUSES)
    assert sum(scores.months.values()) == 48
    assert (scores.dominant.share or 0) >= 0.9
    assert scores.dominant.of >= 15
    assert scores.error <= 0.05
    assert (scores.verdicts.share or 0) >= 0.9
    assert (scores.chance.share or 0) >= 0.95
    assert (scores.below_limit >= 10, scores.concluded_below) == (True, 0)
    assert all((rate.share or 0) > 0.7 for rate in scores.coverage.values())
    assert len("\n".join(lines(scores, seconds))) > 1_000


def truth(**values: Any) -> dict[str, Any]:
    """A month of 10 planned contracts of which 4 are lost, 3 of them to conversion."""
    parts = dict.fromkeys(FACTORS, 0.0) | {"conversion": 3.0, "focus": 1.0}
    factors = [{"name": n, "contribution": c, "latent_contribution": c} for n, c in parts.items()]
    return {
        "cause": "weak_conversion", "dominant": "conversion", "metric": "contracts", "target": 10.0, "shortfall": 4.0,
        "bare": False, "recorded_share": 0.9, "within_chance": False, "factors": factors, "contacts": [],
        "hidden": {"share": 0.0}, "overdue": {"t1": {"verdict": "unclear", "really": "no_capacity"}},
    } | values  # fmt: skip


def found(true: dict[str, Any]) -> dict[str, Any]:
    """An explanation that is right in all."""
    factors = [f | {"low": f["contribution"] - 0.1, "high": f["contribution"] + 0.1} for f in true["factors"]]
    tasks = [{"task_id": task, "verdict": one["verdict"]} for task, one in true["overdue"].items()]
    return {
        "coverage": {"conclusive": True}, "factors": factors, "overdue": tasks,
        "chance": {"within_chance": true["within_chance"]},
    }  # fmt: skip


def test_an_explanation_that_is_right_in_all_scores_in_all() -> None:
    scores = score([Case(truth(), found(truth()))])
    assert (scores.dominant.share, scores.error, scores.chance.share, scores.verdicts.share) == (1, 0, 1, 1)
    assert {rate.share for rate in scores.coverage.values()} == {1}
    assert (scores.firm.of, scores.below_limit) == (0, 0)


def test_each_kind_of_error_is_counted() -> None:
    wrong = deepcopy(found(truth()))
    parts = {f["name"]: f for f in wrong["factors"]}
    parts["conversion"] |= {"contribution": 1.0, "low": 0.5, "high": 1.5}
    parts["focus"] |= {"contribution": 3.0, "low": 2.0, "high": 4.0}
    wrong["chance"]["within_chance"], wrong["overdue"] = True, [{"task_id": "t1", "verdict": "had_capacity"}]
    scores = score([Case(truth(), wrong)])
    assert (scores.dominant.share, scores.chance.share, scores.verdicts.share, scores.firm.share) == (0, 0, 0, 0)
    assert scores.error == pytest.approx((2 + 2) / 4 / 8)
    assert (scores.coverage["conversion", 0.0].share, scores.coverage["attendance", 0.0].share) == (0, 1)


def test_a_conclusion_below_the_limit_is_counted() -> None:
    scores = score([Case(truth(recorded_share=0.5), found(truth()))])
    assert (scores.below_limit, scores.concluded_below) == (1, 1)


def test_the_table_marks_a_goal_that_is_missed_and_nothing_else() -> None:
    scores = score([Case(truth(), found(truth()) | {"chance": {"within_chance": True}})])
    marked = {line.split("  ")[0] for line in lines(scores, {}) if "MISSED" in line}
    assert "within-chance calls right" in marked
    assert "verdicts of overdue tasks right" not in marked
    assert as_json(scores, {})["met"]["verdicts"]
