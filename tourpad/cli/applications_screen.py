"""The review screen as lines: from what is to be shown, and a size, to rows of styled text. No terminal here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from rich.cells import cell_len, set_cell_size

from tourpad.cli.applications_card import Card, Mark
from tourpad.cli.applications_sections import Section

T = TypeVar("T")

Part = tuple[str, str]
"""Text and its style: `""`, `bold`, `dim`, or a colour."""
Row = tuple[Part, ...]

NARROWEST, LOWEST = 40, 12
"""A smaller terminal is drawn for as if it had this many columns and lines, and cut."""
TWO_COLUMNS: Final = 110
"""From this width on what others say stands beside what the applicant says."""
WIDEST: Final = 100
"""A line longer than this is hard to read."""
_PLAIN = str.maketrans("▸·●○─▲▼…×“”’–│▏", '>|*.-^v.x""\'-|_')
"""For terminals that speak no Unicode."""


@dataclass(slots=True)
class Page:
    """What there is to show."""

    heading: str
    progress: str
    card: Card
    said: list[str] = field(default_factory=list[str])
    """What just happened."""
    sends: str = ""
    """What `a` would send."""
    mine: str = ""
    """Until when it is on this reviewer's desk."""
    keys: Sequence[str] = ()
    at: int = 0
    """Which criterion the next score is for."""


