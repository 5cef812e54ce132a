"""`/v1/files`: https://docs.stripe.com/file-upload (Stripe takes them at an address of its own)."""

from tourpad.sandbox import render
from tourpad.sandbox.errors import Obj, refused
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx
from tourpad.sandbox.uploads import Upload

KINDS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
"""What evidence may be, by how it begins."""
LARGEST = 5_000_000
"""Bytes of a file for a bank."""
EVIDENCE = "dispute_evidence"


@operation("POST", "/v1/files")
def create(tx: Tx, call: Call) -> Obj:
    """Keep what a file is; of its content only how much there is."""
    given, upload = call.params, call.params["file"]
    purpose = given["purpose"]
    if purpose != EVIDENCE:
        message = f"The sandbox takes files for '{EVIDENCE}' only."
        raise refused(message, param="purpose")
    if not isinstance(upload, Upload):
        message = "Invalid file: it must be uploaded as a part of a form."
        raise refused(message, param="file")
    kind = next((name for start, name in KINDS.items() if upload.content.startswith(start)), None)
    if kind is None:
        message = "Invalid file type: evidence is a PDF, JPEG or PNG file."
        raise refused(message, code="invalid_file_type", param="file")
    if len(upload.content) > LARGEST:
        message = f"File size is too large: at most {LARGEST:,} bytes are allowed for {EVIDENCE}."
        raise refused(message, param="file")
    identity = tx.new_id("file_1", 23).replace("file_1_", "file_1")
    made: Obj = {
        "id": identity,
        "object": "file",
        "created": tx.now,
        "expires_at": None,
        "filename": str(upload),
        "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={identity}"},
        "purpose": purpose,
        "size": len(upload.content),
        "title": None,
        "type": kind,
        "url": f"https://files.stripe.com/v1/files/{identity}/contents",
    }
    tx.add(made)
    return made


@operation("GET", "/v1/files/{file}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a file."""
    return tx.get(call.id, "file")


@operation("GET", "/v1/files")
def index(tx: Tx, call: Call) -> Obj:
    """List files."""
    return render.page(tx, "file", call.params, "/v1/files")
