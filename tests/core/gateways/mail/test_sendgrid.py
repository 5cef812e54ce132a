import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import UUID

import pytest

from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.mail import Attachment, MailRefused, MailUncertain, OutgoingMail, open_mail
from tourpad.core.gateways.mail.local import LocalOutbox
from tourpad.core.gateways.mail.message import message, sender
from tourpad.core.gateways.mail.reading import links
from tourpad.core.gateways.mail.sendgrid import SendGridMail
from tourpad.core.settings import load_settings

MAIL = OutgoingMail(
    id=UUID(int=7),
    template="booking_requested",
    to_address="ada@example.org",
    to_name="Ada",
    subject="A date",
    text="text\n",
    html="<p>html</p>",
    headers={"List-Unsubscribe": "<https://x.example/u>"},
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
)
WHO = sender("TourPad <hello@tourpad.example>")


@contextmanager
def _service(status: int, answer: bytes = b"") -> Generator[tuple[str, list[dict[str, Any]]]]:
    """Something that answers as SendGrid might, and remembers what it was sent."""
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append({"path": self.path, "key": self.headers["Authorization"], "body": body})
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base has it so
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_mail_is_handed_over_whole_and_untracked() -> None:
    with _service(202) as (url, got):
        SendGridMail("SG.key", WHO, base_url=url).send(MAIL)
    (call,) = got
    assert (call["path"], call["key"]) == ("/v3/mail/send", "Bearer SG.key")
    body = call["body"]
    assert body["personalizations"] == [{"to": [{"email": "ada@example.org", "name": "Ada"}]}]
    assert body["from"] == {"email": "hello@tourpad.example", "name": "TourPad"}
    assert (body["subject"], body["categories"]) == ("A date", ["booking_requested"])
    assert body["content"] == [
        {"type": "text/plain", "value": "text\n"},
        {"type": "text/html", "value": "<p>html</p>"},
    ]
    assert body["headers"]["List-Unsubscribe"] == "<https://x.example/u>"
    assert body["headers"]["Message-ID"] == f"<{MAIL.id}@tourpad.example>"
    assert not set(body["headers"]) & {"From", "To", "Subject", "Date"}
    assert body["tracking_settings"]["click_tracking"]["enable"] is False


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, MailRefused),
        (413, MailRefused),
        (401, MailUncertain),
        (403, MailUncertain),
        (404, MailUncertain),
        (429, MailUncertain),
        (500, MailUncertain),
        (503, MailUncertain),
    ],
)
def test_a_refusal_says_whether_it_is_final(status: int, error: type[Exception]) -> None:
    said = b'{"errors": [{"message": "Does not contain a valid address.", "field": "x", "help": null}]}'
    with (
        _service(status, said) as (url, _),
        pytest.raises(error, match=f"{status}: Does not contain a valid address"),
    ):
        SendGridMail("SG.key", WHO, base_url=url).send(MAIL)


def test_an_answer_that_is_no_json_is_still_told() -> None:
    with _service(502, b"<html>") as (url, _), pytest.raises(MailUncertain, match="502"):
        SendGridMail("SG.key", WHO, base_url=url).send(MAIL)


def test_no_answer_is_uncertain() -> None:
    with _service(202) as (url, _):
        pass
    with pytest.raises(MailUncertain, match="did not answer"):
        SendGridMail("SG.key", WHO, base_url=url).send(MAIL)


def _settings(tmp_path: Any, **variables: str) -> Any:
    environ = {"TOURPAD_HOME": str(tmp_path), "TOURPAD_ENV": "test", **variables}
    return load_settings(environ=environ, folder=tmp_path)


def test_the_key_decides_where_mail_goes(tmp_path: Any) -> None:
    assert isinstance(open_mail(_settings(tmp_path)), LocalOutbox)
    assert isinstance(open_mail(_settings(tmp_path, SENDGRID_API_KEY="SG.x")), SendGridMail)
    with pytest.raises(ConfigurationError, match="SENDGRID_API_KEY"):
        open_mail(_settings(tmp_path, TOURPAD_ENV="staging", TOURPAD_SECRET="s" * 40))


@pytest.mark.parametrize("wrong", ["", "nobody", "TourPad <>", "a b@c d", "@x"])
def test_a_sender_without_an_address_is_named(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="MAIL_FROM"):
        sender(wrong)


@pytest.mark.parametrize("address", ["", "nobody", "a@b@c", "a b@example.org", "x\r\nBcc: all@example.org"])
def test_an_address_that_is_none_is_refused_by_the_outbox(tmp_path: Any, address: str) -> None:
    mail = OutgoingMail(
        id=MAIL.id,
        template="t",
        to_address=address,
        subject="s",
        text="t",
        html="h",
        created_at=MAIL.created_at,
    )
    with pytest.raises(MailRefused):
        LocalOutbox(tmp_path, WHO).send(mail)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_written_is_uncertain(tmp_path: Any) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    with pytest.raises(MailUncertain):
        LocalOutbox(tmp_path / "outbox", WHO).send(MAIL)


def test_links_are_found_once_without_what_follows_them() -> None:
    text = "See https://a.example/x?y=1&z=2. Or (https://b.example)."
    html = '<a href="https://a.example/x?y=1&amp;z=2">x</a> <a href="https://c.example">c</a>'
    assert links(text, html) == ["https://a.example/x?y=1&z=2", "https://b.example", "https://c.example"]


def test_files_go_along() -> None:
    import base64
    from email import policy
    from email.parser import BytesParser

    from tourpad.core.values import replace

    text = "BEGIN:VCALENDAR\r\nSUMMARY:Zoë\r\nEND:VCALENDAR\r\n"
    mail = replace(MAIL, attachments=(Attachment(name="concert.ics", type="text/calendar; method=PUBLISH", text=text),))
    with _service(202) as (url, got):
        SendGridMail("SG.key", WHO, base_url=url).send(mail)
    (file,) = got[0]["body"]["attachments"]
    assert (file["type"], file["filename"]) == ("text/calendar; method=PUBLISH", "concert.ics")
    assert base64.b64decode(file["content"]).decode() == text
    whole = BytesParser(policy=policy.default).parsebytes(message(mail, WHO).as_bytes())
    (part,) = whole.iter_attachments()
    assert (part.get_content_type(), part.get_param("method"), part.get_filename()) == (
        "text/calendar",
        "PUBLISH",
        "concert.ics",
    )
    assert part.get_content().splitlines() == text.splitlines()
    body = whole.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "text"
    with pytest.raises(MailRefused):
        message(replace(MAIL, attachments=(Attachment(name="a.exe", type="application/x-dosexec", text=""),)), WHO)
