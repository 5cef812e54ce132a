"""S3, or any server that speaks it (`S3_ENDPOINT_URL`): two buckets, presigned posts in and presigned links out."""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from tourpad.core.gateways.storage.errors import NoSuchFile, StorageDown
from tourpad.core.gateways.storage.local import copy_some
from tourpad.core.gateways.storage.protocol import Area, Stored, UploadForm
from tourpad.core.settings import Settings

T = TypeVar("T")

DEFAULT_REGION = "us-east-1"
FOR_EVER = "public, max-age=31536000, immutable"
"""Names hold the hash of what is in them, so what is under a name never changes."""
FOR_A_MOMENT = "private, max-age=300"
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchCORSConfiguration"})
RULE = "tourpad-uploads"
"""The id of our own CORS rule."""


class S3Storage:
    """Two buckets: one that anyone may read (by a CDN or by itself), one that nobody may."""

    def __init__(self, settings: Settings) -> None:
        self._buckets = {
            Area.PUBLIC: settings.s3_bucket_public or "",
            Area.PRIVATE: settings.s3_bucket_private or "",
        }
        self._client: Any = boto3.client(
            "s3",
            region_name=settings.aws_region or DEFAULT_REGION,
            endpoint_url=settings.s3_endpoint_url,
            # Without these boto3 looks where it always looks: profile, container, instance.
            aws_access_key_id=settings.aws_access_key_id,
            aws_secret_access_key=settings.aws_secret_access_key,
            aws_session_token=settings.aws_session_token if settings.aws_access_key_id else None,
            config=Config(
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "max_attempts": 3},
                s3={"addressing_style": "path" if settings.s3_endpoint_url else "virtual"},
                # Servers that only speak S3 often know no checksum trailers.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        self._endpoint = settings.s3_endpoint_url or "AWS"
        bucket = self._buckets[Area.PUBLIC]
        if settings.cdn_base_url:
            self._public = settings.cdn_base_url.rstrip("/")
        elif settings.s3_endpoint_url:
            self._public = f"{settings.s3_endpoint_url.rstrip('/')}/{bucket}"
        else:
            self._public = f"https://{bucket}.s3.{settings.aws_region or DEFAULT_REGION}.amazonaws.com"

    @property
    def name(self) -> str:
        """The buckets and the server."""
        return f"S3 at {self._endpoint} ({self._buckets[Area.PUBLIC]}, {self._buckets[Area.PRIVATE]})"

    def upload_form(self, key: str, *, mime_type: str, size: int, life: timedelta) -> UploadForm:
        """A presigned POST; key, type and size are in its policy. S3 holds it against real time."""
        bucket = self._buckets[Area.PRIVATE]
        seconds = int(life.total_seconds())
        form = self._ask(
            lambda: self._client.generate_presigned_post(
                bucket,
                key,
                Fields={"Content-Type": mime_type},
                Conditions=[{"Content-Type": mime_type}, ["content-length-range", size, size]],
                ExpiresIn=seconds,
            )
        )
        return UploadForm(form["url"], form["fields"], datetime.fromtimestamp(_policy_end(form["fields"]), UTC))

    def find(self, area: Area, key: str) -> Stored | None:
        """What is known of an object."""
        try:
            head = self._ask(lambda: self._client.head_object(Bucket=self._buckets[area], Key=key))
        except NoSuchFile:
            return None
        return Stored(area, key, head["ContentLength"], head["LastModified"], head.get("ContentType"))

    def fetch(self, area: Area, key: str, to: Path, *, most: int) -> int:
        """Copy an object to a local file."""

        def copy() -> int:
            body = self._client.get_object(Bucket=self._buckets[area], Key=key)["Body"]
            with closing(body), to.open("wb") as target:
                return copy_some(body, target, most)

        return self._ask(copy)

    def put(self, area: Area, key: str, source: Path, *, mime_type: str) -> None:
        """Store a local file under a key."""

        def store() -> None:
            with source.open("rb") as body:
                self._client.put_object(
                    Bucket=self._buckets[area],
                    Key=key,
                    Body=body,
                    ContentType=mime_type,
                    CacheControl=FOR_EVER if area is Area.PUBLIC else FOR_A_MOMENT,
                )

        self._ask(store)

    def remove(self, area: Area, key: str) -> None:
        """Delete an object."""
        self._ask(lambda: self._client.delete_object(Bucket=self._buckets[area], Key=key))

    def files(self, area: Area) -> Iterator[Stored]:
        """Everything in a bucket, a thousand at a time."""
        token: dict[str, str] = {}
        while True:
            page = self._ask(lambda more=token: self._client.list_objects_v2(Bucket=self._buckets[area], **more))
            for item in page.get("Contents", []):
                yield Stored(area, item["Key"], item["Size"], item["LastModified"])
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def address(self, key: str) -> str:
        """The lasting address of a public object: the CDN's where there is one."""
        return f"{self._public}/{quote(key)}"

    def closed_to(self, origins: Sequence[str]) -> Sequence[str]:
        """Origins for which no CORS rule of the private bucket allows `POST`."""
        allowed = [o for rule in self._rules() if "POST" in rule["AllowedMethods"] for o in rule["AllowedOrigins"]]
        return [origin for origin in origins if not any(_matches(origin, one) for one in allowed)]

    def open_to(self, origins: Sequence[str]) -> None:
        """Write our own CORS rule on the private bucket, beside those of others."""
        others = [rule for rule in self._rules() if rule.get("ID") != RULE]
        # A form is what browsers call a simple request; progress of the upload makes them ask first, with any header.
        own = {
            "ID": RULE,
            "AllowedOrigins": list(origins),
            "AllowedMethods": ["POST"],
            "AllowedHeaders": ["*"],
            "MaxAgeSeconds": 3600,
        }
        bucket, rules = self._buckets[Area.PRIVATE], {"CORSRules": [*others, own]}
        self._ask(lambda: self._client.put_bucket_cors(Bucket=bucket, CORSConfiguration=rules))

    def _rules(self) -> list[dict[str, Any]]:
        try:
            return self._ask(lambda: self._client.get_bucket_cors(Bucket=self._buckets[Area.PRIVATE]))["CORSRules"]
        except NoSuchFile:
            return []

    def link(self, key: str, *, life: timedelta) -> str:
        """A presigned GET of a private object."""
        return self._ask(
            lambda: self._client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self._buckets[Area.PRIVATE], "Key": key},
                ExpiresIn=int(life.total_seconds()),
            )
        )

    def _ask(self, call: Callable[[], T]) -> T:
        """One call, its errors in our words."""
        try:
            return call()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            if code in _ABSENT:
                raise NoSuchFile("There is no such file.") from None
            raise StorageDown(f"{self.name} refused: {code}.", hint=_hint(code)) from error
        except NoCredentialsError as error:
            raise StorageDown(f"{self.name}: no credentials.", hint="Set AWS_ACCESS_KEY_ID and the secret.") from error
        except (BotoCoreError, OSError) as error:
            raise StorageDown(f"{self.name} does not answer: {type(error).__name__}.") from error


def _matches(origin: str, allowed: str) -> bool:
    """As S3 reads a rule: at most one `*`, which stands for anything."""
    before, star, after = allowed.partition("*")
    if not star:
        return origin == allowed
    return len(origin) >= len(before) + len(after) and origin.startswith(before) and origin.endswith(after)


def _hint(code: str) -> str | None:
    """What an operator does about the refusals that are ours to mend."""
    return {
        "NoSuchBucket": "Make the bucket, or mend S3_BUCKET_PUBLIC and S3_BUCKET_PRIVATE.",
        "AccessDenied": "The key needs Get, Put, Delete and List on both buckets; for CORS, Get- and PutBucketCORS.",
        "InvalidAccessKeyId": "AWS_ACCESS_KEY_ID is not known there.",
        "SignatureDoesNotMatch": "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID.",
    }.get(code)


def _policy_end(fields: dict[str, str]) -> float:
    """When a form ends, as its own policy says."""
    policy = json.loads(base64.b64decode(fields["policy"]))
    return datetime.fromisoformat(policy["expiration"]).timestamp()
