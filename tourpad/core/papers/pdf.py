"""Papers as PDF: one page after another, headings repeated, names in any Latin, Greek or Cyrillic spelling.

The same layout gives the same bytes: the file's date is the sheet's own.
"""

import io
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from html import escape
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from tourpad.core.money import Money
from tourpad.core.papers.layout import Cell, Column, Layout, Table, text

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfgen.canvas import Canvas

FONTS = Path(__file__).parent / "fonts"
PLAIN, STRONG = "Lato", "Lato-Bold"
UNKNOWN = "□"
"""Stands for a character that the font does not have (most of Asia's scripts, emoji)."""

INK, QUIET, RULE, BAND = "#1c2430", "#667084", "#c9d0da", "#f3f5f8"
MARGIN, TOP, FOOT = 54, 44, 52
"""Points from the edges of the page: of the text, of the head's first line, of the text's end."""
HEAD_LINE, HEAD_LINES = 10, 6
QR_SIZE = 180
"""Points; large enough for an old telephone across a table."""
FRAME = 6
"""ReportLab's own padding of what flows, taken off so that text and head stand in one line."""

_RENDERING = Lock()
"""Fonts are kept in one place for the process, and remember where they are being read."""


def render(layout: Layout) -> bytes:
    """A paper as a PDF file, on US Letter."""
    from reportlab.lib.pagesizes import LETTER  # noqa: PLC0415 - a third of a second that only papers pay for
    from reportlab.platypus import SimpleDocTemplate  # noqa: PLC0415 - as above

    out = io.BytesIO()
    with _RENDERING:
        paper = _Paper(layout, _fonts(), width=LETTER[0] - 2 * MARGIN)
        document: Any = SimpleDocTemplate(
            out,
            pagesize=LETTER,
            leftMargin=MARGIN - FRAME,
            rightMargin=MARGIN - FRAME,
            topMargin=paper.below_head,
            bottomMargin=FOOT,
            title=f"{layout.title}, {layout.subtitle}",
            author=layout.merchant.name,
            creator="TourPad",
            producer="TourPad",
            lang="en-US",
            invariant=1,
        )
        document.build(
            paper.story(), canvasmaker=partial(_canvas(), paper), onFirstPage=paper.head, onLaterPages=paper.head
        )
    return out.getvalue()


@cache
def _fonts() -> frozenset[int]:
    """Make the fonts known, once a process; answers the characters that they have."""
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - as above
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 - as above

    plain: Any = TTFont(PLAIN, FONTS / "Lato-Regular.ttf")
    strong: Any = TTFont(STRONG, FONTS / "Lato-Bold.ttf")
    pdfmetrics.registerFont(plain)
    pdfmetrics.registerFont(strong)
    return frozenset(plain.face.charToGlyph) & frozenset(strong.face.charToGlyph)


