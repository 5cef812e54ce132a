import string
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.notifications import ANSWERED, person
from tourpad.core.errors import InvalidInputError, NotFoundError
from tourpad.core.identity.states import UserState
from tourpad.core.notifications import queries, rules, service
from tourpad.core.notifications.models import Notification
from tourpad.core.notifications.states import Category, Channel
from tourpad.core.outbox import queue
from tourpad.core.outbox.models import Mail
from tourpad.core.work import Work


def _mails(work: Work) -> list[Mail]:
    return list(work.session.scalars(select(Mail).order_by(Mail.created_at, Mail.id)))


def _news(work: Work) -> list[Notification]:
    return list(work.session.scalars(select(Notification).order_by(Notification.created_at, Notification.id)))


def test_telling_lists_it_in_the_app_and_writes_a_mail(work: Work) -> None:
    ada = person(work)
    about = uuid.uuid4()
    service.tell(work, user_id=ada.id, category=Category.BOOKING, related=("booking", about), **ANSWERED)
    (news,) = _news(work)
    assert (news.user_id, news.title, news.related_type, news.related_id, news.read_at) == (
        ada.id,
        "Is this your mail address?",
        "booking",
        about,
        None,
    )
    assert (news.action_url, news.action_text) == ("/verify-email?token=t0ken", "Yes, it is mine")
    assert news.message
    assert news.message.startswith("Welcome to TourPad.")
    (mail,) = _mails(work)
    assert (mail.to_address, mail.to_name, mail.subject) == (
        "ada@example.org",
        "Ada",
        "Is this your mail address?",
    )
    assert "http://127.0.0.1:8000/verify-email?token=t0ken" in mail.text_body


def test_the_same_reason_tells_each_person_once(work: Work) -> None:
    ada, ben = person(work), person(work, "Ben")
    for user in (ada, ada, ben, ada):
        service.tell(work, user_id=user.id, category=Category.BOOKING, dedupe_key="booking:1", **ANSWERED)
    assert [m.to_address for m in _mails(work)] == ["ada@example.org", "ben@example.org"]
    assert [n.user_id for n in _news(work)] == [ada.id, ben.id]


def test_without_a_reason_every_telling_counts(work: Work) -> None:
    ada = person(work)
    for _ in range(2):
        service.tell(work, user_id=ada.id, category=Category.BOOKING, **ANSWERED)
    assert len(_mails(work)) == len(_news(work)) == 2


@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("channel", Channel)
def test_a_no_is_respected_and_money_and_account_always_go(work: Work, category: Category, channel: Channel) -> None:
    ada = person(work)
    if category in {Category.PAYMENT, Category.SYSTEM}:
        with pytest.raises(InvalidInputError) as refused:
            service.set_preferences(work, user_id=ada.id, wanted={(category, channel): False})
        assert [e.field for e in refused.value.errors] == [f"preferences.{category}.{channel}"]
    else:
        service.set_preferences(work, user_id=ada.id, wanted={(category, channel): False})
    service.tell(work, user_id=ada.id, category=category, **ANSWERED)
    optional = category not in {Category.PAYMENT, Category.SYSTEM}
    assert len(_mails(work)) == (0 if optional and channel is Channel.EMAIL else 1)
    assert len(_news(work)) == (0 if optional and channel is Channel.APP else 1)


def test_a_no_can_be_taken_back_and_concerns_one_person(work: Work) -> None:
    ada, ben = person(work), person(work, "Ben")
    for on in (False, True, False):
        service.set_preferences(work, user_id=ada.id, wanted={(Category.CONCERT, Channel.EMAIL): on})
    table = queries.preferences(work, ada.id)
    assert [key for key, on in table.items() if not on] == [(Category.CONCERT, Channel.EMAIL)]
    assert all(queries.preferences(work, ben.id).values())


def test_one_click_ends_the_mails_of_one_category(work: Work) -> None:
    ada = person(work)
    service.tell(work, user_id=ada.id, category=Category.CONCERT, **ANSWERED)
    (mail,) = _mails(work)
    url = mail.headers["List-Unsubscribe"].strip("<>")
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in mail.text_body
    assert service.unsubscribe(work, token=url.rpartition("/")[2]) is Category.CONCERT
    service.tell(work, user_id=ada.id, category=Category.CONCERT, **ANSWERED)
    service.tell(work, user_id=ada.id, category=Category.BOOKING, **ANSWERED)
    assert len(_mails(work)) == 2
    assert len(_news(work)) == 3


def test_essential_mails_carry_no_way_to_unsubscribe(work: Work) -> None:
    ada = person(work)
    service.tell(work, user_id=ada.id, category=Category.PAYMENT, **ANSWERED)
    service.mail_only(work, user_id=ada.id, **ANSWERED)
    for mail in _mails(work):
        assert mail.headers == {}
        assert "unsubscribe" not in mail.text_body + mail.html_body


