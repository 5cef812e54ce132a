"""The few pages that people see without any application: rendered here, with no script and nothing from elsewhere."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from litestar import Response

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"


@cache
def environment() -> "Environment":
    """The templates of all pages."""
    import jinja2  # noqa: PLC0415 - only whoever asks for a page pays

    made = jinja2.Environment(
        autoescape=True,
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    made.filters["code"] = code
    return made


def code(text: str) -> "Markup":
    """Text of a docstring for a page: escaped, with what stands in backticks as code."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - as above

    parts = (escape(part) for part in text.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))


def page(
    title: str,
    *text: str,
    wrong: str | None = None,
    form: dict[str, Any] | None = None,
    status: int = 200,
) -> Response[bytes]:
    """One small page.

    Args:
        title: its heading.
        text: its paragraphs.
        wrong: what was wrong with what was sent.
        form: `action`, `token`, `button`, and whether it asks for a `password`.
        status: of the answer.
    """
    html = environment().get_template("page.html").render(title=title, text=text, wrong=wrong, form=form)
    return Response(html.encode(), media_type="text/html", status_code=status)
