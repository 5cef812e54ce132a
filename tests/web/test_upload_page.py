"""A page of another origin uploads in a real browser: the same script, whoever stores the files."""

import shutil
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from tests.factories import media as files
from tests.s3_guard import GuardedS3, guarded_s3
from tests.storages import s3_variables
from tests.web.live import served
from tests.web.sockets import token_of
from tests.web.test_door_page import FLAGS
from tourpad.core.actors import operator
from tourpad.core.values import replace

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.command import Command
    from tourpad.core.platform import Platform

CHROMIUM = shutil.which("chromium")
ACTOR = operator("test")

# What a front end does: nothing in it knows where files are stored. `announced` is what it tells the API of the file,
# `lie` are fields of the form that it changes.
SCRIPT = """async ([api, token, data, announced, lie]) => {
  const file = new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))]);
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const about = { kind: "photo", category: "press", mimeType: "image/jpeg", sizeBytes: file.size, ...announced };
  const asked = await fetch(`${api}/api/media/uploads`, { method: "POST", headers, body: JSON.stringify(about) });
  if (!asked.ok) return { asked: asked.status };
  const { media, upload } = await asked.json();
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...upload.fields, ...lie })) form.append(name, value);
  form.append("file", file);
  let sent;
  try {
    sent = (await fetch(upload.url, { method: "POST", body: form })).status;
  } catch (error) {
    sent = `${error}`;
  }
  const done = await fetch(`${api}/api/media/${media.id}/complete`, { method: "POST", headers });
  return { sent, done: done.status, id: media.id, to: new URL(upload.url).origin };
}"""


@pytest.fixture(scope="module")
def page_origin() -> Iterator[str]:
    """A small site of its own."""

    class Empty(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>A front end</title>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Empty)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def page(page_origin: str) -> "Iterator[Page]":
    if CHROMIUM is None:
        pytest.skip("needs chromium (apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = browser.new_page()
        opened.goto(page_origin)
        yield opened
        browser.close()


@pytest.fixture(scope="module")
def s3() -> Iterator[GuardedS3]:
    with guarded_s3() as guard:
        yield guard


@pytest.fixture
def environment(environment: dict[str, str], page_origin: str) -> dict[str, str]:
    return environment | {"TOURPAD_CORS_ORIGINS": page_origin}


@contextmanager
def uploading(platform: "Platform", page: "Page") -> "Generator[Any]":
    """What the page's script does with a file."""
    import base64

    from tests.factories.profiles import make_person

    with platform.work(ACTOR) as work:
        artist: UUID = make_person(work, "artist").id
        work.commit()
    token = token_of(platform, artist)
    with served(platform, is_base=True) as api:

        def send(data: bytes, *, announced: dict[str, Any] | None = None, lie: dict[str, str] | None = None) -> Any:
            said = [api, token, base64.b64encode(data).decode(), announced or {}, lie or {}]
            return page.evaluate(SCRIPT, said)

        yield send


LISTEN = """([address, token]) => new Promise((done) => {
  const socket = new WebSocket(address, "tourpad.v1");
  const told = [];
  socket.onopen = () => socket.send(JSON.stringify({ type: "authenticate", token }));
  socket.onmessage = ({ data }) => { told.push(JSON.parse(data).type); socket.close(); };
  socket.onclose = ({ code }) => done([...told, code]);
})"""


def test_a_page_listens_on_a_socket_where_its_origin_may(platform: "Platform", page: "Page") -> None:
    from tests.factories.profiles import make_person

    with platform.work(ACTOR) as work:
        fan = make_person(work, "fan").id
        work.commit()
    token = token_of(platform, fan)
    with served(platform) as api:
        address = f"ws{api.removeprefix('http')}/api/ws"
        assert page.evaluate(LISTEN, [address, token]) == ["ready", 1005]
        assert page.evaluate(LISTEN, [address, "made.up.one"]) == [4401]
    platform.settings = replace(platform.settings, cors_origins=("https://elsewhere.test",))
    with served(platform) as api:
        assert page.evaluate(LISTEN, [f"ws{api.removeprefix('http')}/api/ws", token]) == [1006]


def state_of(platform: "Platform", media_id: str) -> str:
    from tourpad.core.media import queries
    from tourpad.core.media.procedures import process_uploads

    process_uploads(platform, ACTOR)
    with platform.work(ACTOR) as work:
        return queries.get(work, UUID(media_id)).state.value


def test_local_files(platform: "Platform", page: "Page") -> None:
    photo = files.photo_with_place()
    with uploading(platform, page) as send:
        good = send(photo)
        assert (good["sent"], good["done"]) == (204, 200)
        assert state_of(platform, good["id"]) == "published"
        for wrong in (
            send(photo, announced={"sizeBytes": len(photo) - 1}),
            send(photo, lie={"Content-Type": "text/html"}),
            send(photo, lie={"key": "uploads/somebody-elses"}),
        ):
            assert (wrong["sent"], wrong["done"]) == (403, 409)


def test_s3_by_its_policy_and_only_from_pages_that_its_bucket_lets_in(
    environment: dict[str, str], s3: GuardedS3, page: "Page", request: pytest.FixtureRequest, page_origin: str
) -> None:
    environment.update(s3_variables(s3.address, uuid4().hex[:12]))
    platform: Platform = request.getfixturevalue("platform")
    cli: Command = request.getfixturevalue("cli")
    photo = files.photo_with_place()
    with uploading(platform, page) as send:
        before = send(photo)
        assert before["sent"].startswith("TypeError")  # the browser keeps the answer from the page
        shown = cli("media", "cors", "--dry-run")
        assert f"{page_origin}\tfalse" in shown.stdout
        assert platform.storage.closed_to([page_origin]) == [page_origin]
        assert cli("media", "cors", "--yes", "--json").json["origins"][0] == {"origin": page_origin, "may_upload": True}

        good = send(photo)
        assert (good["sent"], good["done"], good["to"]) == (204, 200, s3.address)
        assert state_of(platform, good["id"]) == "published"
        assert s3.refused == []
        larger = send(photo, announced={"sizeBytes": len(photo) - 1})
        other_type = send(photo, lie={"Content-Type": "text/html"})
        elsewhere = send(photo, lie={"key": "media/somebody-elses"})
        assert [one["sent"] for one in (larger, other_type, elsewhere)] == [400, 403, 403]
        assert [one["done"] for one in (larger, other_type, elsewhere)] == [409, 409, 409]
        assert s3.refused == ["EntityTooLarge", "AccessDenied", "AccessDenied"]
        assert send(photo, announced={"sizeBytes": 26_000_000}) == {"asked": 422}
        assert send(photo, announced={"mimeType": "image/svg+xml"}) == {"asked": 422}
