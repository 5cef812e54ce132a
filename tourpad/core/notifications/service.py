"""Telling people, and letting them say what they want to be told."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, update
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.database.forgetting import mentions, takeable, without
from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.gateways.mail import Attachment
from tourpad.core.ids import new_id
from tourpad.core.notifications import queries, rules
from tourpad.core.notifications.events import NotificationListed
from tourpad.core.notifications.models import Notification, NotificationPreference
from tourpad.core.notifications.render import Rendered, render
from tourpad.core.notifications.states import Category, Channel
from tourpad.core.outbox import service as outbox
from tourpad.core.work import Work


def tell(
    work: Work,
    *,
    user_id: UUID,
    template: str,
    category: Category,
    dedupe_key: str | None = None,
    related: tuple[str, UUID] | None = None,
    hold: timedelta = timedelta(0),
    attachments: Sequence[Attachment] = (),
    **context: Any,
) -> None:
    """Tell one person something: a notification in the app and a mail, each unless they said no to it.

    Args:
        work: the unit of work; nothing is sent before it is committed.
        user_id: the person; nobody is told once they are erased.
        template: its name in `notifications/templates/` (format: the README there).
        category: what it is about. News of payments and of the account always goes.
        dedupe_key: the reason, the same for the same reason (`booking_requested:<id>`). The same person is
            never told twice for one; two people may be told for the same one.
        related: the type and the id of what it is about, for the app.
        hold: how long the mail waits before it may leave (time to take it back).
        attachments: files that go along with the mail.
        context: what the template asks for.

    Raises:
        NotFoundError: no such person.
        jinja2.UndefinedError: the context lacks something.
    """
    found = None if work.quiet else queries.recipient_for(work, user_id, category)
    if found is None:
        return
    to, refused = found
    optional = category not in rules.ESSENTIAL
    if not optional:
        refused = set[Channel]()
    base_url = work.settings.base_url
    unsubscribe_url = None
    if optional:
        token = rules.unsubscribe_token(work.settings.secret, user_id=user_id, category=category)
        unsubscribe_url = f"{base_url}/api/unsubscribe/{token}"
    said = render(
        template,
        name=to.name,
        base_url=base_url,
        unsubscribe_url=unsubscribe_url,
        about=rules.ABOUT[category],
        **context,
    )
    key = _key(dedupe_key, user_id)
    if Channel.APP not in refused and not _list(
        work, said, user_id=user_id, category=category, key=key, related=related
    ):
        return
    if Channel.EMAIL not in refused:
        _write(
            work,
            said,
            to=to,
            template=template,
            key=key,
            hold=hold,
            unsubscribe_url=unsubscribe_url,
            attachments=attachments,
        )


def mail_only(
    work: Work,
    *,
    user_id: UUID,
    template: str,
    dedupe_key: str | None = None,
    to_address: str | None = None,
    **context: Any,
) -> None:
    """Send one essential mail and list nothing in the app: links that verify, reset, and warn of it.

    Args:
        work: the unit of work.
        user_id: the person; nobody is told once they are erased.
        template: its name in `notifications/templates/`.
        dedupe_key: as for `tell`.
        to_address: another address than the account's (a new one that is to be proved).
        context: what the template asks for.

    Raises:
        NotFoundError: no such person.
        jinja2.UndefinedError: the context lacks something.
    """
    to = None if work.quiet else queries.recipient(work, user_id)
    if to is None:
        return
    said = render(template, name=to.name, base_url=work.settings.base_url, **context)
    if to_address is not None:
        to = queries.Recipient(user_id, to.name, to_address)
    _write(work, said, to=to, template=template, key=_key(dedupe_key, user_id))


def mail_address(
    work: Work,
    *,
    to_address: str,
    to_name: str | None,
    template: str,
    dedupe_key: str | None = None,
    **context: Any,
) -> None:
    """Send one mail to somebody who need not have an account: what a person here asked us to bring them.

    Args:
        work: the unit of work.
        to_address: where to.
        to_name: whom it greets, where that is known.
        template: its name in `notifications/templates/`.
        dedupe_key: as for `tell`.
        context: what the template asks for.

    Raises:
        jinja2.UndefinedError: the context lacks something.
    """
    if work.quiet:
        return
    said = render(template, name=to_name or "there", base_url=work.settings.base_url, **context)
    outbox.put(
        work,
        to_address=to_address,
        to_name=to_name,
        template=template,
        subject=said.subject,
        text=said.text,
        html=said.html,
        dedupe_key=dedupe_key,
    )


def take_back(work: Work, *, dedupe_key: str) -> bool:
    """Take back what was told for one reason, as long as no mail of it has left.

    Answers whether everything was taken back. If any mail has left, nothing is changed: what was said stands.
    """
    if not outbox.take_back(work, dedupe_key=dedupe_key):
        return False
    work.session.execute(
        delete(Notification).where(Notification.dedupe_key.startswith(f"{dedupe_key}|", autoescape=True))
    )
    return True


def mark_read(work: Work, *, user_id: UUID, notification_id: UUID) -> Notification:
    """A person has read one piece of their news. Reading it again changes nothing.

    Raises:
        NotFoundError: none by that id, or somebody else's.
    """
    found = queries.get_own(work, notification_id=notification_id, user_id=user_id)
    found.read_at = found.read_at or work.now
    work.session.flush()
    return found


def mark_all_read(work: Work, *, user_id: UUID) -> int:
    """A person has read all of their news. Answers how many were unread."""
    rows = work.session.execute(
        update(Notification)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        .values(read_at=work.now)
        .returning(Notification.id)
    )
    return len(rows.all())


def set_preferences(work: Work, *, user_id: UUID, wanted: dict[tuple[Category, Channel], bool]) -> None:
    """Change what a person is told by which way. What is not mentioned stays.

    Raises:
        InvalidInputError: naming each no to something that always goes.
    """
    faults = [
        FieldError(f"preferences.{category}.{channel}", f"news about {rules.ABOUT[category]} can't be turned off")
        for (category, channel), enabled in wanted.items()
        if not enabled and not rules.may_turn_off(category, channel)
    ]
    if faults:
        raise InvalidInputError(*faults)
    for (category, channel), enabled in wanted.items():
        work.session.execute(
            insert(NotificationPreference)
            .values(
                id=new_id(),
                user_id=user_id,
                category=category,
                channel=channel,
                enabled=enabled,
                updated_at=work.now,
            )
            .on_conflict_do_update(
                index_elements=["user_id", "category", "channel"],
                set_={"enabled": enabled, "updated_at": work.now},
            )
        )


def unsubscribe(work: Work, *, token: str) -> Category:
    """End the mails of the category that a mail's link names. The app still shows the news. Safe to repeat.

    Raises:
        NotFoundError: the token is none of ours, or its person is gone.
    """
    user_id, category = rules.read_unsubscribe_token(work.settings.secret, token)
    if queries.recipient(work, user_id) is not None:
        set_preferences(work, user_id=user_id, wanted={(category, Channel.EMAIL): False})
    return category


def forget(work: Work, *, user_id: UUID) -> None:
    """Erase what was told to a person, and the mails themselves."""
    work.session.execute(delete(Notification).where(Notification.user_id == user_id))
    work.session.execute(delete(NotificationPreference).where(NotificationPreference.user_id == user_id))
    outbox.forget(work, user_id=user_id)


def forget_names(work: Work, *, names: Collection[str]) -> None:
    """Take the names of somebody who is erased out of what others were told, in their lists and in mails."""
    title, message = Notification.title, Notification.message
    for name in takeable(names):
        work.session.execute(
            update(Notification)
            .where(mentions(name, title, message))
            .values(title=without(title, name), message=without(message, name))
        )
    outbox.forget_names(work, names=names)


def _key(dedupe_key: str | None, user_id: UUID) -> str | None:
    return f"{dedupe_key}|{user_id}" if dedupe_key else None


_TABLE = cast("Table", Notification.__table__)
_TELL = insert(_TABLE).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(_TABLE.c.id)
"""Made once, and of the table: an insert of the model, made anew for each row, costs nine times the CPU."""


def _list(
    work: Work,
    said: Rendered,
    *,
    user_id: UUID,
    category: Category,
    key: str | None,
    related: tuple[str, UUID] | None,
) -> bool:
    """Put it into the person's list. False: they were told already."""
    action = said.action
    values = {
        "id": new_id(),
        "user_id": user_id,
        "category": category,
        "dedupe_key": key,
        "title": said.subject,
        "message": said.summary,
        "related_type": related[0] if related else None,
        "related_id": related[1] if related else None,
        # A path: the list must not break when the address of the site changes.
        "action_url": action.url.removeprefix(work.settings.base_url) if action else None,
        "action_text": action.label if action else None,
        "created_at": work.now,
    }
    row = work.session.execute(_TELL, values).first()
    if row is None:
        return False
    work.emit(NotificationListed(user_id=user_id, notification_id=row.id))
    return True


def _write(
    work: Work,
    said: Rendered,
    *,
    to: queries.Recipient,
    template: str,
    key: str | None,
    hold: timedelta = timedelta(0),
    unsubscribe_url: str | None = None,
    attachments: Sequence[Attachment] = (),
) -> None:
    headers: dict[str, str] = {}
    if unsubscribe_url:
        headers = {
            "List-Unsubscribe": f"<{unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    outbox.put(
        work,
        user_id=to.user_id,
        to_name=to.name,
        to_address=to.email,
        template=template,
        subject=said.subject,
        text=said.text,
        html=said.html,
        headers=headers,
        attachments=attachments,
        dedupe_key=key,
        hold=hold,
    )
