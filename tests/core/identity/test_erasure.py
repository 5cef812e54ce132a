"""Erasure, proved: canaries in every field of every table, then the whole database is searched for them."""

from html import escape
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.factories.bookings import make_pair
from tests.factories.canaries import CANARY, TEXTS, alive, fill, plant
from tests.factories.concerts import make_concert, make_fan, seat
from tests.factories.identity import make_user
from tests.factories.payments import ACTOR, paid, refund
from tests.factories.payouts import fund
from tests.factories.seasons import Season
from tourpad.core.actors import operator
from tourpad.core.actors import person as signed_in_as
from tourpad.core.agenda import service as agenda
from tourpad.core.approvals import service as approvals
from tourpad.core.approvals.states import ApprovalKind
from tourpad.core.artists.models import Artist
from tourpad.core.audit.models import AuditEntry
from tourpad.core.audit.procedures import seal
from tourpad.core.audit.service import verify
from tourpad.core.availability import service as availability
from tourpad.core.availability.states import FeedBlocks
from tourpad.core.bookings import service as bookings
from tourpad.core.concerts import service as concerts
from tourpad.core.concerts.queries.seats import rsvp_ids_of
from tourpad.core.hosts.models import Host
from tourpad.core.identity.errors import ErasureRefused
from tourpad.core.identity.queries import get_user
from tourpad.core.identity.service import account, users
from tourpad.core.messaging import service as messaging
from tourpad.core.models import Base
from tourpad.core.money import Money
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.queries import get_payment
from tourpad.core.payouts import service as payouts
from tourpad.core.reviews import service as reviews

if TYPE_CHECKING:
    from collections.abc import Collection

    from tests.stripe_sandbox import Sandbox
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

UNPLANTED = {
    "audit_links": "hashes alone, and nothing else passes its check",
    "audit_log": "append-only: looked through below",
    "ledger_journals": "append-only: looked through below",
    "ledger_lines": "append-only: names of accounts",
    "ledger_snapshots": "append-only: names of accounts",
    "approvals": "append-only but for its words: planted by asking, below",
}
"""Tables that take no canary, and why that is fine."""
UNPLANTED_COLUMNS = {
    "availability_patterns.month_days",
    "availability_patterns.weeks",
    "trips.city",
    "membership_checkouts.plan_code",
    "membership_gifts.plan_code",
    "membership_plans.code",
    "membership_plans.interval",
    "memberships.plan_code",
    "rsvps.guest_name",
    "stripe_call_slots.slots",
}
"""Codes of plans, numbers, a town that comes with its point, and the name of a walk-up, who has no account."""