class _Paper:
    """One layout on its way to paper: styles, flowing parts, head and foot of each page."""

    def __init__(self, layout: Layout, knows: frozenset[int], *, width: float) -> None:
        self.layout = layout
        self.width = width
        self.knows = knows
        merchant = layout.merchant
        about = (*merchant.address, merchant.tax_id, merchant.email)
        self.about = [line for line in about if line][:HEAD_LINES]
        self.below_head = TOP + HEAD_LINE * max(len(self.about), 2) + 12
        """Points from the edge of the page to the text."""

    def safe(self, value: str) -> str:
        """Text in characters that the font has, with nothing that reads as markup; a number keeps its per cent."""
        return escape(self.plain(value), quote=False).replace(" %", "\N{NO-BREAK SPACE}%")

    def style(
        self, *, strong: bool = False, size: float = 9, color: str = INK, right: bool = False
    ) -> "ParagraphStyle":
        """How a piece of text looks."""
        from reportlab.lib.colors import HexColor  # noqa: PLC0415 - as above
        from reportlab.lib.enums import TA_LEFT, TA_RIGHT  # noqa: PLC0415 - as above
        from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - as above

        return ParagraphStyle(
            "text",
            fontName=STRONG if strong else PLAIN,
            fontSize=size,
            leading=size * 1.35,
            textColor=HexColor(color),
            alignment=TA_RIGHT if right else TA_LEFT,
            splitLongWords=True,
        )

    def words(self, value: str, **how: Any) -> Any:
        """A piece of text that wraps."""
        from reportlab.platypus import Paragraph  # noqa: PLC0415 - as above

        return Paragraph(self.safe(value), self.style(**how))

    def story(self) -> list[Any]:
        """What flows from page to page."""
        from reportlab.platypus import CondPageBreak, KeepTogether, Spacer  # noqa: PLC0415 - as above

        parts: list[Any] = [
            self.words(self.layout.title, strong=True, size=20),
            self.words(self.layout.subtitle, size=11, color=QUIET),
            Spacer(1, 10),
            self.facts(),
        ]
        if self.layout.qr:
            parts += [Spacer(1, 16), self.qr(self.layout.qr)]
        for table in self.layout.tables:
            parts.append(Spacer(1, 13))
            made = self.table(table)
            heading = [self.words(table.title, strong=True, size=11), Spacer(1, 4)] if table.title else []
            small = [Spacer(1, 3), self.words(table.note, size=8, color=QUIET)] if table.note else []
            # A short table stays with its heading; a long one flows on.
            if len(table.rows) <= _SHORT:
                parts.append(KeepTogether([*heading, made, *small]))
            else:
                parts += [CondPageBreak(_ROOM), *heading, made, *small]
        parts += [Spacer(1, 12), self.words(" ".join(self.layout.notes), size=8, color=QUIET)]
        return parts

    def qr(self, held: str) -> Any:
        """A QR code, drawn as squares so that it stays sharp at any size."""
        import segno  # noqa: PLC0415 - only papers with a code pay
        from reportlab.graphics import shapes  # noqa: PLC0415 - as above
        from reportlab.lib.colors import black  # noqa: PLC0415 - as above

        matrix = segno.make(held, error="m", micro=False).matrix
        side = QR_SIZE / len(matrix)
        drawing = shapes.Drawing(QR_SIZE, QR_SIZE)
        square: Any = shapes.Rect
        for line, row in enumerate(matrix):
            for place, dark in enumerate(row):
                if dark:
                    at = (place * side, QR_SIZE - (line + 1) * side)
                    drawing.add(square(*at, side, side, fillColor=black, strokeColor=None))
        return drawing

    def facts(self) -> Any:
        """Labels and values, in two columns."""
        cells = [
            (self.words(label, size=8, color=QUIET), self.words(value, size=9.5)) for label, value in self.layout.facts
        ]
        half = -(-len(cells) // 2)
        right = [*cells[half:], *[("", "")] * (2 * half - len(cells))]
        rows = [(*a, *b) for a, b in zip(cells[:half], right, strict=True)]
        label, value = 74, self.width / 2 - 74
        return self._flow(rows, [label, value, label, value], [("VALIGN", (0, 0), (-1, -1), "TOP"), *_PADDING])

    def table(self, table: Table) -> Any:
        """A table whose heading comes again on each page."""
        whole = sum(column.width for column in table.columns)
        widths = [self.width * column.width / whole for column in table.columns]
        headed = any(column.heading for column in table.columns)
        rows = [[self.words(c.heading, size=8, color=QUIET, right=c.right) for c in table.columns]] if headed else []
        look: list[Any] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.3, RULE),
            ("LINEBELOW" if headed else "LINEABOVE", (0, 0), (-1, 0), 0.7, INK),
            *_PADDING,
        ]
        for number, row in enumerate(table.rows, len(rows)):
            cells = zip(row.cells, table.columns, strict=True)
            rows.append([self.cell(cell, column, strong=row.strong) for cell, column in cells])
            if row.strong:
                look.append(("BACKGROUND", (0, number), (-1, number), BAND))
        return self._flow(rows, widths, look, repeat=int(headed))

    def cell(self, cell: Cell, column: Column, *, strong: bool) -> Any:
        """One cell; amounts in small tables never wrap, long names do."""
        color = QUIET if isinstance(cell, Money) and not cell and not strong else INK
        return self.words(text(cell), strong=strong, right=column.right, color=color)

    def _flow(self, rows: Any, widths: list[float], look: list[Any], *, repeat: int = 0) -> Any:
        from reportlab.platypus import Table as Grid  # noqa: PLC0415 - as above
        from reportlab.platypus import TableStyle  # noqa: PLC0415 - as above

        return Grid(rows, colWidths=widths, repeatRows=repeat, style=TableStyle(look), hAlign="LEFT")

    def head(self, canvas: Any, document: Any) -> None:
        """Who sells, on top of every page."""
        merchant = self.layout.merchant
        top = document.pagesize[1] - TOP
        canvas.setFillColor(INK)
        canvas.setFont(STRONG, 13)
        canvas.drawString(MARGIN, top, self.plain(merchant.name))
        canvas.setFillColor(QUIET)
        canvas.setFont(PLAIN, 8)
        for number, line in enumerate(self.about):
            canvas.drawRightString(MARGIN + self.width, top + 4 - HEAD_LINE * number, self.plain(line))
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.7)
        rule = document.pagesize[1] - self.below_head + 14
        canvas.line(MARGIN, rule, MARGIN + self.width, rule)

    def foot(self, canvas: Any, page: int, pages: int) -> None:
        """What it is, as of when, and which page of how many."""
        canvas.setFillColor(QUIET)
        canvas.setFont(PLAIN, 8)
        made = f"{self.layout.title}, {self.layout.subtitle} · as of {_instant(self.layout.as_of)}"
        canvas.drawString(MARGIN, 34, self.fitting(canvas, made, self.width - 80))
        canvas.drawRightString(MARGIN + self.width, 34, f"Page {page} of {pages}")

    def plain(self, value: str) -> str:
        """Text for a place where nothing is markup."""
        return "".join(c if ord(c) in self.knows else UNKNOWN for c in value)

    def fitting(self, canvas: Any, value: str, width: float) -> str:
        """As much of a line as there is room for."""
        shown = self.plain(value)
        while canvas.stringWidth(shown, PLAIN, 8) > width:
            shown = shown.removesuffix("…")[:-1].rstrip() + "…"
        return shown


