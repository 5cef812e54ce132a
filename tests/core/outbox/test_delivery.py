import threading
from collections.abc import Callable
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from uuid import UUID

import pytest
from sqlalchemy import select

from tourpad.core.actors import job_actor
from tourpad.core.clock import VirtualClock
from tourpad.core.gateways.mail import MailRefused, MailUncertain, OutgoingMail
from tourpad.core.outbox import procedures, service
from tourpad.core.outbox.models import Mail
from tourpad.core.outbox.procedures import deliver_mail
from tourpad.core.outbox.queue import LEASE, MAX_ATTEMPTS
from tourpad.core.outbox.states import ItemState
from tourpad.core.platform import Platform

ACTOR = job_actor("mail-deliver")


def _take(mail: OutgoingMail) -> None:
    """Take it."""


def _no_answer(mail: OutgoingMail) -> None:
    raise MailUncertain("no answer")


def _killed(mail: OutgoingMail) -> None:
    raise KeyboardInterrupt


class Post:
    """A mail service that does as it is told."""

    name = "the test's post"

    def __init__(self, say: Callable[[OutgoingMail], None] = _take) -> None:
        self.say = say
        self.taken: list[OutgoingMail] = []

    def send(self, mail: OutgoingMail) -> None:
        self.say(mail)
        self.taken.append(mail)


def _put(platform: Platform, *addresses: str) -> list[UUID]:
    with platform.work(ACTOR) as work:
        ids = [
            service.put(work, to_address=address, template="t", subject="s", text="text\n", html="<p>html</p>\n")
            for address in addresses
        ]
        work.commit()
    return [i for i in ids if i]


def _on(platform: Platform, post: Post) -> Platform:
    platform.mail = post
    return platform


def _states(platform: Platform) -> dict[str, ItemState]:
    with platform.work(ACTOR) as work:
        return {m.to_address: m.item_state for m in work.session.scalars(select(Mail))}


def test_what_is_due_leaves_once(platform: Platform) -> None:
    post = Post()
    _put(platform, *(f"p{n}@example.org" for n in range(procedures.BATCH + 5)))
    assert deliver_mail(_on(platform, post), ACTOR) == {"sent": procedures.BATCH + 5, "failed": 0, "dead": 0}
    assert len({m.to_address for m in post.taken}) == len(post.taken) == procedures.BATCH + 5
    assert deliver_mail(platform, ACTOR) == {"sent": 0, "failed": 0, "dead": 0}
    assert set(_states(platform).values()) == {ItemState.DONE}


def test_the_local_outbox_holds_what_was_written(platform: Platform) -> None:
    (mail_id,) = _put(platform, "zoë@exämple.org")
    assert deliver_mail(platform, ACTOR)["sent"] == 1
    (path,) = (platform.settings.home / "outbox").iterdir()
    assert path.name == f"{mail_id}.eml"
    read = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    assert (read["To"], read["Subject"], read["Message-ID"]) == (
        "zoë@exämple.org",
        "s",
        f"<{mail_id}@tourpad.example>",
    )
    text, html = read.get_body(("plain",)), read.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["text"]
    assert html.get_content().splitlines() == ["<p>html</p>"]


def test_one_bad_mail_is_given_up_and_stops_no_other(platform: Platform) -> None:
    def picky(mail: OutgoingMail) -> None:
        if mail.to_address.startswith("bad"):
            raise MailRefused("no such address")

    _put(platform, "a@example.org", "bad@example.org", "b@example.org")
    assert deliver_mail(_on(platform, Post(picky)), ACTOR) == {"sent": 2, "failed": 0, "dead": 1}
    assert _states(platform)["bad@example.org"] is ItemState.DEAD


