"""Where files lie: the protocol, its errors, and the way to open it. boto3 is imported only by what opens it."""

from typing import TYPE_CHECKING

from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.storage.errors import LinkRefused, NoSuchFile, StorageDown, UploadRefused
from tourpad.core.gateways.storage.protocol import Area, StorageGateway, Stored, UploadForm

if TYPE_CHECKING:
    from tourpad.core.clock import Clock
    from tourpad.core.settings import Settings

__all__ = [
    "Area",
    "LinkRefused",
    "NoSuchFile",
    "StorageDown",
    "StorageGateway",
    "Stored",
    "UploadForm",
    "UploadRefused",
    "open_storage",
]


def open_storage(settings: "Settings", clock: "Clock") -> StorageGateway:
    """S3 by its two buckets, or files under `TOURPAD_HOME` where neither is set.

    Raises:
        ConfigurationError: only one bucket is named, or both are the same one.
    """
    if settings.s3_bucket_public or settings.s3_bucket_private:
        if not settings.s3_bucket_public or not settings.s3_bucket_private:
            missing = "S3_BUCKET_PRIVATE" if settings.s3_bucket_public else "S3_BUCKET_PUBLIC"
            raise ConfigurationError(
                f"{missing} is not set: media needs both buckets, one that anyone may read and one that nobody may.",
                hint="tourpad config show lists every setting.",
            )
        if settings.s3_bucket_public == settings.s3_bucket_private:
            raise ConfigurationError("S3_BUCKET_PUBLIC and S3_BUCKET_PRIVATE are the same: originals would be public.")
        from tourpad.core.gateways.storage.s3 import S3Storage

        return S3Storage(settings)
    from tourpad.core.gateways.storage.local import LocalFiles

    return LocalFiles(
        settings.home / "media",
        clock,
        signing=settings.secret,
        base_url=settings.base_url,
        cdn_base_url=settings.cdn_base_url,
    )
