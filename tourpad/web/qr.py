"""QR codes as pictures: SVG and PNG."""

import io
from typing import Literal

from litestar import Response

PRIVATE = {"Cache-Control": "no-store"}
"""For what nobody between us and the reader may keep."""

TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def qr(text: str, form: Literal["svg", "png"]) -> Response[bytes]:
    """A text as a QR code that a telephone reads from another one's screen."""
    import segno  # noqa: PLC0415 - only who asks for a code pays

    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind=form, scale=8, border=4)
    return Response(drawn.getvalue(), media_type=TYPES[form], headers=PRIVATE)