def test_an_uncertain_mail_waits_longer_each_time_and_is_given_up_in_the_end(
    platform: Platform, clock: VirtualClock
) -> None:
    away = Post(_no_answer)
    _put(platform, "a@example.org")
    waits: list[timedelta] = []
    for _ in range(MAX_ATTEMPTS - 1):
        assert deliver_mail(_on(platform, away), ACTOR) == {"sent": 0, "failed": 1, "dead": 0}
        assert deliver_mail(platform, ACTOR) == {"sent": 0, "failed": 0, "dead": 0}
        with platform.work(ACTOR) as work:
            (mail,) = work.session.scalars(select(Mail))
        assert mail.last_error == "no answer"
        waits.append(mail.due_at - clock.now())
        clock.set(mail.due_at)
    assert waits[0] == timedelta(seconds=10)
    assert waits == sorted(waits)
    assert waits[-1] <= timedelta(hours=6)
    assert deliver_mail(platform, ACTOR) == {"sent": 0, "failed": 0, "dead": 1}


def test_a_mail_that_failed_leaves_later(platform: Platform, clock: VirtualClock) -> None:
    _put(platform, "a@example.org")
    deliver_mail(_on(platform, Post(_no_answer)), ACTOR)
    clock.advance(timedelta(seconds=10))
    assert deliver_mail(_on(platform, Post()), ACTOR)["sent"] == 1


def test_when_the_service_is_away_the_rest_waits_untried(platform: Platform) -> None:
    away = Post(_no_answer)
    _put(platform, *(f"p{n}@example.org" for n in range(20)))
    assert deliver_mail(_on(platform, away), ACTOR) == {
        "sent": 0,
        "failed": procedures.GIVE_UP_AFTER,
        "dead": 0,
    }
    with platform.work(ACTOR) as work:
        attempts = sorted(m.attempts for m in work.session.scalars(select(Mail)))
    assert attempts == [0] * 15 + [1] * 5
    assert set(_states(platform).values()) == {ItemState.WAITING}


def test_a_worker_that_dies_leaves_its_mails_to_the_next(platform: Platform, clock: VirtualClock) -> None:
    _put(platform, "a@example.org", "b@example.org")
    killed = Post(_killed)
    with pytest.raises(KeyboardInterrupt):
        deliver_mail(_on(platform, killed), ACTOR)
    post = Post()
    assert deliver_mail(_on(platform, post), ACTOR)["sent"] == 0
    clock.advance(LEASE + timedelta(seconds=1))
    assert deliver_mail(platform, ACTOR)["sent"] == 2
    assert deliver_mail(platform, ACTOR)["sent"] == 0


def test_a_worker_whose_lease_is_over_records_nothing_of_what_another_has(
    platform: Platform, clock: VirtualClock
) -> None:
    _put(platform, "a@example.org")

    def slow(mail: OutgoingMail) -> None:
        clock.advance(LEASE + timedelta(seconds=1))
        with platform.work(ACTOR) as work:
            (row,) = work.session.scalars(select(Mail))
            row.lease_until = clock.now() + LEASE  # another took it meanwhile
            work.commit()

    assert deliver_mail(_on(platform, Post(slow)), ACTOR) == {"sent": 0, "failed": 0, "dead": 0}
    assert _states(platform)["a@example.org"] is ItemState.WORKING


def test_two_workers_at_once_send_each_mail_once(platform: Platform) -> None:
    _put(platform, *(f"p{n}@example.org" for n in range(300)))
    post = Post()
    _on(platform, post)
    threads = [threading.Thread(target=deliver_mail, args=(platform, ACTOR)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post.taken) == len({m.id for m in post.taken}) == 300
    assert set(_states(platform).values()) == {ItemState.DONE}


def test_held_mail_stays_until_it_is_due(platform: Platform, clock: VirtualClock) -> None:
    with platform.work(ACTOR) as work:
        service.put(
            work,
            to_address="a@example.org",
            template="t",
            subject="s",
            text="t",
            html="h",
            hold=timedelta(minutes=5),
        )
        work.commit()
    _on(platform, Post())
    assert deliver_mail(platform, ACTOR)["sent"] == 0
    clock.advance(timedelta(minutes=5))
    assert deliver_mail(platform, ACTOR)["sent"] == 1