KEPT: dict[str, str] = {
    "approvals.asked_by": "a label without a name: admin 7f3a9c21",
    "approvals.decided_by": "likewise",
    "approvals.params": "ids and cents, exactly what two people agreed to: the law keeps it",
    "approvals.params_hash": "a hash",
    "approvals.currency": "no person's",
    "approvals.summary": "cents and days in our own words, without a name",
    "auth_sessions.end_reason": "one of our own words",
    "auth_sessions.refresh_hash": "a hash, gone within 30 days",
    "address_looks.reason": "one of our own words: why a look was allowed",
    "booking_signatures.terms_hash": "a hash of the terms that were signed",
    "beta_addresses": "of others who may come; whoever goes is taken out by address (tests/core/rollout)",
    "concert_facts": "of shows to come, made anew from them: nobody goes who has one",
    "concert_search": "of shows to come, likewise",
    "dispute_evidence.made_by": "an admin's label",
    "disputes": "ids of Stripe's, the bank's own reason: the law keeps it",
    "door_scans.reason": "one of our own words",
    "idempotency_keys": "gone within a day",
    "ledger_snapshots": "sums",
    "media.mime_type": "the row of a deleted file, until the file is gone (below): a kind of file",
    "media.sha256": "the row of a deleted file, until the file is gone (below): a hash",
    "media.storage_key": "the row of a deleted file, until the file is gone (below): where it lies",
    "media_tasks.last_error": "work on files, gone with them",
    "media_variants.mime_type": "as of the file that it was made of",
    "media_variants.storage_key": "as of the file that it was made of: a hash",
    "membership_checkouts.idempotency_key": "a number; what was sent with it is gone",
    "membership_checkouts.stripe_session_id": "an id of Stripe's, by which a late payment is known and given back",
    "membership_gifts.code_hash": "a hash",
    "membership_gifts.currency": "no person's",
    "membership_invoices": "ids of Stripe's and amounts: the law keeps it",
    "usage_events": "our own words, under a number of which nobody knows whose it was (tests/core/usage)",
    "memberships.stripe_customer_id": "as of stripe_customers",
    "memberships.stripe_subscription_id": "an id of Stripe's: no answer that comes late begins it anew",
    "oauth_sign_ins": "under way for minutes; those with the person's own address go at once",
    "rate_windows": "hashed counters of two days",
    "stripe_events": "those about the person are blanked by their customer's id (tests/core/payments)",
    "subscription_endings": "ids of Stripe's",
    "money_intents": "calls as they were sent to Stripe: ids and amounts",
    "payments": "amounts, ids of Stripe's, the number of the receipt, a code for a refusal",
    "refunds": "amounts, ids of Stripe's: the law keeps it; why it went back is a word of ours by then",
    "payouts.currency": "no person's",
    "payouts.failure_code": "a code of Stripe's",
    "payouts.stripe_transfer_id": "an id of Stripe's: the law keeps the transfer",
    "payees.stripe_account_id": "the account is the payee's own contract with Stripe",
    "payout_adjustments": "written by the ledger, without names",
    "settlement_lines": "written by the rules of the settlement, without names",
    "stripe_balance_transactions": "ids of Stripe's",
    "stripe_funds": "no person's",
    "stripe_call_slots": "no person's",
    "rollout_changes.set_by": "a label without a name: operator mara",
    "rsvp_news": "no more than the id of a request, until it is told",
    "settlements": "shares and amounts: the law keeps it",
    "stripe_customers.last_error": "our own words on a call to Stripe",
    "stripe_customers.stripe_customer_id": "the id of the customer at Stripe, by which a late refund is known",
    "membership_plans": "what is for sale",
    "imported_ids.source": "what another system is called",
    "imported_ids.foreign_hash": "a hash, by which whoever is gone is not brought again",
    "job_runs": "what jobs did: counts",
    "concerts.currency": "no person's",
    "concerts.time_zone": "no person's",
    "bookings.brought_from": "what another system is called",
    "bookings.currency": "no person's",
    "bookings.time_zone": "no person's",
    "offers.currency": "no person's",
    "hosts.country": "a show of others was in that town",
    "hosts.state": "a show of others was in that town",
    "hosts.city": "a show of others was in that town",
    "hosts.time_zone": "a show of others was in that town",
    "users.terms_version": "which terms were agreed to",
    "users.privacy_version": "which terms were agreed to",
}
"""Tables and columns in which text stays, and why."""


WORDS = {"refunds.reason", "approvals.reason", "approvals.note", "audit_log.reason"}
"""Free words in tables that are kept: none of them may say anything of somebody who is gone."""


def erase(platform: "Platform", user_id: UUID) -> None:
    with platform.work(operator("test")) as work:
        account.erase(work, user_id=user_id)
        work.commit()


@pytest.fixture
def season(platform: "Platform", clock: "VirtualClock") -> Season:
    fund(platform, 500_000)
    return Season(platform, clock)


def texts(platform: "Platform", *tables: str) -> list[str]:
    """Every row of append-only tables, which can't be planted, as text."""
    with platform.engine.begin() as connection:
        return [
            str(row[0])
            for table in tables
            for row in connection.execute(text(f"SELECT t::text FROM {table} t"))  # noqa: S608 - our own names
        ]


def everywhere(platform: "Platform") -> list[str]:
    """Every table."""
    return inspect(platform.engine).get_table_names()


def said_in(platform: "Platform", names: "Collection[str]", table: str) -> list[str]:
    """Rows of a table that hold one of some names, however it is written there."""
    spelled = {form for name in names for form in (name, escape(name, quote=False).replace("'", "&#39;"))}
    return [row for row in texts(platform, table) if any(form in row for form in spelled)]


def leave_traces(work: "Work", artist: UUID, host: UUID, fan: UUID) -> None:
    """Days, a calendar kept elsewhere, a trip, secret addresses."""
    day = work.now.date()
    availability.plan(work, user_id=artist, values={"state": "OH", "starts_on": day, "ends_on": day})
    weekly = {"kind": "blocked", "repeats": "weekly", "weekdays": ["fr"]}
    availability.set_calendar(work, user_id=host, open_dates=[day], blocked_dates=[], patterns=[weekly])
    availability.add(work, user_id=host, url="https://calendar.test/a.ics", name="Mine", blocks=FeedBlocks.ANY)
    for user_id in (artist, host, fan):
        agenda.renew(work, user_id=user_id)


