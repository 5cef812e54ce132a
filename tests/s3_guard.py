"""What S3 does and moto's server leaves out: forms are held against their policy, pages let in by the bucket's CORS.

In front of moto, over HTTP. Rules: “Creating a POST policy” and “How does Amazon S3 evaluate the CORS configuration” in
Amazon's guide.
"""

import base64
import hashlib
import hmac
import io
import json
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from tests.storages import KEYS, s3_client


class GuardedS3:
    """A server that refuses what S3 would."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.address = ""
        self.refused: list[str] = []
        """S3's codes, in order."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        from werkzeug.wrappers import Request, Response

        bucket = environ["PATH_INFO"].split("/")[1]
        cors = self._cors(bucket, environ)

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            # moto lets pages of all origins in.
            kept = [(k, v) for k, v in headers if not k.lower().startswith("access-control-")]
            return start_response(status, [*kept, *cors], *more)

        if environ["REQUEST_METHOD"] == "POST" and (environ.get("CONTENT_TYPE") or "").startswith("multipart/"):
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            with Request({**environ, "wsgi.input": io.BytesIO(body)}) as request:
                code = judge(request)
            environ["wsgi.input"] = io.BytesIO(body)
            if code is not None:
                self.refused.append(code)
                status = 400 if code.startswith("Entity") else 403
                return Response(f"<Error><Code>{code}</Code></Error>", status=status, mimetype="text/xml")(
                    environ, start
                )
        found: Iterable[bytes] = self._app(environ, start)
        return found

    def _cors(self, bucket: str, environ: dict[str, Any]) -> list[tuple[str, str]]:
        origin = environ.get("HTTP_ORIGIN")
        if origin is None:
            return []
        client = s3_client(self.address)
        try:
            rules = client.get_bucket_cors(Bucket=bucket)["CORSRules"]
        except client.exceptions.ClientError:
            return []
        finally:
            client.close()
        method = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", environ["REQUEST_METHOD"])
        for rule in rules:
            if method in rule["AllowedMethods"] and any(fnmatchcase(origin, o) for o in rule["AllowedOrigins"]):
                return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
        return []


def judge(request: Any) -> str | None:
    """S3's code for why it refuses a form, or nothing."""
    fields = {name.lower(): value for name, value in request.form.items()}
    if "policy" not in fields:
        return "AccessDenied"
    day, region = fields["x-amz-credential"].split("/")[1:3]
    key = f"AWS4{KEYS['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    if hmac.new(key, fields["policy"].encode(), hashlib.sha256).hexdigest() != fields["x-amz-signature"]:
        return "SignatureDoesNotMatch"
    policy = json.loads(base64.b64decode(fields["policy"]))
    if datetime.fromisoformat(policy["expiration"]) <= datetime.now(UTC):
        return "AccessDenied"
    named = {"policy", "x-amz-signature", "file"}
    for condition in policy["conditions"]:
        if isinstance(condition, dict):
            ((name, value),) = condition.items()
            named.add(name.lower())
            if name != "bucket" and fields.get(name.lower()) != value:
                return "AccessDenied"
        elif condition[0] == "content-length-range":
            size = len(request.files["file"].read())
            if size < condition[1]:
                return "EntityTooSmall"
            if size > condition[2]:
                return "EntityTooLarge"
        else:
            return "InvalidPolicyDocument"
    return "AccessDenied" if set(fields) - named else None


@contextmanager
def guarded_s3() -> "Generator[GuardedS3]":
    """Such a server, on a free port."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    guard = GuardedS3(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, guard, threaded=True, request_handler=MotoRequestHandler)
    guard.address = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield guard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
