"""Mail as rows: put with its cause, claimed to be sent, taken back while it has not left."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Table, Text, delete, func, or_, select, update
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.database.forgetting import mentions, takeable, text_without, without
from tourpad.core.errors import NotFoundError
from tourpad.core.gateways.mail import Attachment, OutgoingMail
from tourpad.core.ids import new_id
from tourpad.core.outbox import queries
from tourpad.core.outbox.models import Mail
from tourpad.core.outbox.states import MOVES, ItemState
from tourpad.core.states import check_move
from tourpad.core.work import Work

_TABLE = cast("Table", Mail.__table__)
_PUT = insert(_TABLE).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(_TABLE.c.id)
"""Made once, and of the table: an insert of the model, made anew for each mail, costs nine times the CPU."""


def put(
    work: Work,
    *,
    to_address: str,
    template: str,
    subject: str,
    text: str,
    html: str,
    user_id: UUID | None = None,
    to_name: str | None = None,
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
    dedupe_key: str | None = None,
    hold: timedelta = timedelta(0),
) -> UUID | None:
    """Write one mail that leaves after the commit. Answers its id; nothing where its reason wrote before."""
    values = {
        "id": new_id(),
        "user_id": user_id,
        "dedupe_key": dedupe_key,
        "template": template,
        "to_name": to_name,
        "to_address": to_address,
        "subject": subject,
        "text_body": text,
        "html_body": html,
        "headers": dict(headers or {}),
        "attachments": [msgspec.structs.asdict(attachment) for attachment in attachments],
        "created_at": work.now,
        "due_at": work.now + hold,
    }
    return work.session.execute(_PUT, values).scalar_one_or_none()


def outgoing(mail: Mail) -> OutgoingMail:
    """The mail as a gateway takes it."""
    return OutgoingMail(
        id=mail.id,
        template=mail.template,
        to_address=mail.to_address,
        to_name=mail.to_name,
        subject=mail.subject,
        text=mail.text_body,
        html=mail.html_body,
        headers=mail.headers,
        attachments=tuple(Attachment(**attachment) for attachment in mail.attachments),
        created_at=mail.created_at,
    )


def claimed(work: Work, ids: Sequence[UUID], lease: datetime) -> Sequence[Mail]:
    """Of the mails that a worker claimed, those that are still its own, locked for the record."""
    return work.session.scalars(
        select(Mail)
        .where(Mail.id.in_(ids), Mail.item_state == ItemState.WORKING, Mail.lease_until == lease)
        .order_by(Mail.id)
        .with_for_update()
    ).all()


def listed(
    work: Work,
    *,
    limit: int,
    to: str | None = None,
    template: str | None = None,
    waiting: bool = False,
) -> tuple[Sequence[Mail], int]:
    """The newest mails, and how many match in all.

    Args:
        work: the unit of work.
        limit: at most so many.
        to: a part of the address, whatever its case.
        template: exactly this template.
        waiting: only what has not left and may still leave.
    """
    where: list[ColumnElement[bool]] = []
    if to:
        where.append(Mail.to_address.icontains(to, autoescape=True))
    if template:
        where.append(Mail.template == template)
    if waiting:
        where.append(Mail.item_state.in_((ItemState.WAITING, ItemState.WORKING)))
    total = work.session.scalar(select(func.count()).select_from(Mail).where(*where)) or 0
    rows = work.session.scalars(
        select(Mail).where(*where).order_by(Mail.created_at.desc(), Mail.id.desc()).limit(limit)
    )
    return rows.all(), total


def get(work: Work, mail_id: UUID) -> Mail:
    """One mail.

    Raises:
        NotFoundError: none by that id.
    """
    found = work.session.get(Mail, mail_id)
    if found is None:
        raise NotFoundError(f"No mail has the id {mail_id}.", hint="tourpad mail list shows them.")
    return found


def revive(work: Work, *, kind: str, item_id: UUID | None = None) -> int:
    """Let items that were given up be tried again, now, with all their tries before them. Answers how many.

    Args:
        work: the unit of work.
        kind: the name of their table (`queries.kinds`).
        item_id: one of them; all of the kind unless given.

    Raises:
        NotFoundError: there is no such kind, or none of it was given up.
    """
    if kind not in queries.kinds():
        raise NotFoundError(f"No work is called {kind}.", hint="There are: " + ", ".join(queries.kinds()))
    items = queries.dead_for_update(work, kind=kind, item_id=item_id)
    if not items:
        raise NotFoundError("That was not given up." if item_id else f"None of {kind} was given up.", hint=_DEAD_HINT)
    for item in items:
        check_move(MOVES, entity=kind, now=item.item_state, to=ItemState.WAITING)
        item.item_state, item.attempts, item.due_at = ItemState.WAITING, 0, work.now
        work.audit("item.revive", target_type=kind, target_id=item.id, error=item.last_error)
    return len(items)


_DEAD_HINT = "tourpad jobs dead shows what was."


def take_back(work: Work, *, dedupe_key: str) -> bool:
    """Delete the mails of one reason, if none of them has left or may have left. Answers whether that is so.

    The rows are locked first: a worker about to claim one finds it gone, one that has claimed it wins.
    A key that was given to `notifications.service.tell` matches the mails to everyone who was told.
    """
    of_reason = (Mail.dedupe_key == dedupe_key) | Mail.dedupe_key.startswith(f"{dedupe_key}|", autoescape=True)
    states = work.session.execute(select(Mail.item_state, Mail.attempts).where(of_reason).with_for_update()).all()
    if any(state is not ItemState.WAITING or attempts for state, attempts in states):
        return False
    work.session.execute(delete(Mail).where(of_reason))
    return True


def adopt(work: Work, *, dedupe_key: str, user_id: UUID) -> None:
    """Mails of one reason went to an address that turns out to be this person's: they are forgotten with them."""
    of_reason = Mail.dedupe_key.startswith(f"{dedupe_key}:", autoescape=True)
    work.session.execute(update(Mail).where(of_reason, Mail.user_id.is_(None)).values(user_id=user_id))


def forget(work: Work, *, user_id: UUID) -> None:
    """Erase a person from the outbox: what waits is deleted, of what has left only the fact stays."""
    mine = Mail.user_id == user_id
    work.session.execute(delete(Mail).where(mine, Mail.item_state == ItemState.WAITING))
    work.session.execute(
        update(Mail)
        .where(mine)
        .values(
            to_address="erased@tourpad.invalid",
            to_name=None,
            subject="erased",
            text_body="",
            html_body="",
            headers={},
            attachments=[],
        )
    )


def forget_names(work: Work, *, names: Collection[str]) -> None:
    """Take the names of somebody who is erased out of mails to others: what has left is with them alone."""
    subject, text, html = Mail.subject, Mail.text_body, Mail.html_body
    for name in takeable(names):
        # As templates escape it.
        marked = escape(name, quote=False).replace("'", "&#39;").replace('"', "&#34;")
        work.session.execute(
            update(Mail)
            .where(or_(mentions(name, subject, text), mentions(marked, html)))
            .values(subject=without(subject, name), text_body=without(text, name), html_body=without(html, marked))
        )
        quoted = json.dumps(name, ensure_ascii=False)[1:-1]
        for mail in work.session.scalars(select(Mail).where(mentions(quoted, cast_to(Mail.attachments, Text)))):
            mail.attachments = [{key: text_without(said, name) for key, said in f.items()} for f in mail.attachments]
    work.session.flush()
