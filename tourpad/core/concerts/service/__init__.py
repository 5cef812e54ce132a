"""The verbs of concerts and seats."""

from tourpad.core.concerts.service.addresses import address_for
from tourpad.core.concerts.service.advancing import advance
from tourpad.core.concerts.service.announcing import announce
from tourpad.core.concerts.service.answering import answer
from tourpad.core.concerts.service.asking import ask
from tourpad.core.concerts.service.bringing import bring
from tourpad.core.concerts.service.calendars import calendar
from tourpad.core.concerts.service.calling_off import (
    call_off,
    cancel,
    finish_refunds,
    preview_cancellation,
)
from tourpad.core.concerts.service.door_lists import door_link, door_list, doorkeeper
from tourpad.core.concerts.service.doors import check_in
from tourpad.core.concerts.service.editing import edit, invite
from tourpad.core.concerts.service.erasing import forget, refuse_erasure
from tourpad.core.concerts.service.invitation_links import (
    accept_invitation,
    invitation_links,
    make_invitation_link,
    read_invitation,
    revoke_invitation_link,
)
from tourpad.core.concerts.service.leaving import leave, shrink
from tourpad.core.concerts.service.leaving import quote as quote_leaving
from tourpad.core.concerts.service.linking import Bill, PayLink, due_by_link, let_in, pay_link, read_link
from tourpad.core.concerts.service.minimum import let_go
from tourpad.core.concerts.service.moving import Question, keep, keep_by_link, move, read_question, release
from tourpad.core.concerts.service.owing import due_of, what_is_owed
from tourpad.core.concerts.service.syncing import sync
from tourpad.core.concerts.service.telling import tell_of
from tourpad.core.concerts.service.tickets import renew as renew_ticket
from tourpad.core.concerts.service.tickets import ticket
from tourpad.core.concerts.service.waiting import lapse, remind

__all__ = (
    "Bill",
    "PayLink",
    "Question",
    "accept_invitation",
    "address_for",
    "advance",
    "announce",
    "answer",
    "ask",
    "bring",
    "calendar",
    "call_off",
    "cancel",
    "check_in",
    "door_link",
    "door_list",
    "doorkeeper",
    "due_by_link",
    "due_of",
    "edit",
    "finish_refunds",
    "forget",
    "invitation_links",
    "invite",
    "keep",
    "keep_by_link",
    "lapse",
    "leave",
    "let_go",
    "let_in",
    "make_invitation_link",
    "move",
    "pay_link",
    "preview_cancellation",
    "quote_leaving",
    "read_invitation",
    "read_link",
    "read_question",
    "refuse_erasure",
    "release",
    "remind",
    "renew_ticket",
    "revoke_invitation_link",
    "shrink",
    "sync",
    "tell_of",
    "ticket",
    "what_is_owed",
)
