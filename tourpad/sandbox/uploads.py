"""Uploads: a form in parts (`multipart/form-data`), as `/v1/files` takes it."""

from email.parser import BytesParser
from email.policy import HTTP

from tourpad.sandbox.errors import Obj, StripeError


class Upload(str):
    """A file that came in: as a value of a form its name, with what is in it beside."""

    __slots__ = ("content",)
    content: bytes


def form(content_type: str, body: bytes) -> Obj:
    """Read a form in parts: texts, and files as `Upload`.

    Raises StripeError for what is none.
    """
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not message.is_multipart():
        text = "Invalid request: the body is no multipart form."
        raise StripeError(text, stored=False)
    values: Obj = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        filename = part.get_filename()
        if filename is None:
            values[name] = content.decode(errors="replace")
        else:
            values[name] = Upload(filename)
            values[name].content = content
    return values
