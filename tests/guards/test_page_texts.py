"""Guards the languages: every text of pages and reports is Russian too, and no translation is left over."""

import re
from pathlib import Path

import planwhy_collector
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(planwhy_collector.__file__).parent
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def texts() -> set[str]:
    found: set[str] = set()
    for path in [*ROOT.glob("web/**/*.py"), *ROOT.glob("report/*.py")]:
        found |= {str(m[1]) for m in extract_from_file("python", path, keywords={"N_": None, "say": None})}
    for path in ROOT.glob("web/templates/*.html"):
        found |= {str(m[1]) for m in extract_from_file("jinja2", path, keywords={"_": None, "say": None})}
    return found


def russian() -> Catalog:
    with (ROOT / "web" / "translations" / "ru.po").open("rb") as source:
        return read_po(source, locale="ru", abort_invalid=True)


def test_every_text_stands_in_both_languages() -> None:
    translated = {str(m.id) for m in russian() if m.id and m.string}
    assert texts() == translated


def test_translations_keep_their_values() -> None:
    pairs = [(set(PLACEHOLDER.findall(str(m.id))), set(PLACEHOLDER.findall(str(m.string)))) for m in russian() if m.id]
    assert pairs and all(english == said for english, said in pairs)


def test_templates_hold_no_bare_words() -> None:
    inside = re.compile(r">([^<>{}]*[A-Za-zА-Яа-я]{3,}[^<>{}]*)<")
    bare = {p.name: inside.findall(p.read_text(encoding="utf-8")) for p in ROOT.glob("web/templates/*.html")}
    allowed = {"Planwhy", "English", "Русский", "planwhy-agent enrol --url … --code"}
    assert {name: kept for name, w in bare.items() if (kept := [x for x in w if x.strip() not in allowed])} == {}


def test_templates_say_no_lone_percent_sign() -> None:
    # Templates put values in by `%`, whether a text has any or not.
    lone = re.compile(r"%(?!\(\w+\)s|%)")
    paths = ROOT.glob("web/templates/*.html")
    said = {str(m[1]) for path in paths for m in extract_from_file("jinja2", path, keywords={"_": None})}
    russian_too = said | {str(m.string) for m in russian() if m.id in said}
    assert said and [text for text in russian_too if lone.search(text)] == []
