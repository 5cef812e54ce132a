"""A platform with money in Stripe's balance and shows on it, to preview and run payouts."""

from uuid import UUID

from tests.factories.payouts import Show, make_show, onboard, transfers
from tourpad.core.actors import operator
from tourpad.core.clock import VirtualClock
from tourpad.core.ledger import service as ledger
from tourpad.core.payouts import procedures, queries, service
from tourpad.core.payouts.rules import Budget
from tourpad.core.payouts.service import PreviewRow
from tourpad.core.payouts.states import HoldReason, PayoutState
from tourpad.core.platform import Platform

ME = operator("test")
DOOR = (1500,) * 10
"""Ten door fees: 120.00 for the artist and 15.00 for the host, less 2.40 and 0.30 of fees."""
ARTIST, HOST = 11760, 1470


class Season:
    """A platform with money in Stripe's balance, and shows on it."""

    def __init__(self, platform: Platform, clock: VirtualClock) -> None:
        self.platform = platform
        self.clock = clock
        self.me = ME

    def show(self, *, days_ago: int = 10, like: Show | None = None, **what: object) -> Show:
        """A settled show, whose hold period is over unless told otherwise."""
        with self.platform.work(ME) as work:
            given: dict[str, object] = {"door": DOOR, **what}
            show = make_show(work, days_ago=days_ago, like=like, **given)  # type: ignore[arg-type]
            service.settle(work, concert_id=show.concert_id)
            work.commit()
        return show

    def ready_show(self, **what: object) -> Show:
        """The same, with both sides able to receive."""
        show = self.show(**what)  # type: ignore[arg-type]
        onboard(self.platform, show.artist_user, show.host_user)
        return show

    def preview(self, **budget: object) -> dict[UUID, PreviewRow]:
        available = procedures.available_balance(self.platform)
        with self.platform.work(ME) as work:
            rows = service.preview(work, available=available, budget=Budget(**budget))  # type: ignore[arg-type]
        return {row.payout_id: row for row in rows}

    def run(self, **options: object) -> procedures.RunResult:
        return procedures.run_payouts(self.platform, ME, **options)  # type: ignore[arg-type]

    def payout(self, show: Show, user_id: UUID, seq: int = 1) -> queries.OpenPayout:
        with self.platform.work(ME) as work:
            rows, _ = queries.list_payouts(
                work, queries.PayoutFilter(concert_id=show.concert_id, user_id=user_id), offset=0, limit=9
            )
        return next(row for row in rows if row.payout.seq == seq)

    def state(self, show: Show, user_id: UUID) -> tuple[PayoutState, HoldReason | None]:
        payout = self.payout(show, user_id).payout
        return payout.state, payout.hold_reason

    def owed(self, account: str) -> int:
        with self.platform.work(ME) as work:
            return -ledger.balance(work, account).cents

    def sent(self) -> list[int]:
        return [t["amount"] for t in transfers(self.platform)]
