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


def test_decisions_are_made_shown_taken_back_and_travel_as_a_file(tmp_path: Path) -> None:
    planwhy(
        tmp_path, "rules", "decide", "host", "www.acme.example", "business_info", "--area", "service", "--why", "ours"
    )
    judged = json.loads(planwhy(tmp_path, "rules", "test", "chrome.exe", "", "https://shop.acme.example/", "--json"))
    assert (judged["label"], judged["area"], judged["why"]) == ("work", "service", "ours")
    planwhy(tmp_path, "rules", "leave", "program", "OddTool.exe")
    planwhy(tmp_path, "rules", "export", str(tmp_path / "all.rules"))
    last, *_, first = json.loads(planwhy(tmp_path, "rules", "history", "--diff", "--json"))
    assert (last["kind"], last["note"], last["diff"]) == ("left", "program oddtool", ["+leave program oddtool"])
    assert first["diff"][-1] == "+host acme.example -- ours"
    (tmp_path / "none.rules").write_text("# nothing\n")
    planwhy(tmp_path, "rules", "apply", str(tmp_path / "none.rules"))
    assert "label: —" in planwhy(tmp_path, "rules", "test", "chrome.exe", "", "https://acme.example/")
    planwhy(tmp_path, "rules", "import", str(tmp_path / "all.rules"))
    assert "label: work" in planwhy(tmp_path, "rules", "test", "chrome.exe", "", "https://acme.example/")
    planwhy(tmp_path, "rules", "restore", first["version"])
    assert "oddtool" not in planwhy(tmp_path, "rules", "export")


def test_the_queue_tells_hours_and_no_names(tmp_path: Path) -> None:
    assert "not classified: 0.0 h" in planwhy(tmp_path, "rules", "queue")
    assert json.loads(planwhy(tmp_path, "rules", "queue", "--json"))["waiting"] == []
    assert "nothing would move" in planwhy(tmp_path, "rules", "decide", "host", "a.example", "games", "--preview")
    assert json.loads(planwhy(tmp_path, "rules", "history", "--json")) == []


def test_wrong_decisions_and_files_are_told_in_one_line(tmp_path: Path) -> None:
    for words in (["decide", "host", "no host", "games"], ["restore", "0" * 12], ["leave", "host", "::1"]):
        planwhy(tmp_path, "rules", *words, code=1)
    (tmp_path / "own.rules").write_text("# own\n")
    planwhy(tmp_path, "rules", "import", str(tmp_path / "own.rules"), code=1)
    planwhy(tmp_path, "rules", "decide", "door", "a", "games", code=2)


def test_a_public_list_is_taken_over_shown_and_removed(tmp_path: Path) -> None:
    (tmp_path / "games.txt").write_text("play.example\nbitrix24.ru\nco.uk\n*.odd.example\n")
    said = (str(tmp_path / "games.txt"), "domains", "games", "--licence", "CC0", "--source", "a friend")
    assert "2 hosts" in planwhy(tmp_path, "rules", "packs", "add", "fun", *said, "--preview")
    assert json.loads(planwhy(tmp_path, "rules", "packs", "list", "--json")) == []
    assert "left out: 1 × " in planwhy(tmp_path, "rules", "packs", "add", "fun", *said)
    (pack,) = json.loads(planwhy(tmp_path, "rules", "packs", "list", "--json"))
    assert (pack["name"], pack["licence"], pack["source"]) == ("fun", "CC0", "a friend")
    judged = json.loads(planwhy(tmp_path, "rules", "test", "chrome.exe", "", "https://a.play.example/", "--json"))
    assert (judged["label"], judged["rule"], judged["matched"]) == ("non_work", "L-fun", "play.example")
    assert "label: work" in planwhy(tmp_path, "rules", "test", "chrome.exe", "", "https://bitrix24.ru/")
    planwhy(tmp_path, "rules", "packs", "remove", "fun")
    assert "label: —" in planwhy(tmp_path, "rules", "test", "chrome.exe", "", "https://play.example/")


def test_a_list_that_cannot_be_taken_over_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "good.txt").write_text("play.example\n")
    rest = ("--licence", "CC0", "--source", "x")
    for words in (
        ["fun", "empty.txt", "domains", "games"], ["fun", "good.txt", "domains", "nothing"],
        ["fun", ".", "v2fly", "games"],
    ):  # fmt: skip
        planwhy(tmp_path, "rules", "packs", "add", *words, *rest, code=1)
    planwhy(tmp_path, "rules", "packs", "add", "fun", "good.txt", "domains", "games", code=2)
    assert "no packs" in planwhy(tmp_path, "rules", "packs", "list")
