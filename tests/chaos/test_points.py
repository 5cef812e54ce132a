"""The labels of `checkpoints` are those in the code, and nothing but a test of crashes can listen to them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tourpad.core.checkpoints import POINTS

TOURPAD = Path(__file__).resolve().parents[2] / "tourpad"
SOURCES = sorted(TOURPAD.rglob("*.py"))


def calls(function: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if function in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == function:
                    yield path, node


def pattern(label: ast.expr) -> str:
    """What a label may be: itself, or for an f-string anything where its braces are."""
    if isinstance(label, ast.JoinedStr):
        return "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else "[a-z_]+" for p in label.values)
    assert isinstance(label, ast.Constant), ast.unparse(label)
    return re.escape(str(label.value))


def test_each_label_in_the_code_is_one_that_crashes_are_tried_at_and_the_other_way_round() -> None:
    written = {pattern(call.args[0]) for _, call in calls("reached")}

    unknown = {one for one in written if not any(re.fullmatch(one, point) for point in POINTS)}
    gone = {point for point in POINTS if not any(re.fullmatch(one, point) for one in written)}
    assert (unknown, gone) == (set(), set())
    assert len(set(POINTS)) == len(POINTS)


def test_nothing_that_is_shipped_can_listen() -> None:
    text = (TOURPAD / "core" / "checkpoints.py").read_text(encoding="utf-8")
    listeners = [path for path in SOURCES if "checkpoints import" in path.read_text(encoding="utf-8")]

    assert "import os" not in text
    assert "environ" not in text.replace("variable of the environment", "")
    for path in listeners:
        assert re.findall(r"from tourpad\.core\.checkpoints import (.*)", path.read_text(encoding="utf-8")) == [
            "reached"
        ]


@pytest.mark.parametrize("label", ["payout.called", "refund.renewed", "event.applied", "collect.posted"])
def test_passing_a_label_does_nothing(label: str) -> None:
    from tourpad.core import checkpoints

    assert checkpoints._hooks == []
    checkpoints.reached(label)
