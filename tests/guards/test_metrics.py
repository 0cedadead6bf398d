"""Guards the metrics: each is documented and no other, and their labels are those that name nobody."""

import re
from pathlib import Path

from planwhy_collector.condition import figures
from planwhy_collector.metrics import Meters
from planwhy_collector.queries.ready import StateFacts

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
LABELS = {"route", "method", "status", "error", "outcome", "reason", "lane", "pool", "job", "version", "schema"}
ROW = re.compile(r"^\| `(planwhy_[a-z_]+)` \|([^|]*)\|", re.MULTILINE)


def told() -> dict[str, set[str]]:
    """Every metric with its labels."""
    meters = Meters()
    own = {f"{c._name}{'_total' if c._type == 'counter' else ''}": set(c._labelnames) for c in meters_of(meters)}
    read = {m.name: {label for s in m.samples for label in s.labels} for m in figures(StateFacts(1, 1, {"x": 1}), 2)}
    return own | {f"{name}_info" if name == "planwhy_build" else name: labels for name, labels in read.items()}


def meters_of(meters: Meters) -> list:  # type: ignore[type-arg]
    return [one for one in vars(meters).values() if hasattr(one, "_labelnames")]


def test_every_metric_is_documented_with_its_labels() -> None:
    documented = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in ROW.findall(REFERENCE)}
    assert documented == told()


def test_no_label_names_a_person_a_device_or_a_host() -> None:
    assert set().union(*told().values()) == LABELS
