"""Fetching calendars whose addresses strangers give: where we let ourselves be sent, and for how long."""

import http.server
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest

from tourpad.core.gateways.calendars.addresses import is_public
from tourpad.core.gateways.calendars.errors import CalendarRefused, CalendarUnreachable
from tourpad.core.gateways.calendars.web import Web

CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Generator[str]:
    """A server on this machine; answers its address, by the name `calendar.test`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://calendar.test:{server.server_port}/mine.ics"
        finally:
            server.shutdown()
            thread.join()


def reply(status: int = 200, body: bytes = CALENDAR, **headers: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def here(**more: Any) -> Web:
    """A gateway for which this machine is the public internet."""
    return Web(permitted=lambda _: True, resolver=lambda *_: ["127.0.0.1"], any_port=True, **more)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
        "169.254.169.254", "192.0.0.192", "192.0.2.7", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1",
        "fd00:ec2::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1",
        "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "100::1", "not an address", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "172.15.0.1"]
)
def test_addresses_that_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/", "ftp://example.org/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://a:b@example.org/",
        "http://example.org:22/", "http://example.org:6379/", "https://example.org:99999/", "//example.org", "",
    ],
)  # fmt: skip
def test_where_nobody_can_send_us(url: str) -> None:
    with pytest.raises(CalendarRefused):
        Web().fetch(url)


def test_a_name_with_one_private_address_is_refused_whatever_else_it_has() -> None:
    for found in (["93.184.216.34", "10.0.0.1"], ["::1"], []):
        with pytest.raises(CalendarRefused):
            Web(resolver=lambda *_, found=found: found).fetch("http://example.org/mine.ics")


def test_a_name_is_looked_up_once_and_the_answer_that_was_judged_is_the_one_that_is_used() -> None:
    """A name server that answers with another address the second time gets us nowhere else."""
    asked: list[str] = []

    def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with serving(reply()) as url:
        web = Web(permitted=lambda a: a == "127.0.0.1", resolver=rebinding, any_port=True)
        fetched = web.fetch(url)
    assert fetched is not None
    assert (fetched.body, asked) == (CALENDAR, ["calendar.test"])


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/latest/", "http://inside.test/", "file:///etc/passwd", "http://[::1]/", "//inside.test/x"],
)
def test_a_redirect_is_judged_like_the_first_address(location: str) -> None:
    def names(host: str, _: int) -> list[str]:
        return ["127.0.0.1"] if host == "calendar.test" else ["10.0.0.1"]

    with serving(reply(302, b"", Location=location)) as url, pytest.raises(CalendarRefused):
        Web(permitted=lambda a: a == "127.0.0.1", resolver=names, any_port=True).fetch(url)


def test_an_address_that_is_not_ascii_goes_over_the_wire_as_it_should() -> None:
    asked: list[str] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        first = handler.path.startswith("/mine")
        (reply(302, b"", Location="/für/uns.ics".encode().decode("latin-1")) if first else reply())(handler)

    def names(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with serving(answer) as url:
        web = Web(permitted=lambda _: True, resolver=names, any_port=True)
        assert web.fetch(url.replace("calendar.test", "münchen.test") + "?wer=%20für") is not None
    assert asked == ["xn--mnchen-3ya.test", "/mine.ics?wer=%20f%C3%BCr", "xn--mnchen-3ya.test", "/f%C3%BCr/uns.ics"]
    # Digits in circles are digits to whoever looks a name up; a lone surrogate is no letter at all.
    for trap in ("http://①②⑦.⓪.⓪.①/", "http://a..bü/", "http://\udc00/"):
        with pytest.raises(CalendarRefused):
            Web().fetch(trap)


def test_a_redirect_to_a_good_place_is_followed_but_not_for_ever() -> None:
    def once(handler: http.server.BaseHTTPRequestHandler) -> None:
        (reply(301, b"", Location="/moved.ics") if handler.path == "/mine.ics" else reply())(handler)

    with serving(once) as url:
        fetched = here().fetch(url)
    assert fetched is not None
    assert fetched.body == CALENDAR
    with serving(reply(302, b"", Location="/mine.ics")) as url, pytest.raises(CalendarRefused, match="on and on"):
        here().fetch(url)


def test_what_has_not_changed_is_not_sent_again() -> None:
    seen: list[dict[str, str]] = []

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        seen.append(dict(handler.headers))
        known = handler.headers.get("If-None-Match") == '"7"'
        reply(
            304 if known else 200, b"" if known else CALENDAR, ETag='"7"', Last_Modified="Sun, 01 Mar 2026 12:00:00 GMT"
        )(handler)

    with serving(answer) as url:
        first = here().fetch(url)
        assert first is not None
        assert here().fetch(url, etag=first.etag, last_modified=first.last_modified) is None
    assert seen[1]["If-Modified-Since"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert not {"Cookie", "Authorization"} & set(seen[0])


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (reply(401, b"who?"), CalendarUnreachable, r"sign-in \(error 401\)\. Copy the address"),
        (reply(404, b"gone"), CalendarUnreachable, r"any more \(error 404\)\. Copy its address anew"),
        (reply(500, b""), CalendarUnreachable, "error 500"),
        (reply(304, b""), CalendarUnreachable, "error 304"),  # to a question that was not asked
        (reply(200, b"<!doctype html>"), CalendarRefused, "no calendar"),
        (reply(200, CALENDAR, Content_Encoding="gzip"), CalendarRefused, "packed"),
        (reply(200, CALENDAR + b" " * 2_000_000), CalendarRefused, "larger than 1 MB"),
    ],
)
def test_what_comes_back_must_be_a_calendar_of_a_sane_size(answer: Answer, error: type[Exception], says: str) -> None:
    with serving(answer) as url, pytest.raises(error, match=says):
        here(most_bytes=1_000_000).fetch(url)


def test_a_body_without_end_is_cut_off() -> None:
    def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            handler.wfile.write(CALENDAR)
            while True:
                handler.wfile.write(b" " * 65_536)
        except OSError:
            pass

    with serving(endless) as url, pytest.raises(CalendarRefused, match="larger"):
        here(most_bytes=1_000_000).fetch(url)


@pytest.mark.parametrize("in_head", [True, False])
def test_whoever_drips_a_byte_now_and_then_does_not_keep_us(in_head: bool) -> None:
    stop = threading.Event()

    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        if not in_head:
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(CALENDAR)
        try:
            while not stop.wait(0.05):
                handler.wfile.write(b"H")
                handler.wfile.flush()
        except OSError:
            pass

    with serving(drip) as url:
        begun = time.perf_counter()
        with pytest.raises(CalendarUnreachable, match="too long"):
            here(seconds=0.4).fetch(url)
        stop.set()
    assert time.perf_counter() - begun < 3


def test_what_is_said_of_a_failure_names_no_address() -> None:
    with pytest.raises(CalendarUnreachable) as refusal:
        Web(permitted=lambda _: True, resolver=lambda *_: ["127.0.0.1"], any_port=True).fetch(
            "http://calendar.test:1/secret"
        )
    assert not any(part in refusal.value.message for part in ("127", "secret", "calendar.test"))
