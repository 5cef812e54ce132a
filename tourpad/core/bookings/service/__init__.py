"""The verbs of bookings: ask, answer, confirm, call off, let run out, and what each costs."""

from tourpad.core.bookings.service.answering import respond
from tourpad.core.bookings.service.bringing import OVER, Course, bring
from tourpad.core.bookings.service.cancelling import cancel, preview_cancellation
from tourpad.core.bookings.service.deciding import complete, confirm, secure
from tourpad.core.bookings.service.erasing import forget, refuse_erasure
from tourpad.core.bookings.service.lodging import lodging_media
from tourpad.core.bookings.service.moving import reschedule, withdraw
from tourpad.core.bookings.service.owing import what_is_owed
from tourpad.core.bookings.service.reliability import Reliability, judged, reliability
from tourpad.core.bookings.service.requesting import request
from tourpad.core.bookings.service.signing import Signing
from tourpad.core.bookings.service.waiting import expire, remind

__all__ = (
    "OVER",
    "Course",
    "Reliability",
    "Signing",
    "bring",
    "cancel",
    "complete",
    "confirm",
    "expire",
    "forget",
    "judged",
    "lodging_media",
    "preview_cancellation",
    "refuse_erasure",
    "reliability",
    "remind",
    "request",
    "reschedule",
    "respond",
    "secure",
    "what_is_owed",
    "withdraw",
)
