"""The few pages that people see without any application: rendered here, with no script and nothing from elsewhere."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from litestar import Response

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"


@cache
def environment() -> "Environment":
    """The templates of all pages."""
    import jinja2  # noqa: PLC0415 - only whoever asks for a page pays

    return jinja2.Environment(
        autoescape=True,
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )


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
