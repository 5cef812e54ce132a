"""What two people's consent is worth: for whom, for exactly what, for how long. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tourpad.core.approvals.states import LIVE, ApprovalKind, ApprovalState

LIFE = timedelta(days=7)
"""From the asking to the last use: long enough for a hold period and a weekend, too short to be forgotten."""

LONGEST_TEXT = 500

ERASED = "erased"
"""In place of words about somebody who is erased: the one change of a request that the database lets through."""


def params_hash(kind: ApprovalKind, params: Mapping[str, Any]) -> str:
    """What makes two requests the same, and shows that stored parameters were changed."""
    text = json.dumps({"kind": kind.value, "params": params}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def state_at(state: ApprovalState, expires_at: datetime, now: datetime) -> ApprovalState:
    """How a request stands at an instant: one past its end has expired, whatever is written down."""
    return ApprovalState.EXPIRED if state in LIVE and now > expires_at else state


def short(approval_id: UUID) -> str:
    """The short name of a request: its id's last characters, which are random."""
    return f"ap_{approval_id.hex[-8:]}"
