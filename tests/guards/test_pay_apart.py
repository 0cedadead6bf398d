"""Guards that no part of pay escapes the contract that keeps recorded activity out of it."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_module_of_pay_stands_in_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (ours,) = (one for one in contracts if one["name"].startswith("pay knows nothing"))
    package = ROOT / "collector" / "planwhy_collector"
    inner = [p for room in ("plan", "queries", "report", "jobs") for p in (package / room).glob("pay*.py")]
    names = {".".join(path.relative_to(package.parent).with_suffix("").parts) for path in inner}
    assert names == set(ours["source_modules"])
    assert {"planwhy_collector.rollup", "planwhy_collector.queries.activity"} <= set(ours["forbidden_modules"])
