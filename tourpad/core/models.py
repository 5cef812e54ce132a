"""Every table, in one import, for Alembic and for whoever wants the whole schema."""

from tourpad.core.agenda import models as agenda
from tourpad.core.applications import models as applications
from tourpad.core.approvals import models as approvals
from tourpad.core.artists import models as artists
from tourpad.core.audit import models as audit
from tourpad.core.availability import models as availability
from tourpad.core.bookings import models as bookings
from tourpad.core.concerts import models as concerts
from tourpad.core.database.base import Base
from tourpad.core.evidence import models as evidence
from tourpad.core.fans import models as fans
from tourpad.core.hosts import models as hosts
from tourpad.core.identity import models as identity
from tourpad.core.ledger import models as ledger
from tourpad.core.media import models as media
from tourpad.core.memberships import models as memberships
from tourpad.core.messaging import models as messaging
from tourpad.core.notifications import models as notifications
from tourpad.core.outbox import models as outbox
from tourpad.core.payments import models as payments
from tourpad.core.payouts import models as payouts
from tourpad.core.relocation import models as relocation
from tourpad.core.requests import models as requests
from tourpad.core.reviews import models as reviews
from tourpad.core.rollout import models as rollout
from tourpad.core.scheduling import models as scheduling
from tourpad.core.usage import models as usage

__all__ = [
    "Base",
    "agenda",
    "applications",
    "approvals",
    "artists",
    "audit",
    "availability",
    "bookings",
    "concerts",
    "evidence",
    "fans",
    "hosts",
    "identity",
    "ledger",
    "media",
    "memberships",
    "messaging",
    "notifications",
    "outbox",
    "payments",
    "payouts",
    "relocation",
    "requests",
    "reviews",
    "rollout",
    "scheduling",
    "usage",
]
