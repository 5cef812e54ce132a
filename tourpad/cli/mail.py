"""`tourpad mail`: what was written to whom, whether it has left, and whether mail works at all."""

from typing import Annotated

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, Row, is_terminal, print_json, say, show_list, show_one

app = typer.Typer(no_args_is_help=True, help="Mail: what was written to whom, and whether it has left.")

_COLOURS = {"waiting": "yellow", "sending": "yellow", "dead": "red"}


@app.command("list")
def list_mail(
    *,
    to: Annotated[str | None, typer.Option("--to", help="To addresses that contain this.")] = None,
    template: Annotated[str | None, typer.Option("--template", help="Of one template only.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what has not left yet.")] = False,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show mails, newest first: to whom, what, and whether they have left."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.outbox import service

        mails, total = service.listed(work, limit=limit, to=to, template=template, waiting=waiting)
        rows = [
            {
                "id": mail.id,
                "to": mail.to_address,
                "template": mail.template,
                "subject": mail.subject,
                "state": _state(mail.item_state.value),
                "attempts": mail.attempts,
                "created_at": mail.created_at,
                "sent_at": mail.sent_at,
                "last_error": mail.last_error,
            }
            for mail in mails
        ]
    columns = [
        Column("id"),
        Column("created_at", "written"),
        Column("to"),
        Column("template"),
        Column("subject"),
        Column("state", style=lambda row: _COLOURS.get(row["state"], "")),
        Column("last_error", "trouble"),
    ]
    several = "mail" if total == 1 else "mails"
    shown = f"{len(rows)} of {total} {several}" if total > len(rows) else f"{total} {several}"
    nothing_else = "wait" if waiting else "match"
    closing = f"{shown}.  Read one:  tourpad mail show ID      Send what is due:  tourpad jobs run mail-deliver"
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="mails",
        extra={"total": total},
        empty=f"No mails {nothing_else}.",
        closing=closing,
    )


@app.command("show")
def show(
    mail_id: Annotated[str, typer.Argument(metavar="ID", help="Its id, or any unique part of it.")],
    *,
    as_json: options.Json = False,
) -> None:
    """Show one mail as it would be sent: headers, text, HTML, links."""
    from tourpad.core.gateways.mail.message import headers, sender
    from tourpad.core.gateways.mail.reading import links

    with platform() as p, p.work(me()) as work:
        from tourpad.core.database.lookup import by_id_part
        from tourpad.core.outbox import service
        from tourpad.core.outbox.models import Mail

        found = by_id_part(work, Mail, mail_id, noun="mail", list_command="tourpad mail list")
        mail = service.get(work, found)
        out = service.outgoing(mail)
        facts: Row = {
            "id": mail.id,
            "template": mail.template,
            "state": _state(mail.item_state.value),
            "attempts": mail.attempts,
            "created_at": mail.created_at,
            "sent_at": mail.sent_at,
            "last_error": mail.last_error,
            "to": mail.to_address,
            "subject": mail.subject,
            "headers": headers(out, sender(p.settings.mail_from)),
            "text": mail.text_body,
            "html": mail.html_body,
            "attachments": [{"name": a.name, "type": a.type, "text": a.text} for a in out.attachments],
            "links": links(mail.text_body, mail.html_body),
        }
    if as_json or not is_terminal():
        show_one(facts, as_json=as_json)
        return
    for name, value in facts["headers"].items():
        print(f"{name}: {value}")
    print(f"\n{mail.text_body}")
    for attachment in out.attachments:
        print(f"[{attachment.name}, {attachment.type}, {len(attachment.text):,} characters]\n")
    left = f"left {mail.sent_at:%Y-%m-%d %H:%M} UTC" if mail.sent_at else facts["state"]
    trouble = f" · {mail.last_error}" if mail.last_error else ""
    say(f"{mail.template} · {left}{trouble}")


@app.command("send-test")
def send_test(
    address: Annotated[str, typer.Argument(help="Where to.")],
    *,
    as_json: options.Json = False,
) -> None:
    """Send one mail now, past the queue, to see whether mail works."""
    from tourpad.core.errors import invalid
    from tourpad.core.gateways.mail import MailRefused, OutgoingMail
    from tourpad.core.gateways.mail.message import is_address
    from tourpad.core.ids import new_id
    from tourpad.core.notifications.render import render

    if not is_address(address):
        raise invalid("address", f"{address!r} is no mail address")
    name = address.partition("@")[0]
    with platform() as p:
        said = render("mail_test", name=name, base_url=p.settings.base_url, sent_from=p.mail.name)
        mail = OutgoingMail(
            id=new_id(),
            template="mail_test",
            to_address=address,
            subject=said.subject,
            text=said.text,
            html=said.html,
            created_at=p.clock.now(),
        )
        try:
            p.mail.send(mail)
        except MailRefused as error:
            error.hint = error.hint or "tourpad config show lists MAIL_FROM and the rest."
            raise
        through = p.mail.name
    if as_json:
        print_json({"id": mail.id, "to": address, "through": through})
    else:
        say(f"Sent to {address} through {through}.")


def _state(item_state: str) -> str:
    """The queue's words as people say them of mail."""
    return {"done": "sent", "working": "sending"}.get(item_state, item_state)
