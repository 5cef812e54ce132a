"""What every storage does alike: S3 over HTTP and files in a folder."""

import base64
import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from tests import plain_http
from tests.storages import KEYS, s3_client, s3_server, s3_variables
from tourpad.core.clock import VirtualClock
from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.storage import (
    Area,
    LinkRefused,
    NoSuchFile,
    StorageDown,
    StorageGateway,
    UploadForm,
    UploadRefused,
    open_storage,
)
from tourpad.core.gateways.storage.local import LocalFiles
from tourpad.core.settings import Settings, load_settings

KEY = "uploads/0123abcd"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with s3_server() as address:
        yield address


def _settings(folder: Path, **variables: str) -> Settings:
    return load_settings(
        environ={"TOURPAD_ENV": "test", "TOURPAD_HOME": str(folder / "home"), "TOURPAD_SECRET": "x" * 40, **variables},
        folder=folder,
    )


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> StorageGateway:
    if request.param == "local":
        return open_storage(_settings(tmp_path), clock)
    address = request.getfixturevalue("s3")
    return open_storage(_settings(tmp_path, **s3_variables(address, uuid4().hex[:12])), clock)


def _send(storage: StorageGateway, form: UploadForm, data: bytes, **changed: str) -> None:
    """What a client does; the API gives what it got to `accept` where files are local."""
    fields = {**form.fields, **changed}
    if isinstance(storage, LocalFiles):
        storage.accept(fields, io.BytesIO(data), size=len(data))
    else:
        plain_http.post(form.url, data=fields, files={"file": ("x", data)}).raise_for_status()


def test_a_form_brings_a_file_into_the_private_area(storage: StorageGateway, tmp_path: Path) -> None:
    form = storage.upload_form(KEY, mime_type="image/png", size=5, life=HOUR)
    assert (form.fields["key"], form.fields["Content-Type"]) == (KEY, "image/png")
    assert storage.find(Area.PRIVATE, KEY) is None
    _send(storage, form, b"hello")
    found = storage.find(Area.PRIVATE, KEY)
    assert found is not None
    assert (found.key, found.size, found.mime_type) == (
        KEY,
        5,
        None if isinstance(storage, LocalFiles) else "image/png",
    )
    assert storage.find(Area.PUBLIC, KEY) is None
    assert storage.fetch(Area.PRIVATE, KEY, tmp_path / "copy", most=5) == 5
    assert (tmp_path / "copy").read_bytes() == b"hello"


def test_a_file_is_never_fetched_beyond_what_was_expected(storage: StorageGateway, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"0123456789")
    storage.put(Area.PRIVATE, KEY, source, mime_type="image/png")
    assert storage.fetch(Area.PRIVATE, KEY, tmp_path / "copy", most=4) == 5
    assert (tmp_path / "copy").read_bytes() == b"01234"


