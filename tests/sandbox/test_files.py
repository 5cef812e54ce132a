"""Files for banks: uploaded once, looked at, named by a dispute's evidence."""

import io
from typing import Any

import pytest
import stripe
from stripe import RequestOptions

from tests.sandbox.conftest import World

PDF = b"%PDF-1.7\r\n\x00\xff\xfe binary\r\r\n--not a boundary--\n" * 50


def upload(world: World, content: bytes = PDF, name: str = "receipt.pdf", **options: Any) -> stripe.File:
    file = io.BytesIO(content)
    file.name = name
    return world.v1.files.create({"purpose": "dispute_evidence", "file": file}, options=RequestOptions(**options))


def test_a_file_is_what_was_uploaded(world: World) -> None:
    made = upload(world)
    assert (made.filename, made.type, made.size, made.purpose) == ("receipt.pdf", "pdf", len(PDF), "dispute_evidence")
    assert world.v1.files.retrieve(made.id).size == len(PDF)
    assert [file.id for file in world.v1.files.list().data] == [made.id]


def test_the_same_upload_under_one_key_is_one_file(world: World) -> None:
    """The SDK draws the form's boundary anew for each try; that makes no other request of it."""
    first = upload(world, idempotency_key="evidence-1")
    assert upload(world, idempotency_key="evidence-1").id == first.id
    with pytest.raises(stripe.IdempotencyError):
        upload(world, PDF + b"!", idempotency_key="evidence-1")
    assert len(world.v1.files.list().data) == 1


@pytest.mark.parametrize(
    ("content", "words"), [(b"GIF89a", "PDF, JPEG or PNG"), (PDF + bytes(5_000_000), "too large")], ids=["kind", "size"]
)
def test_what_banks_do_not_read_is_refused(world: World, content: bytes, words: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words):
        upload(world, content)
    assert world.v1.files.list().data == []


def test_evidence_names_files_that_are_there(world: World) -> None:
    world.pay(5000, "pm_card_createDispute")
    dispute = world.v1.disputes.list().data[0]
    with pytest.raises(stripe.InvalidRequestError, match="No such file upload"):
        world.v1.disputes.update(dispute.id, {"evidence": {"receipt": "file_1nobody"}, "submit": False})
    made = upload(world)
    told = world.v1.disputes.update(dispute.id, {"evidence": {"receipt": made.id}, "submit": False})
    assert told.evidence.receipt == made.id
