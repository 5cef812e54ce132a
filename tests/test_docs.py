"""The docs are true: the reference is as the code says, links lead somewhere, quoted commands exist."""

import ast
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tools.reference import api, commands
from tools.reference.__main__ import FOLDER
from tools.reference.pages import PAGES
from tools.reference.refusals import endings
from tools.reference.text import ROOT, anchor

PAPERS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[(?:[^\]`]|`[^`]*`)*\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`(tourpad(?: [^`]+)?)`")
CALL = re.compile(
    r"(?<![\w/-])(GET|POST|PUT|PATCH|DELETE) \"?(/(?:api|openapi|docs|healthz|readyz|metrics)\b[\w/.{}$-]*)"
)


def name(paper: Path) -> str:
    return paper.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES)
def test_the_reference_is_as_the_code_says(page: str) -> None:
    assert (FOLDER / page).read_text(encoding="utf-8") == PAGES[page](), "make docs writes it anew"


def test_the_reference_holds_no_page_that_nothing_makes() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(PAGES)


def test_every_command_stands_in_the_reference_and_says_what_it_does() -> None:
    text = (FOLDER / "commands.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (tourpad .+)$", text, re.MULTILINE)

    assert headings == [path for path, _ in commands.commands(commands.command())]
    assert [path for path, found in commands.commands(commands.command()) if not found.help] == []


def test_every_route_stands_in_the_reference_and_says_what_it_does() -> None:
    text = (FOLDER / "api.md").read_text(encoding="utf-8")
    served = {
        (method, path)
        for path, item in api.openapi()["paths"].items()
        for method in (m.upper() for m in item if m.upper() in api.VERBS)
    }

    # OpenAPI knows no sockets: one begins as GET.
    assert served <= {("GET" if e.method == "WS" else e.method, e.path) for e in api.endpoints()}
    assert re.findall(r"^### ((?:[A-Z]+) /.*)$", text, re.MULTILINE) == [e.name for e in api.endpoints()]
    assert [e.name for e in api.endpoints() if not e.function.__doc__] == []


@pytest.mark.parametrize("paper", PAPERS, ids=name)
def test_links_lead_somewhere(paper: Path) -> None:
    lost: list[str] = []
    for target in LINK.findall(FENCE.sub("", paper.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        found = (paper.parent / path).resolve() if path else paper
        if not found.exists() or (fragment and fragment not in anchors(found)):
            lost.append(target)

    assert lost == []


@pytest.mark.parametrize("paper", PAPERS, ids=name)
def test_quoted_commands_exist(paper: Path) -> None:
    refused = {line: why for line in quoted(paper.read_text(encoding="utf-8")) if (why := fault(line))}

    assert refused == {}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("tourpad jobs run NAME --at 2026-12-01T09:00:00Z", None),
        ("tourpad --debug jobs list --json | jq .", None),
        ("tourpad mail show ID", None),
        ("tourpad jobs dance", "no command dance"),
        ("tourpad jobs list --loud", "no option --loud"),
        ("tourpad doctor now", "takes no now"),
    ],
)
def test_a_wrong_quotation_is_found(line: str, says: str | None) -> None:
    assert fault(line) == says


@pytest.mark.parametrize("paper", PAPERS, ids=name)
def test_quoted_calls_of_the_api_exist(paper: Path) -> None:
    assert [call for call in calls(paper.read_text(encoding="utf-8")) if not is_route(*call)] == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("`POST /api/bookings/{id}/confirm`", []),
        ("call $HOST PATCH /api/rsvps/$RSVP '{}'", []),
        ('call $ARTIST GET "/api/concerts/$CONCERT/settlement" | jq .', []),
        ("`GET /api/concerts?location=Columbus OH`.", []),
        ("`PUT /api/bookings/{id}/confirm`", [("PUT", "/api/bookings/{id}/confirm")]),
        ("call $HOST GET /api/bookings/$BOOKING/terms", [("GET", "/api/bookings/$BOOKING/terms")]),
    ],
)
def test_a_wrong_call_is_found(said: str, wrong: list[tuple[str, str]]) -> None:
    assert [call for call in calls(said) if not is_route(*call)] == wrong


def test_calls_of_the_api_that_the_code_names_exist() -> None:
    """Hints, most of all: whoever is refused is told what to call."""
    wrong = {
        f"{path.relative_to(ROOT)}: {call}"
        for path in sorted((ROOT / "tourpad").rglob("*.py"))
        for call in calls(path.read_text(encoding="utf-8"))
        if not is_route(*call)
    }

    assert wrong == set()


def test_commands_that_the_code_names_exist() -> None:
    """Hints, closing lines, docstrings, mails: whatever a person could copy."""
    wrong = {
        f"{path.relative_to(ROOT)}: {line}": why
        for path in sorted((ROOT / "tourpad").rglob("*"))
        if path.suffix in {".py", ".txt", ".html"}
        for line in named(path)
        if (why := fault(line))
    }

    assert wrong == {}


def test_what_is_refused_far_below_is_told_of_a_route_and_a_command() -> None:
    login = next(e for e in api.endpoints() if e.name == "POST /api/auth/login")
    show = dict(commands.commands(commands.command()))["tourpad mail show"]

    assert {"invalid_credentials", "account_suspended"} <= {e.code for e in endings(login.function).errors}
    assert {"not_found", "refused"} <= {e.code for e in endings(show.callback).errors}


def test_the_runbook_knows_every_finding() -> None:
    told = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")))

    assert sorted(name for name in findings() if not any(re.fullmatch(name, known) for known in told)) == []


def test_the_evening_in_the_money_page_adds_up() -> None:
    from tourpad.core.bookings.states import Side
    from tourpad.core.money import format_money, usd
    from tourpad.core.payouts.rules import SettlementTerms, settle

    text = (ROOT / "docs" / "concepts" / "money.md").read_text(encoding="utf-8")
    evening = settle(
        SettlementTerms(
            door_paid=usd(30 * 1_500),
            door_returned=usd(2 * 1_500),
            door_price=usd(1_500),
            guarantee=usd(15_000),
            processing_fees=usd(28 * 74 + 465),
            platform_fee_bps=1_000,
            artist_door_bps=8_000,
            offer_number=2,
            offer_accepted_on=None,
        )
    )
    earned = [evening.total(Side.ARTIST), evening.total(Side.HOST), evening.platform]
    books = rows(text, "| journal |")

    assert rows(text, "| line |")[-1][1:] == [f"**{format_money(money)}**" for money in earned]
    assert [cents(row[1:]) for row in books if sum(cents(row[1:])) and row[0] != "**left**"] == []
    assert cents(books[-1][1:]) == [sum(column) for column in zip(*(cents(row[1:]) for row in books[:-1]), strict=True)]
    assert cents(next(row for row in books if row[0] == "settled")[1:])[-3:] == [-money.cents for money in earned]


def findings() -> set[str]:
    """The names of all findings, as patterns: `unknown_.*` where the code puts a word in."""
    names: set[str] = set()
    for file in (ROOT / "tourpad" / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                name = node.args[0]
                names |= {
                    pattern(part) for part in ([name.body, name.orelse] if isinstance(name, ast.IfExp) else [name])
                }
    return names


def pattern(name: ast.expr) -> str:
    """A string of the code as a pattern."""
    if isinstance(name, ast.JoinedStr):
        return "".join(pattern(part) for part in name.values)
    return str(name.value) if isinstance(name, ast.Constant) else "[a-z]+"


def rows(text: str, beginning: str) -> list[list[str]]:
    """The rows of the table whose heading begins so."""
    lines = text[text.index(beginning) :].split("\n\n", maxsplit=1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def cents(cells: list[str]) -> list[int]:
    """Amounts like `−20.29`, bold or not; an empty cell is nothing."""
    plain = [cell.replace("−", "-").replace(".", "").strip("* ") for cell in cells]
    return [int(cell or 0) for cell in plain]


@cache
def anchors(paper: Path) -> set[str]:
    """The fragments of one page; a heading that comes twice is an anchor of neither."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", paper.read_text(encoding="utf-8")), re.MULTILINE)
    found = Counter(anchor(heading) for heading in headings)
    return {fragment for fragment, times in found.items() if times == 1}


def quoted(text: str) -> Iterator[str]:
    """Command lines: in blocks after `$`, or at a line's beginning; in prose between backticks."""
    for kind, block in FENCE.findall(text):
        if kind not in {"", "console", "sh", "bash", "text"}:
            continue
        for line in block.splitlines():
            found = re.match(r"(?:\$ )?((?:[A-Z_]+=\S+ )*tourpad(?: .*)?)$", line)
            if found:
                yield found[1]
    yield from QUOTED.findall(FENCE.sub("", text))


def calls(text: str) -> list[tuple[str, str]]:
    """Method and path of each call of the API that is named."""
    return [(method, path.rstrip(".")) for method, path in CALL.findall(text)]


def is_route(method: str, path: str) -> bool:
    """Whether it is served. What is in braces, and a variable of the shell, stands for something within its part."""
    parts = [re.sub(r"\\{.*?\\}|\\\$\w+", ".+", re.escape(part)) for part in path.rstrip("/").split("/")]
    return any(method == known and fits(parts, route.split("/")) for known, route in routes())


def fits(patterns: list[str], route: list[str]) -> bool:
    """Whether a path is one of a route's: what is a parameter there may be written out here."""
    return len(patterns) == len(route) and all(
        there == "{}" or re.fullmatch(pattern, there) for pattern, there in zip(patterns, route, strict=True)
    )


@cache
def routes() -> set[tuple[str, str]]:
    """All that is served, with `{}` for parameters."""
    return {(endpoint.method, re.sub(r"\{[^}]*\}", "{}", endpoint.path)) for endpoint in api.endpoints()}


def named(path: Path) -> Iterator[str]:
    """Command lines inside of the strings of a module, or of a template: the command's name, and options after it."""
    text = path.read_text(encoding="utf-8")
    if re.search(r"tourpad [a-z]", text) is None:
        return
    said = [spelled(node) for node in ast.walk(ast.parse(text))] if path.suffix == ".py" else [text]
    for line in (line for one in said for line in one.splitlines()):
        for rest in re.split(r"(?<![\w/.@-])tourpad (?=[a-z])", line)[1:]:
            words = re.split(r"[.,;:!?)`'](?:\s|$)|\s{2,}", f"{rest} ")[0].split()
            if words[0] in commands.command().commands:  # else a sentence: tourpad is a word, too
                yield shlex.join(["tourpad", *path_of(words), *(w for w in words if re.fullmatch(r"--[a-z-]+", w))])


