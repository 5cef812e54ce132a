"""Both kinds of storage for tests: files in a folder, and a real S3 protocol server (moto's) over HTTP."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

KEYS = {"AWS_ACCESS_KEY_ID": "AKIATESTS", "AWS_SECRET_ACCESS_KEY": "a secret of tests", "AWS_REGION": "eu-central-1"}


@contextmanager
def s3_server() -> Generator[str]:
    """The address of a fresh S3, on a free port."""
    os.environ["MOTO_S3_DEFAULT_MAX_KEYS"] = "3"  # so that lists have pages
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def s3_client(address: str) -> Any:
    """Whoever owns the buckets there."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name=KEYS["AWS_REGION"],
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def s3_variables(address: str, name: str) -> dict[str, str]:
    """Two new buckets there, and the settings that lead to them."""
    buckets = {"S3_BUCKET_PUBLIC": f"{name}-public", "S3_BUCKET_PRIVATE": f"{name}-private"}
    client = s3_client(address)
    for bucket in buckets.values():
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": KEYS["AWS_REGION"]})
    public = buckets["S3_BUCKET_PUBLIC"]
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{public}/*"}
    client.put_bucket_policy(Bucket=public, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))
    client.close()
    return {**KEYS, **buckets, "S3_ENDPOINT_URL": address}
