"""Classifying a file: the same rows in the same order, and exact errors."""

import csv
from pathlib import Path

import pytest
from planwhy_collector.classify.load import builtin_rules
from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs.classifying import ADDED, classify_file

HEAD = "kind,domain,platform,process,title,url,position\n"
CASES = [
    ("domain,b2b-center.ru,,,,,", "work,business_info,sales,H-b2b-center.ru"),
    ("domain,WWW.HH.RU,,,,,HR-менеджер", "work,jobs,general,H-hh.ru"),
    ("domain,xn--80ajghhoc2aj1c8b.xn--p1ai,,,,,", "work,business_info,general,H-честныйзнак.рф"),
    ("domain,nobody-knows.example,,,,,", ",,,"),
    ("domain,,,,,,", ",,,"),
    ("program,,win,chrome.exe,,,", "neutral,browser,,P-chrome.exe"),
    ("program,,mac,Keynote,,,", "work,office_docs,general,P-Pages"),
    ("program,,win,unheard-of.exe,,,", ",,,"),
    ('title,,win,chrome.exe,"Кот, ""играет"" — YouTube",,', "non_work,video_music,,S-youtube.com"),
    ("title,,win,chrome.exe,Сделка,https://a.bitrix24.ru/crm/deal/details/5/,", "work,crm_sales,sales,R-crm-deal"),
    ("title,,linux,Navigator,Новая вкладка,,", ",browser,,P-firefox.exe"),
]


def classified(folder: Path, text: str) -> list[dict[str, str]]:
    source, target = folder / "in.csv", folder / "out.csv"
    source.write_text(text, encoding="utf-8")
    classify_file(source, target, builtin_rules())
    with target.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("row", "expected"), CASES)
def test_a_row_is_judged(tmp_path: Path, row: str, expected: str) -> None:
    (found,) = classified(tmp_path, HEAD + row + "\n")
    assert ",".join(found[name] for name in ADDED) == expected


@pytest.mark.parametrize("change", [lambda t: t, lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n")])
def test_rows_keep_their_order_and_their_columns(tmp_path: Path, change: object) -> None:
    text = HEAD + "".join(f"{row}\n" for row, _ in CASES)
    rows = classified(tmp_path, change(text))  # type: ignore[operator]
    assert list(rows[0]) == [*HEAD.strip().split(","), *ADDED]
    assert [row["kind"] for row in rows] == [row.split(",")[0] for row, _ in CASES]


def test_semicolons_missing_and_further_columns_are_understood(tmp_path: Path) -> None:
    (row,) = classified(tmp_path, "note;kind;domain\nmine, I think;domain;vk.com\n")
    assert (row["note"], row["rule"]) == ("mine, I think", "H-vk.com")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("domain\nvk.com\n", "in.csv:1: there is no column kind"),
        ("", "in.csv:1: there is no column kind"),
        ("kind,domain\nsite,vk.com\n", "in.csv:2: kind: 'site' is not one of domain, program, title"),
        ("kind,domain\ndomain,vk.com,x\n", "in.csv:2: as many fields"),
        ("kind,domain\ndomain\n", "in.csv:2: as many fields"),
        ('kind,domain\ndomain,"vk\n', "in.csv: "),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_nothing_is_written(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        classified(tmp_path, text)
    assert reason in caught.value.detail
    assert not (tmp_path / "out.csv").exists()