def path_of(words: list[str]) -> list[str]:
    """So many of them as name the command; of a group without one, the word that is none."""
    found, path = commands.command(), list[str]()
    for word in words:
        if not getattr(found, "commands", None) or (path and not re.fullmatch("[a-z-]+", word)):
            break
        path.append(word)
        found = found.commands.get(word)
    return path


def spelled(node: ast.AST) -> str:
    """A string of the code; what is put into it is X."""
    if isinstance(node, ast.JoinedStr):
        return "".join(spelled(part) or "X" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def fault(line: str) -> str | None:
    """What is wrong with a quoted command line, or nothing."""
    line = re.sub(r"\$\(.*?\)", "X", line)  # what the shell puts in
    line = re.split(r"\s(?:[|<>]|&&|#)|\s{3,}", line.replace("…", " "))[0]
    words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=.*|\[OPTIONS\]", word)][1:]
    found: Any = commands.command()
    while words and getattr(found, "commands", None):
        word = words.pop(0)
        if word.startswith("-"):
            if word not in options(found):
                return f"no option {word}"
        elif word not in found.commands:
            return f"no command {word}"
        else:
            found = found.commands[word]
    return rest(found, words)


def rest(found: Any, words: list[str]) -> str | None:
    """The same for what comes after the command's own name."""
    known = options(found)
    room = sum(1 if p.nargs == 1 else 1_000 for p in found.params if p.param_type_name == "argument")
    while words:
        word = words.pop(0)
        option, _, value = word.partition("=")
        if option.startswith("-") and option != "-":
            if option not in known:
                return f"no option {option}"
            if known[option] and not value and words:
                words.pop(0)
        elif room:
            room -= 1
        else:
            return f"takes no {word}"
    return None


def options(found: Any) -> dict[str, bool]:
    """The options of a command, and whether each takes a value."""
    known = {"--help": False, "-h": False}
    for parameter in found.params:
        if parameter.param_type_name == "option":
            known |= dict.fromkeys([*parameter.opts, *parameter.secondary_opts], not parameter.is_flag)
    return known
