"""Guards the sizes that keep the code readable: modules, functions, and the thin shell."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("shared/planwhy_shared", "agent/planwhy_agent", "collector/planwhy_collector")
MODULE_LINES = 400
LONGEST = 60
NINE_IN_TEN = 30
MEDIAN = 10


def modules() -> list[Path]:
    return [p for package in PACKAGES for p in sorted((ROOT / package).rglob("*.py")) if "versions" not in p.parts]


def functions() -> Iterator[tuple[str, int]]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", body_lines(node)


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = first.end_lineno if documented else first.lineno - 1
    return (node.end_lineno or 0) - (start or 0)


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.name)
def test_no_module_outgrows_its_subject(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES


def test_functions_stay_short() -> None:
    sizes = sorted(size for _, size in functions())
    assert not [name for name, size in functions() if size > LONGEST]
    assert sizes[len(sizes) // 2] <= MEDIAN
    assert sizes[len(sizes) * 9 // 10] <= NINE_IN_TEN
