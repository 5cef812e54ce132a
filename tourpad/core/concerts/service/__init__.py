"""The verbs of concerts and seats."""

from tourpad.core.concerts.service.addresses import address_for
from tourpad.core.concerts.service.advancing import advance
from tourpad.core.concerts.service.announcing import announce
from tourpad.core.concerts.service.answering import answer
from tourpad.core.concerts.service.asking import ask
from tourpad.core.concerts.service.calling_off import (
    call_off,
    cancel,
    finish_refunds,
    preview_cancellation,
)
from tourpad.core.concerts.service.doors import check_in
from tourpad.core.concerts.service.editing import edit, invite
from tourpad.core.concerts.service.leaving import leave, shrink
from tourpad.core.concerts.service.leaving import quote as quote_leaving
from tourpad.core.concerts.service.owing import due_of, what_is_owed
from tourpad.core.concerts.service.waiting import lapse, remind

__all__ = (
    "address_for",
    "advance",
    "announce",
    "answer",
    "ask",
    "call_off",
    "cancel",
    "check_in",
    "due_of",
    "edit",
    "finish_refunds",
    "invite",
    "lapse",
    "leave",
    "preview_cancellation",
    "quote_leaving",
    "remind",
    "shrink",
    "what_is_owed",
)
