"""What was played and paid elsewhere is on record here, and no cent of it ever moves."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.core.relocation.test_importing import bring, count
from tests.factories.identity import bearer
from tests.factories.relocation import artist, booking, example, folder_of, host, review, user
from tests.web.api import opened
from tourpad.core.actors import operator
from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.queries import records
from tourpad.core.bookings.states import BookingState, Side
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.procedures import advance_due
from tourpad.core.concerts.states import ConcertState
from tourpad.core.hosts.models import Host
from tourpad.core.identity import queries as people
from tourpad.core.identity.service import account, agreeing
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.models import Journal
from tourpad.core.notifications.models import Notification
from tourpad.core.outbox.models import Mail
from tourpad.core.payments.models import MoneyIntent, Payment
from tourpad.core.payouts import service as payouts
from tourpad.core.payouts.errors import NotSettleableError
from tourpad.core.payouts.models import Payee, Payout, Settlement
from tourpad.core.payouts.procedures import run_payouts, settle_due
from tourpad.core.payouts.service.verify import verify as verify_payouts
from tourpad.core.reconcile.procedures import reconcile
from tourpad.core.relocation import procedures
from tourpad.core.relocation.states import Kind
from tourpad.core.reviews.models import Review

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.platform import Platform

ME = operator("test")
MONEY = (Settlement, Payout, Payee, Payment, MoneyIntent, Journal)


def concert_of(platform: "Platform") -> UUID:
    with platform.work(ME) as work:
        return work.session.scalars(select(Concert.id)).one()


def test_it_is_never_charged_paid_out_or_counted(sandbox: "Sandbox", tmp_path: Path) -> None:
    """The jobs that divide, send and compare see nothing of it, on the day and a year later."""
    platform = sandbox.platform
    bring(platform, example(tmp_path / "old"))
    with platform.work(ME) as work:
        states = {row.state: row.artist_fee_cents for row in work.session.scalars(select(Booking))}
        assert states == {BookingState.COMPLETED: 20_000, BookingState.CANCELLED: 0}
        shown = work.session.scalars(select(Concert)).one()
        assert (shown.state, shown.title, shown.seats_taken) == (
            ConcertState.COMPLETED,
            "The Lanterns, by candlelight",
            28,
        )

    for days in (0, 366):
        sandbox.clock.advance(timedelta(days=days))
        advance_due(platform, ME)
        assert not any(settle_due(platform, ME).values())
        assert run_payouts(platform, ME).rows == ()
        assert reconcile(platform, ME, whole=True).findings == ()
        with platform.work(ME) as work:
            assert (ledger.verify(work), verify_payouts(work)) == ([], [])
        assert [count(platform, model) for model in MONEY] == [0] * len(MONEY)
    with platform.work(ME) as work, pytest.raises(NotSettleableError, match="played and paid at old-tourpad"):
        payouts.settle(work, concert_id=concert_of(platform))
    assert [count(platform, model) for model in (Mail, Notification)] == [0, 0]


def test_both_sides_read_it_and_the_paper_on_its_money_says_where_that_was(
    platform: "Platform", tmp_path: Path
) -> None:
    bring(platform, example(tmp_path / "old"))
    concert_id = concert_of(platform)
    with platform.work(ME) as work:
        ada = people.get_by_email(work, "ada@lanterns.example.com")
        hal = people.get_by_email(work, "hal@wren.example.com")
        for one in (ada, hal):
            agreeing.note_registration(work, one, adult=True)
        booking_id = work.session.scalars(select(Booking.id).where(Booking.state == BookingState.COMPLETED)).one()
        artist_id = work.session.scalars(select(Artist.id)).one()
        record = records.record_of(work, Side.ARTIST, artist_id, since=work.now - timedelta(days=365))
        work.commit()
    assert (record.confirmed, record.cancelled) == (0, 0)

    with opened(platform) as api:
        for who in (ada, hal):
            headers = bearer(platform, who)
            listed = api.client.get("/api/bookings", headers=headers).json()
            assert sorted(one["status"] for one in listed["bookings"]) == ["cancelled", "completed"]
            one = api.client.get(f"/api/bookings/{booking_id}", headers=headers)
            assert (one.status_code, one.json()["booking"]["artistFeeCents"]) == (200, 20_000)
            assert one.json()["booking"]["broughtFrom"] == "old-tourpad"
            agreed = api.client.get(f"/api/bookings/{booking_id}/agreement", headers=headers)
            assert (agreed.status_code, "agreed on at old-tourpad" in agreed.text) == (404, True)
            shown = api.client.get(f"/api/concerts/{concert_id}", headers=headers)
            assert (shown.status_code, shown.json()["concert"]["status"]) == (200, "completed")
            paper = api.client.get(f"/api/concerts/{concert_id}/settlement", headers=headers)
            assert (paper.status_code, paper.json()["code"]) == (409, "not_settleable")
            assert "paid at old-tourpad" in paper.text
        said = api.client.get("/api/reviews", headers=bearer(platform, ada)).json()
        assert [(one["rating"], one["responseText"]) for one in said["reviews"]] == [(5, "Thank you!")]


def test_stars_count_and_who_has_not_written_yet_may(platform: "Platform", tmp_path: Path) -> None:
    """Of a show of three weeks ago the host has written elsewhere: that is out, so the artist is too late."""
    folder = folder_of(
        tmp_path / "old",
        users=[user(1, user_type="artist"), user(2, user_type="host")],
        artists=[artist(1)],
        hosts=[host(2)],
        bookings=[booking(1), booking(2, requested_date="2026-02-10")],
        reviews=[review(), review(id="r2", reviewer_id="2", rating=3, is_public=False)],
    )
    bring(platform, folder)

    with platform.work(ME) as work:
        host_stars = work.session.scalars(select(Host)).one()
        artist_stars = work.session.scalars(select(Artist)).one()
        assert (host_stars.rating_total, host_stars.rating_count) == (4, 1)
        assert (artist_stars.rating_total, artist_stars.rating_count) == (0, 0)
        from tourpad.core.reviews import service as reviews

        recent = work.session.scalars(select(Booking).where(Booking.requested_date == date(2026, 2, 10))).one()
        host_user = people.get_by_email(work, "person2@elsewhere.example.com")
        written = reviews.write(work, booking_id=recent.id, user_id=host_user.id, rating=5)
        assert written.published_at is None


def test_a_date_that_is_taken_here_stays_with_the_show_that_has_it(platform: "Platform", tmp_path: Path) -> None:
    """The other lines come in, and the one that does not is named."""
    who: dict[str, Any] = {
        "users": [user(1, user_type="artist"), user(2, user_type="host")],
        "artists": [artist(1)],
        "hosts": [host(2)],
    }
    bring(platform, folder_of(tmp_path / "one", **who, bookings=[booking(1)]))

    done = bring(
        platform, folder_of(tmp_path / "two", **who, bookings=[booking(2), booking(3, requested_date="2025-06-01")])
    )

    assert [(fault.place, fault.message) for fault in done.refused] == [
        ("bookings.jsonl:1", "One of both has another show on 2025-05-10.")
    ]
    assert done.counts == {Kind.BOOKINGS: 1}


def test_a_show_with_somebody_who_was_erased_does_not_come_back(platform: "Platform", tmp_path: Path) -> None:
    who: dict[str, Any] = {
        "users": [user(1, user_type="artist"), user(2, user_type="host")],
        "artists": [artist(1)],
        "hosts": [host(2)],
    }
    bring(platform, folder_of(tmp_path / "one", **who))
    with platform.work(ME) as work:
        account.erase(work, user_id=people.get_by_email(work, "person2@elsewhere.example.com").id)
        work.commit()

    looked = procedures.survey(
        platform, ME, folder_of(tmp_path / "two", **who, bookings=[booking()], reviews=[review()])
    )

    assert (looked.faults, looked.coming) == ([], 0)
    assert [looked.entries[kind][0].standing for kind in (Kind.BOOKINGS, Kind.REVIEWS)] == ["erased", "erased"]


def test_what_was_said_goes_with_whoever_is_erased(platform: "Platform", tmp_path: Path) -> None:
    bring(platform, example(tmp_path / "old"))
    with platform.work(ME) as work:
        account.erase(work, user_id=people.get_by_email(work, "hal@wren.example.com").id)
        work.commit()
        said = work.session.scalars(select(Review.review_text)).all()
        words = work.session.scalars(select(func.coalesce(Booking.message, Booking.cancel_reason))).all()
    assert ([*said], [*words]) == ([None], [None, None])


def test_what_nobody_knows_is_taken_from_the_show_itself(platform: "Platform", tmp_path: Path) -> None:
    """On the clock of the home: a show at half past seven in Columbus ends in the night of UTC."""
    folder = folder_of(
        tmp_path / "old",
        users=[user(1, user_type="artist"), user(2, user_type="host")],
        artists=[artist(1)],
        hosts=[host(2)],
        bookings=[booking(), booking(2, state="cancelled", requested_date="2025-06-01")],
    )
    bring(platform, folder)

    with platform.work(ME) as work:
        played, off = work.session.scalars(select(Booking).order_by(Booking.requested_date))
        assert (played.completed_at, played.ends_at) == (datetime(2025, 5, 11, 1, 0, tzinfo=UTC), played.completed_at)
        assert played.requested_at == played.confirmed_at == played.completed_at
        assert (off.cancelled_at, off.completed_at, off.confirmed_at) == (off.ends_at, None, None)
