"""From a template and its context to a subject, a text, HTML, and what the app shows.

How a template is written: `templates/README.md`.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from tourpad.core.money import Money, format_money, usd
from tourpad.core.values import Value

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"

_HEADERS = ("Subject", "Summary", "Action", "Example")
_URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


class TemplateFault(Exception):
    """A template that is not written as `templates/README.md` says. A fault of ours, found by the tests."""


class Action(NamedTuple):
    """The one thing to do next."""

    label: str
    url: str


class Block(NamedTuple):
    """A paragraph (its lines) or a list (its items), already safe for HTML."""

    lines: list["Markup"]
    items: list["Markup"]


class Rendered(Value):
    """What one person is told."""

    subject: str
    text: str
    html: str
    summary: str
    action: Action | None


class Source(Value):
    """A template, compiled."""

    subject: "Template"
    summary: "Template | None"
    action: "Template | None"
    body: "Template"
    html: "Template"
    example: dict[str, Any]


def render(
    template: str,
    *,
    name: str,
    base_url: str,
    unsubscribe_url: str | None = None,
    about: str = "this",
    folder: Path = TEMPLATES,
    **context: Any,
) -> Rendered:
    """Fill in a template.

    Args:
        template: its name, without an ending.
        name: whom it greets.
        base_url: where our links begin; only such addresses in the text become links in the HTML.
        unsubscribe_url: the way out, at the foot of the mail; none where the mail is essential.
        about: what the way out ends, in words.
        folder: where the templates lie.
        context: what the template's `Example` lists.

    Raises:
        TemplateFault: no such template, or one that is wrongly written.
        jinja2.UndefinedError: the context lacks a variable.
    """
    source = load(template, folder)
    values = {**context, "name": name, "base_url": base_url}
    subject = _one_line(source.subject.render(values))
    body = source.body.render(values).strip()
    action = _action(source.action.render(values), template) if source.action else None
    paragraphs = re.split(r"\n\s*\n", body)
    summary = _one_line(source.summary.render(values) if source.summary else paragraphs[0])
    text = f"Hello {name},\n\n{body}\n"
    if action:
        text += f"\n{action.label}: {action.url}\n"
    text += "\n-- \nTourPad\n"
    if unsubscribe_url:
        text += f"No more mails about {about}: {unsubscribe_url}\n"
    html = source.html.render(
        values,
        subject=subject,
        blocks=[_block(p, base_url) for p in paragraphs],
        action=action,
        unsubscribe_url=unsubscribe_url,
        about=about,
    )
    return Rendered(subject=subject, text=text, html=html, summary=summary, action=action)


@cache
def load(template: str, folder: Path = TEMPLATES) -> Source:
    """Read and compile a template, once in a process.

    Raises:
        TemplateFault: no such template, or one that is wrongly written.
    """
    path = folder / f"{template}.txt"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", template) or not path.is_file():
        raise TemplateFault(f"there is no template {template!r} in {folder.name}/")
    head, gap, body = path.read_text(encoding="utf-8").partition("\n\n")
    headers: dict[str, str] = {}
    for line in head.splitlines():
        key, colon, value = line.partition(":")
        if not colon or key not in _HEADERS or key in headers:
            raise TemplateFault(f"{path.name}: {line!r} is none of the headers {', '.join(_HEADERS)}")
        headers[key] = value.strip()
    if not gap or not body.strip() or not headers.get("Subject") or "Example" not in headers:
        raise TemplateFault(f"{path.name}: it needs Subject, Example, an empty line and a text")
    text, html = _environments(folder)
    own = folder / f"{template}.html"
    return Source(
        subject=text.from_string(headers["Subject"]),
        summary=text.from_string(headers["Summary"]) if "Summary" in headers else None,
        action=text.from_string(headers["Action"]) if "Action" in headers else None,
        body=text.from_string(body),
        html=html.get_template(own.name if own.is_file() else "_layout.html"),
        example=json.loads(headers["Example"]),
    )


def names() -> list[str]:
    """Every template there is."""
    return sorted(p.stem for p in TEMPLATES.glob("[a-z]*.txt"))


@cache
def _environments(folder: Path) -> "tuple[Environment, Environment]":
    """For text (nothing escaped) and for HTML (everything escaped). Both refuse what is undefined."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - paid with the first mail

    text = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - plain text, never shown by a browser
    )
    html = Environment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
        auto_reload=False,
    )
    for environment in (text, html):
        environment.filters.update(FILTERS)
    return text, html


def _one_line(text: str) -> str:
    """No newline may reach a header."""
    return " ".join(text.split())


def _action(rendered: str, template: str) -> Action:
    label, bar, url = rendered.partition("|")
    if not bar:
        raise TemplateFault(f"{template}.txt: Action is written as `label | url`")
    return Action(label.strip(), _one_line(url))


def _block(paragraph: str, base_url: str) -> Block:
    lines = [line.strip() for line in paragraph.splitlines()]
    if all(line.startswith("- ") for line in lines):
        return Block(lines=[], items=[_linked(line.removeprefix("- "), base_url) for line in lines])
    return Block(lines=[_linked(line, base_url) for line in lines], items=[])


def _linked(line: str, base_url: str) -> "Markup":
    """Our own addresses become links. Others stay text: nobody's words put a link into our mail."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - as above

    result = Markup()
    at = 0
    for found in _URL.finditer(line):
        url = found[0]
        result += escape(line[at : found.start()])
        if url == base_url or url.startswith((f"{base_url}/", f"{base_url}?")):
            result += Markup('<a href="{0}">{0}</a>').format(url)
        else:
            result += escape(url)
        at = found.end()
    return result + escape(line[at:])


def _money(value: Money | int) -> str:
    """Money, or cents of US dollars: `$412.50`."""
    return format_money(value if isinstance(value, Money) else usd(value))


def _day(value: date | str) -> str:
    """`Saturday 21 November 2026`."""
    day = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{day:%A} {day.day} {day:%B %Y}"


def clock_face(value: time | str) -> str:
    """`7:30 pm`."""
    at = time.fromisoformat(value) if isinstance(value, str) else value
    return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon


def _instant(value: datetime | str) -> str:
    """`21 November 2026, 19:30 UTC`; on another clock than UTC's `21 November 2026, 2:30 pm EST`."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(at.tzinfo, ZoneInfo) or not at.utcoffset():
        at = at.astimezone(UTC)
        return f"{at.day} {at:%B %Y, %H:%M} UTC"
    return f"{at.day} {at:%B %Y}, {clock_face(at.time())} {at.tzname()}"


FILTERS: Final[dict[str, Callable[[Any], str]]] = {
    "money": _money,
    "day": _day,
    "time": clock_face,
    "instant": _instant,
}
"""How amounts and times are written wherever people read them."""