def test_the_policy_names_key_type_and_size_and_is_signed(storage: StorageGateway) -> None:
    form = storage.upload_form(KEY, mime_type="image/png", size=5, life=HOUR)
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    for condition in ({"key": KEY}, {"Content-Type": "image/png"}, ["content-length-range", 5, 5]):
        assert condition in policy["conditions"]
    assert policy["expiration"] == form.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if not isinstance(storage, LocalFiles):
        day, region = form.fields["x-amz-credential"].split("/")[1:3]
        key = f"AWS4{KEYS['AWS_SECRET_ACCESS_KEY']}".encode()
        for part in (day, region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        assert region == KEYS["AWS_REGION"]
        signed = hmac.new(key, form.fields["policy"].encode(), hashlib.sha256).hexdigest()
        assert form.fields["x-amz-signature"] == signed


def test_pages_of_these_origins_may_send_and_rules_of_others_stay(s3: str, tmp_path: Path, clock: VirtualClock) -> None:
    variables = s3_variables(s3, uuid4().hex[:12])
    storage = open_storage(_settings(tmp_path, **variables), clock)
    client, bucket = s3_client(s3), variables["S3_BUCKET_PRIVATE"]
    assert storage.closed_to(["https://a.test", "https://b.test"]) == ["https://a.test", "https://b.test"]
    theirs = {"ID": "theirs", "AllowedOrigins": ["https://*.c.test"], "AllowedMethods": ["GET", "POST"]}
    reading = {"ID": "reading", "AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [theirs, reading]})
    storage.open_to(["https://a.test", "https://b.test"])
    storage.open_to(["https://a.test"])  # again, and one less
    asked = ["https://a.test", "https://b.test", "https://x.c.test", "https://c.test", "https://a.test.evil"]
    assert storage.closed_to(asked) == ["https://b.test", "https://c.test", "https://a.test.evil"]
    rules = client.get_bucket_cors(Bucket=bucket)["CORSRules"]
    client.close()
    assert [rule["AllowedOrigins"] for rule in rules] == [["https://*.c.test"], ["*"], ["https://a.test"]]


def test_all_files_are_listed_however_many(storage: StorageGateway, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    keys = [f"media/{n:02}/a.webp" for n in range(8)]
    for key in keys:
        storage.put(Area.PUBLIC, key, source, mime_type="image/webp")
    assert [f.key for f in storage.files(Area.PUBLIC)] == keys
    assert list(storage.files(Area.PRIVATE)) == []
    storage.remove(Area.PUBLIC, keys[3])
    storage.remove(Area.PUBLIC, keys[3])
    assert [f.key for f in storage.files(Area.PUBLIC)] == keys[:3] + keys[4:]


def test_what_is_not_there_is_said(storage: StorageGateway, tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile):
        storage.fetch(Area.PRIVATE, "uploads/absent", tmp_path / "copy", most=1)


def test_s3_links_open_one_private_object(s3: str, tmp_path: Path, clock: VirtualClock) -> None:
    storage = open_storage(_settings(tmp_path, **s3_variables(s3, uuid4().hex[:12])), clock)
    source = tmp_path / "source"
    source.write_bytes(b"bed")
    storage.put(Area.PRIVATE, "media/a.webp", source, mime_type="image/webp")
    link = storage.link("media/a.webp", life=timedelta(minutes=5))
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["300"]
    answer = plain_http.get(link)
    assert (answer.content, answer.headers["content-type"]) == (b"bed", "image/webp")


def test_public_addresses_are_the_cdns_where_there_is_one(s3: str, tmp_path: Path, clock: VirtualClock) -> None:
    variables = s3_variables(s3, "shop")
    plain = open_storage(_settings(tmp_path, **variables), clock)
    assert plain.address("media/a.webp") == f"{s3}/shop-public/media/a.webp"
    cdn = open_storage(_settings(tmp_path, **variables, CDN_BASE_URL="https://cdn.example/x/"), clock)
    assert cdn.address("media/a.webp") == "https://cdn.example/x/media/a.webp"
    aws = {name: value for name, value in variables.items() if name != "S3_ENDPOINT_URL"}
    real = open_storage(_settings(tmp_path, **aws), clock)
    assert real.address("a") == "https://shop-public.s3.eu-central-1.amazonaws.com/a"
    source = tmp_path / "source"
    source.write_bytes(b"seen by all")
    plain.put(Area.PUBLIC, "media/a.webp", source, mime_type="image/webp")
    head = plain_http.get(f"{s3}/shop-public/media/a.webp").headers
    assert (head["content-type"], head["cache-control"]) == ("image/webp", "public, max-age=31536000, immutable")


def test_a_missing_bucket_and_a_dead_server_are_storage_down(s3: str, tmp_path: Path, clock: VirtualClock) -> None:
    variables = s3_variables(s3, "other")
    lost = open_storage(_settings(tmp_path, **{**variables, "S3_BUCKET_PUBLIC": "nowhere-at-all"}), clock)
    with pytest.raises(StorageDown, match="NoSuchBucket"):
        list(lost.files(Area.PUBLIC))
    dead = open_storage(_settings(tmp_path, **{**variables, "S3_ENDPOINT_URL": "http://127.0.0.1:1"}), clock)
    with pytest.raises(StorageDown, match="does not answer"):
        dead.find(Area.PRIVATE, KEY)


@pytest.mark.parametrize(
    "buckets",
    [{"S3_BUCKET_PUBLIC": "a"}, {"S3_BUCKET_PRIVATE": "a"}, {"S3_BUCKET_PUBLIC": "a", "S3_BUCKET_PRIVATE": "a"}],
)
def test_half_a_configuration_is_refused(buckets: dict[str, str], tmp_path: Path, clock: VirtualClock) -> None:
    with pytest.raises(ConfigurationError, match="S3_BUCKET"):
        open_storage(_settings(tmp_path, **buckets), clock)


def _local(tmp_path: Path, clock: VirtualClock, *secrets: str) -> LocalFiles:
    return LocalFiles(tmp_path / "media", clock, signing=secrets or ("x" * 40,), base_url="http://h.example/")


@pytest.mark.parametrize(
    ("changed", "data"),
    [
        ({"key": "uploads/other"}, b"hello"),
        ({"Content-Type": "text/html"}, b"hello"),
        ({"policy": base64.b64encode(b'{"conditions": []}').decode()}, b"hello"),
        ({"x-tourpad-signature": "00" * 32}, b"hello"),
        ({"x-tourpad-signature": "no hex"}, b"hello"),
        ({}, b"hell"),
        ({}, b"hello!"),
        ({}, b""),
    ],
)
def test_a_local_form_takes_what_it_was_signed_for(
    changed: dict[str, str], data: bytes, tmp_path: Path, clock: VirtualClock
) -> None:
    storage = _local(tmp_path, clock)
    form = storage.upload_form(KEY, mime_type="image/png", size=5, life=HOUR)
    with pytest.raises(UploadRefused):
        _send(storage, form, data, **changed)
    assert list(storage.files(Area.PRIVATE)) == []


def test_a_local_form_is_over_by_the_clock(tmp_path: Path, clock: VirtualClock) -> None:
    storage = _local(tmp_path, clock)
    form = storage.upload_form(KEY, mime_type="image/png", size=5, life=HOUR)
    clock.advance(HOUR)
    with pytest.raises(UploadRefused, match="time for this upload is over"):
        _send(storage, form, b"hello")


def test_local_signatures_outlive_a_rotation_and_are_worth_nothing_elsewhere(
    tmp_path: Path, clock: VirtualClock
) -> None:
    old = _local(tmp_path, clock, "o" * 40)
    form = old.upload_form(KEY, mime_type="image/png", size=5, life=HOUR)
    _send(_local(tmp_path, clock, "n" * 40, "o" * 40), form, b"hello")
    with pytest.raises(UploadRefused):
        _send(_local(tmp_path, clock, "n" * 40), form, b"hello")


def test_local_links_open_one_file_for_a_while(tmp_path: Path, clock: VirtualClock) -> None:
    storage = _local(tmp_path, clock)
    link = urlsplit(storage.link("media/a.webp", life=HOUR))
    assert (link.netloc, link.path) == ("h.example", "/media/private/media/a.webp")
    (expires,), (signature,) = (parse_qs(link.query)[name] for name in ("expires", "signature"))
    opened = storage.opened_by("media/a.webp", expires=expires, signature=signature)
    assert opened == tmp_path / "media" / "private" / "media" / "a.webp"
    later = str(int(expires) + 1)
    for key, end in (("media/b.webp", expires), ("media/a.webp", later), ("media/a.webp", "soon")):
        with pytest.raises(LinkRefused):
            storage.opened_by(key, expires=end, signature=signature)
    clock.advance(HOUR)
    with pytest.raises(LinkRefused, match="over its time"):
        storage.opened_by("media/a.webp", expires=expires, signature=signature)


@pytest.mark.parametrize(
    "key", ["../secret", "a/../../secret", "/etc/passwd", "a//b", ".hidden", "a\0b", "", "a\\b", "A"]
)
def test_no_key_leads_out_of_the_folder(key: str, tmp_path: Path, clock: VirtualClock) -> None:
    with pytest.raises(NoSuchFile):
        _local(tmp_path, clock).path(Area.PUBLIC, key)