_SHORT = 12
"""Rows of a table that may as well begin on the next page."""
_ROOM = 90
"""Points that a long table's heading and first rows need; with less they begin on the next page."""
_PADDING = (
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
)


def _instant(at: datetime) -> str:
    return f"{at.day} {at:%b %Y %H:%M} UTC"


@cache
def _canvas() -> "Callable[..., Canvas]":
    """A canvas that knows how many pages there are before it writes the first, and that it is not today."""
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 - as above

    class Numbered(Canvas):
        def __init__(self, paper: _Paper, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.paper = paper
            self.waiting: list[dict[str, Any]] = []
            canvas: Any = self
            # The library's own way to a fixed date is a variable of the whole process.
            canvas._doc._timeStamp.YMDhms = paper.layout.as_of.timetuple()[:6]  # noqa: SLF001 - see above

        def showPage(self) -> None:  # noqa: N802 - ReportLab's name
            self.waiting.append(dict(self.__dict__))
            canvas: Any = self
            canvas._startPage()  # noqa: SLF001 - its own showPage() does the same after writing the page

        def save(self) -> None:
            pages = len(self.waiting)
            for number, page in enumerate(self.waiting, 1):
                self.__dict__.update(page)
                self.paper.foot(self, number, pages)
                super().showPage()
            super().save()

    return Numbered
