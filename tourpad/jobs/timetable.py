"""Everything that happens by itself, on one screen.

Each job finds due things and calls the verb for each, one transaction a thing.
"""

from collections.abc import Callable

from tourpad.core.actors import Actor
from tourpad.core.applications import procedures as applications
from tourpad.core.audit import procedures as audit
from tourpad.core.availability import procedures as availability
from tourpad.core.bookings import procedures as bookings
from tourpad.core.concerts import procedures as concerts
from tourpad.core.evidence import procedures as evidence
from tourpad.core.hosts import procedures as hosts
from tourpad.core.identity import procedures as identity
from tourpad.core.ledger import procedures as ledger
from tourpad.core.media import procedures as media
from tourpad.core.media.orphans import procedures as media_orphans
from tourpad.core.memberships.gifts import procedures as gifts
from tourpad.core.memberships.upkeep import procedures as memberships
from tourpad.core.outbox import procedures as outbox
from tourpad.core.payments import procedures as payments
from tourpad.core.payments.customers import procedures as customers
from tourpad.core.payments.inbox import procedures as inbox
from tourpad.core.payouts import procedures as payouts
from tourpad.core.payouts.returning import procedures as returning
from tourpad.core.platform import Platform
from tourpad.core.reconcile import procedures as reconcile
from tourpad.core.reviews import procedures as reviews
from tourpad.core.usage import procedures as usage
from tourpad.core.values import Value
from tourpad.jobs.housekeeping import housekeeping
from tourpad.jobs.schedule import Daily, Every, Schedule

Run = Callable[[Platform, Actor], dict[str, int]]


class Job(Value):
    """A name, when, what, and why in a sentence. `run` answers with counts of what it did."""

    name: str
    schedule: Schedule
    run: Run
    doc: str


MINUTE, HOUR = 60, 3600

TIMETABLE: tuple[Job, ...] = (
    # What follows at once.
    Job(
        "stripe-events", Every(2), inbox.work_inbox, "Processes what Stripe has told us: payments, disputes, accounts."
    ),
    Job(
        "refunds-send", Every(5), payments.send_refunds, "Sends refunds that were decided, and resumes those cut short."
    ),
    Job("customers-tell", Every(MINUTE), customers.tell_customers, "Tells Stripe of payers' new mail addresses."),
    Job("rsvps-tell", Every(2), concerts.tell_due, "Tells of requests for seats that were taken at once."),
    Job("usage-send", Every(MINUTE), usage.send_due, "Tells of what happened, where usage is counted; of nobody."),
    Job("mail-deliver", Every(10), outbox.deliver_mail, "Sends the mail that waits in the outbox."),
    # Time runs out, and seats and dates go to the next.
    Job(
        "bookings-expire",
        Every(10 * MINUTE),
        bookings.expire_due,
        "Ends requests without an answer, or without the fee.",
    ),
    Job(
        "bookings-remind",
        Every(HOUR),
        bookings.remind_due,
        "Reminds whoever has left a request unanswered for 48 hours.",
    ),
    Job(
        "rsvps-lapse",
        Every(10 * MINUTE),
        concerts.lapse_due,
        "Ends offers and unpaid seats, and offers them to the next.",
    ),
    Job(
        "concerts-minimum",
        Every(MINUTE),
        concerts.let_go_due,
        "Calls shows off for which too few people came in time.",
    ),
    Job(
        "rsvps-release",
        Every(10 * MINUTE),
        concerts.release_due,
        "Frees seats of guests who have not said whether they come on another date.",
    ),
    Job(
        "concerts-refund", Every(MINUTE), concerts.refund_cancelled, "Plans the refunds of shows that were called off."
    ),
    Job(
        "memberships-expire",
        Every(MINUTE),
        memberships.expire_memberships,
        "Ends memberships that ran out, or were not paid.",
    ),
    Job(
        "subscriptions-end",
        Every(MINUTE),
        memberships.end_subscriptions,
        "Ends subscriptions that must not go on, at Stripe.",
    ),
    Job(
        "gifts-look",
        Every(MINUTE),
        gifts.look_after_gifts,
        "Credits gifts that members have redeemed, and ends codes after a year.",
    ),
    # Who wants in.
    Job(
        "applications-remind",
        Daily(8),
        applications.remind_reviewers,
        "Tells admins once a day what waits to be decided, and what is late.",
    ),
    # Shows.
    Job("concerts-remind", Every(HOUR), concerts.remind_due, "Tells guests of a show two days ahead."),
    Job(
        "concerts-advance",
        Every(5 * MINUTE),
        concerts.advance_due,
        "Opens shows when they begin, completes them when over.",
    ),
    Job("reviews-publish", Every(HOUR), reviews.publish_due, "Shows reviews after 14 days, though one side is silent."),
    # Money out.
    Job(
        "payouts-settle",
        Every(15 * MINUTE),
        payouts.settle_due,
        "Divides the money of shows that could not be settled yet.",
    ),
    Job("payouts-run", Daily(9), payouts.payouts_run, "Pays artists and hosts what is due."),
    Job(
        "transfers-take-back",
        Every(MINUTE),
        returning.take_back,
        "Takes back from payees what was refunded after they were paid.",
    ),
    Job("payouts-resume", Every(MINUTE), payouts.resume, "Takes up transfers whose sender died."),
    Job(
        "reconcile-nightly",
        Daily(3, 30),
        reconcile.reconcile_nightly,
        "Holds Stripe against the books, and replays what is missing.",
    ),
    Job(
        "ledger-snapshots",
        Every(MINUTE),
        ledger.snapshot_balances,
        "Notes what stands on busy accounts, so that a balance is read in a moment.",
    ),
    # Disputes.
    Job("disputes-send", Every(MINUTE), evidence.send_answers, "Sends answers to disputes that were cut short."),
    Job("disputes-remind", Every(HOUR), evidence.remind_due, "Reminds admins of disputes, 5 days and a day ahead."),
    # Calendars and trips.
    Job("feeds-fetch", Every(MINUTE), availability.fetch_feeds, "Reads calendars that people keep elsewhere."),
    Job(
        "looks-tell",
        Daily(14),
        hosts.tell_looks,
        "Tells hosts who has looked at their address, in one mail a day, once of each person and show.",
    ),
    Job("trips-tell", Daily(15), availability.tell_trips, "Tells hosts of artists who plan to come near, in one mail."),
    # Uploads.
    Job("media-process", Every(10), media.process_uploads, "Scans uploads, draws them anew, publishes them."),
    Job(
        "media-orphans",
        Daily(4, 45),
        media_orphans.collect_orphans,
        "Clears away uploads that nobody finished or uses.",
    ),
    # The house.
    Job("audit-seal", Every(MINUTE), audit.seal, "Links what was done into the audit log's chain of hashes."),
    Job(
        "suspensions-end",
        Every(10 * MINUTE),
        identity.lift_suspensions,
        "Reinstates people whose suspension has run out.",
    ),
    Job(
        "housekeeping",
        Daily(4, 30),
        housekeeping,
        "Clears away old job records, sign-ins, idempotency keys and rate windows.",
    ),
)
