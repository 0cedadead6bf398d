"""Guards the languages of the agent: every text that a person reads is Russian too, and no translation is left over."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import planwhy_agent
from planwhy_agent.words_ru import RUSSIAN

ROOT = Path(planwhy_agent.__file__).parent
VALUES = re.compile(r"\{(\w+)(?::[^}]*)?\}")
SAYING = {"say", "N_"}
REFUSING = ("commands.py", "sender.py", "host.py", "window.py")
"""Where errors are raised whose words a person reads as they stand."""


def texts() -> set[str]:
    return {text for path in ROOT.rglob("*.py") for call in calls(path) for text in literals(call.args[0])}


def calls(path: Path) -> Iterator[ast.Call]:
    saying = SAYING | ({"self"} if path.name == "words.py" else set())
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and name_of(node.func) in saying:
            yield node
        if isinstance(node, ast.Raise) and path.name in REFUSING and isinstance(node.exc, ast.Call) and node.exc.args:
            yield node.exc


def name_of(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def literals(node: ast.expr) -> Iterator[str]:
    """A text, or both texts of a choice between two."""
    if isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_every_text_of_the_agent_stands_in_both_languages() -> None:
    assert texts() == set(RUSSIAN)


def test_translations_of_the_agent_keep_their_values() -> None:
    pairs = [(set(VALUES.findall(english)), set(VALUES.findall(russian))) for english, russian in RUSSIAN.items()]
    assert len(pairs) > 100 and all(english == russian for english, russian in pairs)


def test_translations_of_the_agent_are_russian() -> None:
    bare = [text for text, russian in RUSSIAN.items() if not re.search("[А-Яа-я]", russian)]
    assert sorted(bare) == ["{name}, at {url}", "{when} ({ago})", "{when} {who}: {purpose}"]
