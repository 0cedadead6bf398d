"""The commands `planwhy rules` and `planwhy rebuild`, as a user runs them."""

import json
from pathlib import Path

from running import BIN, run


def planwhy(folder: Path, *arguments: str, code: int = 0, **settings: str) -> str:
    environment = {"PLANWHY_DATABASE_URL": f"sqlite:///{folder / 'p.sqlite3'}"} | settings
    return run([str(BIN / "planwhy"), *arguments], environment, folder, code)


def test_one_case_is_explained(tmp_path: Path) -> None:
    url = "https://acme.bitrix24.ru/crm/deal/details/5/"
    found = json.loads(planwhy(tmp_path, "rules", "test", "chrome.exe", "Сделка", url, "--json"))
    assert (found["rule"], found["field"], found["matched"]) == ("R-crm-deal", "path", "/crm/deal/details/5/")
    assert found["entity"] == {"type": "deal", "id": "5"}
    assert found["lost"] == ["R-crm-section", "H-bitrix24.ru"]


def test_own_rules_are_checked_with_file_and_line(tmp_path: Path) -> None:
    own = tmp_path / "mine.rules"
    own.write_text("[news neutral]\nhost vk.com\n", encoding="utf-8")
    assert "no problem" in planwhy(tmp_path, "rules", "check", str(own))
    own.write_text("[news neutral]\nhots vk.com\n", encoding="utf-8")
    planwhy(tmp_path, "rules", "check", str(own), code=1)
    planwhy(tmp_path, "rules", "apply", str(own), code=1)


def test_a_file_is_classified_by_own_rules_too(tmp_path: Path) -> None:
    own, source, target = tmp_path / "mine.rules", tmp_path / "in.csv", tmp_path / "out.csv"
    own.write_text("[crm_sales work sales]\nhost crm.acme.example\n", encoding="utf-8")
    source.write_text("kind,domain\ndomain,crm.acme.example\n", encoding="utf-8")
    planwhy(tmp_path, "rules", "classify", "--csv", str(source), str(target), PLANWHY_RULES_PATH=str(own))
    assert "work,crm_sales,sales,H-crm.acme.example" in target.read_text(encoding="utf-8")


def test_days_are_rebuilt_and_wrong_days_are_told(tmp_path: Path) -> None:
    assert "settled" in planwhy(tmp_path, "rebuild", "--from", "2026-10-01", "--to", "2026-10-05")
    planwhy(tmp_path, "rebuild", "--from", "2026-10-05", "--to", "2026-10-01", code=1)
    planwhy(tmp_path, "rebuild", "--from", "2026-10-01", "--to", "2026-10-05", "--employee", "nobody", code=1)
    planwhy(tmp_path, "rebuild", "--from", "yesterday", "--to", "2026-10-05", code=2)
