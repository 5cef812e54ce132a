"""A host hears who has looked at their address, once a day and once of each person and show."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from tests.factories.bookings import make_pair
from tests.factories.concerts import fan_of, make_concert, seat
from tests.factories.profiles import SECRET_STREET
from tourpad.core.actors import operator, person
from tourpad.core.concerts import service as concerts
from tourpad.core.hosts import procedures
from tourpad.core.identity.models import User
from tourpad.core.notifications.models import Notification
from tourpad.core.notifications.service import set_preferences
from tourpad.core.notifications.states import Category, Channel
from tourpad.core.outbox.models import Mail

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

ACTOR = operator("test")


def look(platform: "Platform", concert_id: UUID, user_id: UUID, role: str) -> None:
    with platform.work(person(user_id, role)) as work:
        assert concerts.address_for(work, concert_id=concert_id, user_id=user_id) is not None
        work.commit()


def mails(platform: "Platform") -> list[tuple[str, str]]:
    with platform.work(ACTOR) as work:
        rows = work.session.scalars(
            select(Mail).where(Mail.template == "address_looked_at").order_by(Mail.created_at, Mail.id)
        )
        return [(mail.subject, mail.text_body) for mail in rows]


def test_one_mail_a_day_of_whoever_looked_for_the_first_time(platform: "Platform", clock: "VirtualClock") -> None:
    with platform.work(ACTOR) as work:
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair, capacity=4)
        first, second = fan_of(work, seat(work, concert)), fan_of(work, seat(work, concert))
        names = {user_id: work.session.get_one(User, user_id).name for user_id in (first, second, pair.artist_user)}
        work.commit()
    assert procedures.tell_looks(platform, ACTOR) == {"hosts": 0, "people": 0}

    clock.set(concert.starts_at - timedelta(hours=30))
    for _ in range(3):
        look(platform, concert.id, pair.artist_user, "artist")
        look(platform, concert.id, first, "fan")
    assert procedures.tell_looks(platform, ACTOR) == {"hosts": 1, "people": 2}
    assert procedures.tell_looks(platform, ACTOR) == {"hosts": 0, "people": 0}
    ((subject, said),) = mails(platform)
    assert subject == "2 people looked at your address"
    assert f"{names[first]} (approved guest)" in said
    assert f"{names[pair.artist_user]} (artist of a confirmed booking)" in said
    assert said.count("approved guest") == 1
    assert SECRET_STREET not in said

    clock.advance(timedelta(hours=24))
    look(platform, concert.id, first, "fan")  # known by now: listed, and no mail
    assert procedures.tell_looks(platform, ACTOR) == {"hosts": 0, "people": 0}
    look(platform, concert.id, second, "fan")
    assert procedures.tell_looks(platform, ACTOR) == {"hosts": 1, "people": 1}
    assert [subject for subject, _ in mails(platform)][1:] == [f"{names[second]} looked at your address"]


def test_whoever_wants_no_mail_finds_it_in_the_app(platform: "Platform") -> None:
    with platform.work(ACTOR) as work:
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair)
        set_preferences(work, user_id=pair.host_user, wanted={(Category.CONCERT, Channel.EMAIL): False})
        work.commit()
    look(platform, concert.id, pair.artist_user, "artist")
    assert procedures.tell_looks(platform, ACTOR) == {"hosts": 1, "people": 1}
    assert mails(platform) == []
    with platform.work(ACTOR) as work:
        titles = list(work.session.scalars(select(Notification.title).where(Notification.user_id == pair.host_user)))
    assert len([title for title in titles if title.endswith("looked at your address")]) == 1