def test_nothing_that_says_who_somebody_was_is_left(
    platform: "Platform", clock: "VirtualClock", season: Season
) -> None:
    """Two sides and two guests of two shows: one settled and paid out, one with words, seats and reviews."""
    paid_out = season.ready_show(door=(1500, 1500), guarantee=10_000)
    season.run()
    with platform.work(operator("test")) as work:
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair, capacity=6, fee=0, door=0)
        fan = make_fan(work)
        seat(work, concert, 2, fan=fan)
        leave_traces(work, pair.artist_user, pair.host_user, fan)
        thread = messaging.begin(work, user_id=pair.artist_user, booking_id=concert.booking_id)
        messaging.send(work, conversation_id=thread.id, user_id=pair.artist_user, content="Hello")
        clock.set(concert.ends_at)
        work.commit()
    with platform.work(operator("test")) as work:
        bookings.complete(work, booking_id=concert.booking_id, user_id=None)
        reviews.write(work, booking_id=concert.booking_id, user_id=pair.artist_user, rating=5, text="Lovely.")
        work.commit()
    with platform.work(operator("test")) as work:
        payers = [get_payment(work, payment).user_id for payment in paid_out.payments]
    refused = fill(platform, pair.artist_user)
    planted = plant(platform)
    assert refused == {"audit_links"}
    columns = (column for table in Base.metadata.sorted_tables for column in table.columns)
    words = {f"{c.table.name}.{c.name}" for c in columns if type(c.type).__name__ in {*TEXTS, "Text"}}
    # A new column of text is either planted here, and so proved to be treated, or says why it can't be.
    assert {word for word in words - planted if word.partition(".")[0] not in UNPLANTED} == UNPLANTED_COLUMNS
    assert {"users.name", "host_addresses.street", "messages.content", "reviews.review_text"} <= planted
    assert {"trips.note", "availability_patterns.note", "calendar_feeds.sealed_url"} <= planted
    assert {"rsvps.special_requests", "payments.description", "mails.to_address"} <= planted

    people = {pair.artist_user, pair.host_user, fan, paid_out.artist_user, paid_out.host_user, *payers}
    for user_id in people:
        erase(platform, user_id)

    found = alive(platform)
    left = {where for where in found if where not in KEPT and where.partition(".")[0] not in KEPT}
    assert left | found.intersection(WORDS) == set()
    everything = "\n".join(texts(platform, "ledger_journals", "audit_log"))
    with platform.work(operator("test")) as work:
        assert get_user(work, fan).name == "Erased person"
    assert everything
    for name in ("Juniper Vale", "Mill Lane House", "The Porch Family"):
        assert name not in everything


def test_free_words_about_somebody_go_with_them(sandbox: "Sandbox", season: Season) -> None:
    """What admins and the two sides wrote as a reason: in what the law keeps, in mails, in the log, whose chain holds.

    Those who go are called as the canary is.
    """
    platform, said = sandbox.platform, f"{CANARY}, and why"
    show = season.ready_show(door=(1500, 1500), guarantee=10_000)
    payout = season.payout(show, show.artist_user).payout.id
    season.run()
    payment = paid(sandbox)
    refund(platform, payment.id, 600, reason=said)
    assert send_refunds(platform, ACTOR)["sent"] == 1
    with platform.work(ACTOR) as work:
        mara, ben = (signed_in_as(make_user(work, "admin").id, "admin") for _ in range(2))
        fan, other = make_fan(work), make_fan(work)
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair, capacity=6, fee=0, door=0)
        gone = {fan, pair.artist_user, pair.host_user, show.artist_user, show.host_user, payment.user_id}
        for user_id in gone:
            get_user(work, user_id).name = CANARY
        work.commit()
    with platform.work(mara) as work:
        users.suspend(work, user_id=fan, reason=said)
        users.suspend(work, user_id=other, reason="spam")
        concerts.cancel(work, concert_id=concert.id, user_id=pair.host_user, reason=said)
        payouts.hold_payee(work, user_id=show.host_user, reason=said)
        asked = {"payouts": {str(payout): 1}}
        request = approvals.ask(
            work, kind=ApprovalKind.PAYOUTS, params=asked, amount=Money(1, "USD"), summary="payouts", reason=said
        )
        work.commit()
    with platform.work(ben) as work:
        approvals.refuse(work, approval_id=request.id, reason=said)
        payouts.release_payee(work, user_id=show.host_user)
        work.commit()
    assert alive(platform).issuperset(WORDS)
    seal(platform, ACTOR)

    for user_id in gone:
        erase(platform, user_id)

    assert alive(platform) == set()
    seal(platform, ACTOR)
    with platform.work(ACTOR) as work:
        assert verify(work)[2] == []
        kept = work.session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "user.suspend"))
        assert sorted(map(str, kept)) == ["None", "spam"]
    # Only an erasure takes words, and nobody puts others there.
    for change in ("reason = 'other'", "reason = NULL, reason_salt = NULL, erased_by = id", "details = '{}'"):
        with pytest.raises(DBAPIError, match="append-only"), platform.engine.begin() as connection:
            connection.execute(text(f"UPDATE audit_log SET {change} WHERE reason = 'spam'"))  # noqa: S608