@pytest.mark.parametrize("token", ["", "x", "AAAA", "é", "A" * 60])
def test_a_made_up_token_ends_nothing(token: str) -> None:
    with pytest.raises(NotFoundError):
        rules.read_unsubscribe_token(["secret"], token)


LETTERS = string.ascii_letters + string.digits + "-_"


def test_a_token_outlives_a_rotation_of_the_secret_but_not_a_changed_letter() -> None:
    who = uuid.uuid4()
    token = rules.unsubscribe_token(["old"], user_id=who, category=Category.REVIEW)
    assert rules.read_unsubscribe_token(["new", "old"], token) == (who, Category.REVIEW)
    with pytest.raises(NotFoundError):
        rules.read_unsubscribe_token(["new"], token)
    last = [token[:-1] + letter for letter in LETTERS if letter != token[-1]]
    for changed in (*(token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(50)), *last):
        with pytest.raises(NotFoundError):
            rules.read_unsubscribe_token(["old"], changed)


def test_nobody_is_told_once_erased_and_what_was_told_goes(work: Work) -> None:
    ada = person(work)
    service.tell(work, user_id=ada.id, category=Category.SYSTEM, **ANSWERED)
    sent = _mails(work)[0]
    queue.finish(sent)
    service.tell(work, user_id=ada.id, category=Category.SYSTEM, **ANSWERED)
    ada.state = UserState.ERASED
    work.session.flush()
    service.forget(work, user_id=ada.id)
    service.tell(work, user_id=ada.id, category=Category.SYSTEM, **ANSWERED)
    service.mail_only(work, user_id=ada.id, **ANSWERED)
    work.session.expire_all()
    assert _news(work) == []
    (left,) = _mails(work)
    assert left.id == sent.id
    assert "ada" not in left.to_address + left.text_body + left.html_body + str(left.to_name)


def test_telling_nobody_is_an_error(work: Work) -> None:
    with pytest.raises(NotFoundError):
        service.tell(work, user_id=uuid.uuid4(), category=Category.SYSTEM, **ANSWERED)


def test_what_has_not_left_can_be_taken_back_and_told_again(work: Work) -> None:
    ada, ben = person(work), person(work, "Ben")
    for user in (ada, ben):
        service.tell(
            work,
            user_id=user.id,
            category=Category.SYSTEM,
            dedupe_key="decision:1",
            hold=timedelta(minutes=10),
            **ANSWERED,
        )
    service.tell(work, user_id=ada.id, category=Category.SYSTEM, dedupe_key="decision:12", **ANSWERED)
    assert [m.due_at - work.now for m in _mails(work)] == [
        timedelta(minutes=10),
        timedelta(minutes=10),
        timedelta(0),
    ]
    assert service.take_back(work, dedupe_key="decision:1")
    assert [m.dedupe_key for m in _mails(work)] == [f"decision:12|{ada.id}"]
    assert [n.dedupe_key for n in _news(work)] == [f"decision:12|{ada.id}"]
    service.tell(work, user_id=ada.id, category=Category.SYSTEM, dedupe_key="decision:1", **ANSWERED)
    assert len(_mails(work)) == 2


def test_what_has_left_or_may_have_left_stands(work: Work) -> None:
    ada = person(work)
    service.tell(work, user_id=ada.id, category=Category.SYSTEM, dedupe_key="decision:1", **ANSWERED)
    (claimed,) = queue.claim(work, Mail, limit=10)
    assert not service.take_back(work, dedupe_key="decision:1")
    queue.fail(claimed, now=work.now, error="no answer")
    work.session.flush()
    assert not service.take_back(work, dedupe_key="decision:1")
    assert len(_mails(work)) == len(_news(work)) == 1


def test_reading_news(work: Work) -> None:
    ada, ben = person(work), person(work, "Ben")
    for user in (ada, ada, ben):
        service.tell(work, user_id=user.id, category=Category.SYSTEM, **ANSWERED)
    mine, total = queries.of_user(work, ada.id, page=1, limit=1)
    assert (len(mine), total, queries.unread(work, ada.id)) == (1, 2, 2)
    first = service.mark_read(work, user_id=ada.id, notification_id=mine[0].id).read_at
    assert service.mark_read(work, user_id=ada.id, notification_id=mine[0].id).read_at == first == work.now
    with pytest.raises(NotFoundError):
        service.mark_read(work, user_id=ben.id, notification_id=mine[0].id)
    assert queries.of_user(work, ada.id, page=1, limit=9, unread_only=True)[1] == 1
    assert service.mark_all_read(work, user_id=ada.id) == 1
    assert (queries.unread(work, ada.id), queries.unread(work, ben.id)) == (0, 1)
