"""Whatever `reconcile` may find is planted by a test somewhere, and an operator can read what to do about it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KINDS = ("transfer", "refund", "dispute")
TESTS = [
    *(ROOT / "tests/core").glob("reconcile/test_r*.py"),
    *(ROOT / "tests/core").glob("ledger/*.py"),
    *(ROOT / "tests/core").glob("pay*/*.py"),
]


def codes() -> Iterator[str]:
    """The first argument of every `Finding(…)` in the code, spelled out."""
    for path in (ROOT / "tourpad/core").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "Finding(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Finding":
                yield from spelled(node.args[0])


def spelled(code: ast.expr) -> Iterator[str]:
    if isinstance(code, ast.IfExp):
        yield from (*spelled(code.body), *spelled(code.orelse))
    elif isinstance(code, ast.JoinedStr):
        for kind in KINDS:
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else kind for part in code.values)
    else:
        assert isinstance(code, ast.Constant), ast.unparse(code)
        yield str(code.value)


ALL = sorted(set(codes()))


def test_there_are_many_kinds() -> None:
    assert len(ALL) > 40


@pytest.mark.parametrize("code", ALL)
def test_each_is_planted_and_explained(code: str) -> None:
    planted = [path.name for path in TESTS if f'"{code}"' in path.read_text(encoding="utf-8")]

    assert planted != []
    assert f"`{code}`" in (ROOT / "docs/operations.md").read_text(encoding="utf-8")