@pytest.mark.parametrize("who", ["artist", "host", "fan"])
def test_others_keep_no_name_of_who_is_gone(platform: "Platform", clock: "VirtualClock", who: str) -> None:
    """One of them goes, the two others stay, with what they were told: in mails, their files, and the app's list."""
    names = {"artist": "The Quibblers’ <Duo>", "host": "Crumb's House", "fan": "Fenella Woosh"}
    with platform.work(operator("test")) as work:
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair, capacity=6, fee=0, door=0)
        fan = make_fan(work)
        get_user(work, fan).name = names["fan"]
        work.session.execute(update(Artist).values(stage_name=names["artist"]))
        work.session.execute(update(Host).values(venue_name=names["host"]))
        work.commit()
    people = {"artist": pair.artist_user, "host": pair.host_user, "fan": fan}
    with platform.work(operator("test")) as work:
        for user_id, name in ((people["artist"], "Zebulon Quist"), (people["host"], "Hepzibah Crumb")):
            get_user(work, user_id).name = name
        seat(work, concert, 2, fan=fan)
        thread = messaging.begin(work, user_id=people["artist"], booking_id=concert.booking_id)
        messaging.send(work, conversation_id=thread.id, user_id=people["artist"], content="Hello")
        messaging.send(work, conversation_id=thread.id, user_id=people["host"], content="Hello")
        clock.set(concert.ends_at)
        work.commit()
    with platform.work(operator("test")) as work:
        bookings.complete(work, booking_id=concert.booking_id, user_id=None)
        for side in ("artist", "host"):
            reviews.write(work, booking_id=concert.booking_id, user_id=people[side], rating=5, text="Lovely.")
        work.commit()
    with platform.work(operator("test")) as work:
        mine = {names[who], get_user(work, people[who]).name, get_user(work, people[who]).email}
    before = {table for table in ("mails", "notifications") if said_in(platform, mine, table)}
    assert before == {"artist": {"mails", "notifications"}, "host": {"mails", "notifications"}, "fan": {"mails"}}[who]
    erase(platform, people[who])
    assert [row for table in everywhere(platform) for row in said_in(platform, mine, table)] == []
    assert any("Erased person" in row for row in texts(platform, "mails")) is (who != "fan")


@pytest.mark.parametrize("who", ["artist", "host", "fan"])
def test_nobody_goes_whom_others_count_on(platform: "Platform", who: str) -> None:
    with platform.work(operator("test")) as work:
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair, capacity=6, fee=0, door=0)
        fan = make_fan(work)
        seat(work, concert, 2, fan=fan)
        work.commit()
    user_id = {"artist": pair.artist_user, "host": pair.host_user, "fan": fan}[who]
    with pytest.raises(ErasureRefused):
        erase(platform, user_id)
    with platform.work(operator("test")) as work:
        assert get_user(work, user_id).state == "active"
        concerts.cancel(work, concert_id=concert.id, user_id=pair.host_user, reason="ill")
        for rsvp in rsvp_ids_of(work, fan):
            concerts.call_off(work, rsvp_id=rsvp)
        work.commit()
    erase(platform, user_id)


def test_nobody_goes_while_money_is_owed_to_them(platform: "Platform", season: Season) -> None:
    show = season.ready_show(door=(1500, 1500), guarantee=10_000)
    with pytest.raises(ErasureRefused, match="still to be paid to them"):
        erase(platform, show.artist_user)
    season.run()
    erase(platform, show.artist_user)


def test_files_and_mails_that_wait_go_too(platform: "Platform") -> None:
    """Looked for in the whole home: the media store, the outbox, and whatever else lies there."""
    from tests.core.media.test_procedures import run, upload
    from tests.factories import media as files
    from tests.factories.identity import person
    from tourpad.core.actors import job_actor
    from tourpad.core.gateways.storage import Area
    from tourpad.core.identity.service import signin
    from tourpad.core.outbox.procedures import deliver_mail

    user = person(platform, "artist", email=f"{CANARY}@shows.test")
    media = upload(platform, user.id, files.picture())
    run(platform)
    assert any(list(platform.storage.files(area)) for area in Area)
    with platform.work(operator("test")) as work:
        signin.forgot_password(work, email=user.email)
        work.commit()

    erase(platform, user.id)
    run(platform)
    assert deliver_mail(platform, job_actor("mail-deliver")).get("sent", 0) == 0
    assert [file.key for area in Area for file in platform.storage.files(area)] == []
    home = platform.settings.home
    named = [str(path) for path in home.rglob("*") if str(media.id) in path.name or CANARY in path.name]
    inside = [str(path) for path in home.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert named + inside == []
    assert alive(platform) == set()