@dataclass(slots=True)
class View:
    """How it is shown: where one has scrolled to, and what lies over the page."""

    scroll: int = 0
    block: list[str] = field(default_factory=list[str])
    """Something to read below the page: a mail, a list of reasons."""
    block_scroll: int = 0
    prompt: str = ""
    typed: str | None = None
    """What is being typed; nothing when single keys are awaited."""
    cursor: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows from the top, each no wider than the terminal, and where the cursor stands (row, column) if one types."""

    rows: list[Row]
    cursor: tuple[int, int] | None
    hidden: int
    """Lines of the page (or of what lies over it) that are below."""
    room: int
    """Lines by which a page is turned."""


def compose(page: Page, view: View, *, width: int, height: int, unicode: bool = True) -> Frame:
    """Lay out one frame. `view.scroll` and `view.block_scroll` are held inside what there is."""
    width, height = max(width, NARROWEST), max(height, LOWEST)
    head, foot = _head(page, width), _foot(page, view, width)
    block = [line for text in view.block for line in wrap(text, min(width - 2, WIDEST))]
    room = height - len(head) - len(foot) - 1
    most = max(3, room - 3) if block else 0
    shown_block, block_hidden = _window(block, view.block_scroll, most)
    view.block_scroll = min(view.block_scroll, max(0, len(block) - len(shown_block)))
    body = list(_body(page.card, width))
    space = max(1, room - len(shown_block) - (1 if shown_block else 0))
    shown, hidden = _window(body, view.scroll, space)
    view.scroll = min(view.scroll, max(0, len(body) - len(shown)))
    blank: Row = ()
    rows: list[Row] = [*head, *shown, *(blank for _ in range(space - len(shown)))]
    if shown_block:
        rows.append(_rule("", width, more=block_hidden, above=view.block_scroll))
        rows += [((f" {line}", ""),) for line in shown_block]
    rows.append(_rubric_rule(page.card, width, more=hidden, above=view.scroll))
    rows += foot
    rows = [_cut(row, width) for row in rows[:height]]
    if not unicode:
        rows = [tuple((text.translate(_PLAIN), style) for text, style in row) for row in rows]
    cursor = None
    if view.typed is not None:
        lines = _typing(view, width)
        cursor = _cursor(view, lines, width, last=len(rows) - 1)
    return Frame(rows, cursor, block_hidden if shown_block else hidden, max(1, (most if shown_block else space) - 1))


def wrap(text: str, width: int) -> list[str]:
    """Break a text at blanks; a word longer than a line (an address) is broken where it must be.

    A line that begins with a label and two blanks hangs: what follows stands under its text.
    """
    lines: list[str] = []
    for line in text.splitlines() or [""]:
        label, gap, _ = line.partition("  ")
        hang = cell_len(label) + 2 if gap and label and " " not in label[:1] and cell_len(label) <= 12 else 0  # noqa: PLR2004 - labels are short
        if line.startswith(" "):
            hang = len(line) - len(line.lstrip())
        lines += _broken(line, width, min(hang, width // 2))
    return lines


def _broken(line: str, width: int, hang: int) -> Iterator[str]:
    present = ""
    for word in _words(line):
        if (not present.strip() and not word.strip()) or cell_len(present + word.rstrip()) <= width:
            present += word
        else:
            rest = word
            if present.strip() and hang + cell_len(word.strip()) <= width:
                # It fits on a line of its own; else it is broken from where it stands.
                yield present.rstrip()
                present, rest = " " * hang, word.lstrip()
            while cell_len(present + rest) > width:
                piece = _fitting(rest, max(1, width - cell_len(present)))
                yield present + piece
                present, rest = " " * hang, rest[len(piece) :]
            present += rest
    yield present.rstrip()


def _words(line: str) -> Iterator[str]:
    """Words with the blanks before them."""
    word, seen = "", False
    for letter in line:
        if letter == " " and seen:
            yield word
            word, seen = "", False
        word += letter
        seen = seen or letter != " "
    if word:
        yield word


def _fitting(text: str, width: int) -> str:
    """As much of a text as fits, at least one letter."""
    taken = 0
    while taken < len(text) and cell_len(text[: taken + 1]) <= width:
        taken += 1
    return text[: max(1, taken)]


def _head(page: Page, width: int) -> list[Row]:
    card = page.card
    left = f" {page.heading}"
    # Where it is narrow the progress matters more than where one is.
    first = _apart([(left, "bold")], [(f"{page.progress} ", "dim")], width)
    name: list[Part] = [(f" {card.kind}  ", "dim"), (card.title, "bold")]
    if card.about:
        name.append((f"   {card.about}", ""))
    when: list[Part] = [(f"{card.place}   " if card.place else "", ""), (f"{card.age} ", "red" if card.is_late else "")]
    who = _apart([(f" {card.who}", "dim")], [(f"{page.mine} ", "dim")], width)
    return [first, _rule("", width), _apart(name, when, width), who]


def _foot(page: Page, view: View, width: int) -> list[Row]:
    rows: list[Row] = [_marks(page.card.rubric, page.at, width)]
    if view.prompt or view.typed is not None:
        rows += [((line, "bold" if view.typed is None else ""),) for line in _typing(view, width)]
        return rows
    rows += [((f" {line}", "green"),) for text in page.said for line in wrap(text, width - 2)]
    if page.sends:
        rows.append(((f" {page.sends}", "dim"),))
    rows += [((f" {line}", "dim"),) for line in _packed(page.keys, width - 2)]
    return rows


def _typing(view: View, width: int) -> list[str]:
    """The prompt and what is typed, wrapped by columns and not by words, so that the cursor is easy to place."""
    if view.typed is None:
        return [f" {line}" for line in wrap(view.prompt, width - 2)]
    whole = f" {view.prompt} > {view.typed} "
    lines: list[str] = []
    while whole:
        piece = _fitting(whole, width)
        lines.append(piece)
        whole = whole[len(piece) :]
    return lines


def _cursor(view: View, lines: list[str], width: int, *, last: int) -> tuple[int, int]:
    before = f" {view.prompt} > {(view.typed or '')[: view.cursor]}"
    row = column = 0
    for letter in before:
        size = cell_len(letter)
        if column + size > width:
            row, column = row + 1, 0
        column += size
    if column >= width:
        row, column = row + 1, 0
    return last - len(lines) + 1 + min(row, len(lines) - 1), column


def _marks(rubric: Sequence[Mark], at: int, width: int) -> Row:
    """`live video ●●●●○   music ○○○○○ …`, the one that a number goes to in bold."""
    parts: list[Part] = []
    for place, mark in enumerate(rubric):
        dots = "●" * (mark.score or 0) + "○" * (5 - (mark.score or 0))
        here = place == at
        parts.append((f"{'▸' if here else ' '}{mark.title} {dots}  ", "bold" if here else ""))
    return _cut(tuple(parts), width)


def _rubric_rule(card: Card, width: int, *, more: int, above: int) -> Row:
    given = any(m.score for m in card.rubric) or card.weighted
    return _rule(f"weighted {card.weighted}" if given and card.weighted else "", width, more=more, above=above)


def _rule(right: str, width: int, *, more: int = 0, above: int = 0) -> Row:
    """A line across, with what is hidden above and below, and a word at its right."""
    left = ""
    if more or above:
        ways = [f"▼ {more} more line{'' if more == 1 else 's'}: space" if more else "", f"▲ {above}" if above else ""]
        left = f"── {'   '.join(w for w in ways if w)} "
    end = f" {right} ─" if right else ""
    return ((f"{left}{'─' * max(0, width - cell_len(left) - cell_len(end))}{end}", "dim"),)


def _body(card: Card, width: int) -> Iterator[Row]:
    if width < TWO_COLUMNS:
        yield from _sections([*card.main, *card.side], min(width - 2, WIDEST))
        return
    right = max(40, (width - 5) * 2 // 5)
    left = min(WIDEST, width - right - 5)
    right = min(WIDEST, width - left - 5)
    one, two = list(_sections(card.main, left)), list(_sections(card.side or [_NOTHING], right))
    for place in range(max(len(one), len(two))):
        a = one[place] if place < len(one) else ()
        b = two[place] if place < len(two) else ()
        gap = " " * max(0, left + 2 - _length(a))
        yield (*a, (gap, ""), ("│", "dim"), *b)


_NOTHING = Section("", ["Nothing else is known: no likeness, nothing earlier, no notes."])


def _sections(sections: Iterable[Section], width: int) -> Iterator[Row]:
    began = False
    for section in sections:
        if began and (section.title or section.lines):
            yield ()
        if section.title:
            yield ((f" ── {section.title} ", "yellow" if section.alert else "dim"),)
        for text in section.lines:
            for line in wrap(text, width):
                yield ((f" {line}", ""),)
        began = True


def _window(lines: list[T], start: int, room: int) -> tuple[list[T], int]:
    """So many lines from there on, and how many are below them."""
    start = max(0, min(start, len(lines) - room))
    shown = lines[start : start + room]
    return shown, len(lines) - start - len(shown)


def _apart(left: list[Part], right: list[Part], width: int) -> Row:
    """Something at either end of a line; the left gives way where both do not fit."""
    end = _length(right)
    return (*_cut(tuple(left), max(0, width - end - 1), fill=True), (" ", ""), *right)


def _packed(words: Sequence[str], width: int) -> list[str]:
    """Words in as few lines as hold them, none broken."""
    lines: list[str] = []
    for word in words:
        if lines and cell_len(lines[-1]) + 2 + cell_len(word) <= width:
            lines[-1] += f"  {word}"
        else:
            lines.append(word)
    return lines


def _length(row: Iterable[Part]) -> int:
    return sum(cell_len(text) for text, _ in row)


def _cut(row: Row, width: int, *, fill: bool = False) -> Row:
    """A row that is no wider than that; `fill`: exactly that wide."""
    kept: list[Part] = []
    free = width
    for text, style in row:
        size = cell_len(text)
        if size > free:
            piece = _fitting(text, free - 1) if free > 1 else ""
            kept.append((set_cell_size(f"{piece}…" if free else "", free), style))
            free = 0
            break
        kept.append((text, style))
        free -= size
    if fill and free:
        kept.append((" " * free, ""))
    return tuple(kept)
