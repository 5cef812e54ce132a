"""`errors.md`: every refusal, with what the shells make of it."""

from itertools import groupby

from tools.reference.text import attribute_docs, code, doc, feature, page, prose, subclasses, table
from tourpad.core.errors import Kind, TourPadError


def render() -> str:
    """The page."""
    from tourpad.cli.errors import EXIT
    from tourpad.web.errors import CODES, STATUS

    intro = (
        "The API answers `application/problem+json` (RFC 9457) with `code`, `title` (a sentence), often a `hint`,"
        " `details` with the facts, and `errors` (`field`, `message`) where input is wrong. The terminal prints the"
        " sentence and the hint on standard error and ends with the exit code."
    )
    kinds = [(code(kind), str(STATUS[kind]), str(EXIT[kind]), attribute_docs(Kind)[kind.name]) for kind in Kind]
    parts: list[str] = []
    for room, errors in groupby([TourPadError, *subclasses(TourPadError)], key=lambda e: feature(e.__module__)):
        rows = [
            (code(e.code), code(e.kind), str(STATUS[e.kind]), str(EXIT[e.kind]), code(e.__name__), prose(doc(e)))
            for e in errors
            if issubclass(e, TourPadError)
        ]
        heading = "Everywhere" if room == "errors" else room
        parts.append(f"## {heading}\n\n{table(('code', 'kind', 'status', 'exit', 'class', 'when'), rows)}")
    framework = table(
        ("code", "status", "when"), ((code(name), str(status), said) for status, (name, said) in CODES.items())
    )
    return page(
        "Errors",
        intro,
        table(("kind", "status", "exit", "meaning"), kinds),
        *parts,
        f"## Before any handler\n\nWhat the API refuses before one of its handlers is reached:\n\n{framework}",
    )
