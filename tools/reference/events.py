"""`events.md`: what happens in the core, and what follows from it in the same transaction."""

from typing import Any

from msgspec.structs import fields

from tools.reference.text import code, codes, doc, dotted, feature, first, page, subclasses, table
from tourpad.core.events import Event


def render() -> str:
    """The page."""
    from tourpad.core.reactions import REACTIONS

    intro = (
        "When X happens, do Y: the table of `tourpad/core/reactions.py`. Reactions run at once, in the listed order"
        " and in the same transaction, so cause and consequence are committed together or not at all."
    )
    known = list(subclasses(Event))
    events: list[Any] = [e for e in known if not any(issubclass(other, e) for other in known if other is not e)]
    rows = [
        (
            code(f"{feature(event.__module__)}.{event.__name__}"),
            first(doc(event)),
            codes(f.name for f in fields(event)),
            "<br>".join(f"{code(dotted(reaction))}: {first(doc(reaction))}" for reaction in REACTIONS.get(event, ()))
            or "–",
        )
        for event in events
    ]
    return page("Events", intro, table(("when", "which means", "it carries", "then"), rows))
