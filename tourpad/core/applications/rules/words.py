"""What reviewers and applicants write to each other, in clean form. Pure."""

from collections.abc import Mapping, Sequence
from string import Formatter

from tourpad.core.fields import Fields

MOST_QUESTIONS = 10
LONGEST_QUESTION = 500
LONGEST_ANSWER = 5000
LONGEST_FEEDBACK = 2000
LONGEST_NOTE = 5000
LONGEST_TEMPLATE = 2000
LONGEST_TEMPLATE_NAME = 40

PLACEHOLDERS = frozenset({"name", "title", "town"})
"""What a template may ask for: the person's name, the stage's or the venue's, and where it is."""


def check_questions(questions: Sequence[str]) -> list[str]:
    """Follow-up questions in clean form.

    Raises:
        InvalidInputError: none, too many, or an empty or overlong one.
    """
    found = Fields()
    clean = found.items(
        "follow_up_questions",
        list(questions),
        lambda place, q: found.text(place, q, longest=LONGEST_QUESTION, lines=True),
        most=MOST_QUESTIONS,
    )
    if not questions:
        found.wrong("follow_up_questions", "needs at least one")
    found.done()
    return clean


def check_text(name: str, value: str | None, *, longest: int) -> str | None:
    """A reason or a note in clean form; nothing stays nothing.

    Raises:
        InvalidInputError: empty, or too long.
    """
    if value is None:
        return None
    return need_text(name, value, longest=longest)


def need_text(name: str, value: str | None, *, longest: int) -> str:
    """The same where there has to be something.

    Raises:
        InvalidInputError: missing, empty, or too long.
    """
    found = Fields()
    clean = found.text(name, value or "", longest=longest, lines=True)
    found.done()
    return clean


def check_template(name: str, text: str) -> tuple[str, str]:
    """A template's name and text in clean form.

    Raises:
        InvalidInputError: empty or overlong, or it asks for something that nobody fills in.
    """
    found = Fields()
    clean = found.text("name", name, longest=LONGEST_TEMPLATE_NAME).lower()
    body = found.text("text", text, longest=LONGEST_TEMPLATE, lines=True)
    try:
        # A width or a conversion is none of the names, so it is refused with the rest.
        asked = {f"{part}{spec}{how or ''}" for _, part, spec, how in Formatter().parse(body) if part is not None}
    except ValueError:
        asked = {"{"}
    unknown = asked - PLACEHOLDERS
    if unknown:
        known = ", ".join(f"{{{p}}}" for p in sorted(PLACEHOLDERS))
        found.wrong("text", f"asks for {', '.join(sorted(unknown))}; what is filled in is {known}")
    found.done()
    return clean, body


def fill(text: str, facts: Mapping[str, str]) -> str:
    """A template with its blanks filled in."""
    return text.format_map({name: facts.get(name, "") for name in PLACEHOLDERS})
