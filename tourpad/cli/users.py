"""`tourpad users`: who is here, and what an operator does for them."""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options, reliability, standings
from tourpad.cli.context import find_person, me, platform
from tourpad.cli.output import (
    SHORT_ID,
    Column,
    confirm,
    human,
    is_terminal,
    jsonable,
    print_json,
    say,
    show_list,
    show_one,
)
from tourpad.core.identity.states import UserState, UserType

if TYPE_CHECKING:
    from tourpad.core.identity.models import User

app = typer.Typer(no_args_is_help=True, help="People: who is here, and what an operator does for them.")

Who = Annotated[str, typer.Argument(metavar="WHO", help="A mail address, or any unique part of an id.")]
_COLOURS = {"suspended": "red", "rejected": "red", "pending": "yellow", "erased": "dim"}


@app.command("list")
def list_users(
    *,
    role: Annotated[UserType | None, typer.Option("--role", help="Only artists, hosts, fans or admins.")] = None,
    state: Annotated[UserState | None, typer.Option("--state", help="Only people in this state.")] = None,
    search: Annotated[str | None, typer.Option("--search", help="Part of a name or mail address.")] = None,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show people, the newest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity import queries

        wanted = queries.UserFilter(user_type=role, state=state, search=search)
        found, total = queries.list_users(work, wanted, offset=0, limit=limit)
        rows = [_row(user) for user in found]
    columns = [
        Column("id"),
        Column("email"),
        Column("name"),
        Column("role"),
        Column("state", style=lambda row: _COLOURS.get(row["state"], "")),
        Column("email_verified", "verified", optional=True),
        Column("last_login_at", "last seen", optional=True),
    ]
    people = "person" if total == 1 else "people"
    counted = f"{len(rows)} of {total:,} {people}" if total > len(rows) else f"{total:,} {people}"
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="users",
        extra={"total": total},
        empty="Nobody matches." if role or state or search else "Nobody is here yet.",
        closing=f"{counted}.  One of them:  tourpad users show EMAIL",
    )


@app.command("show")
def show(who: Who, *, as_json: options.Json = False) -> None:
    """Show one person: how they stand, what they may do, what comes next."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.applications import service as applications
        from tourpad.core.identity import queries
        from tourpad.core.identity.service import agreeing, standing
        from tourpad.core.memberships import rules as memberships
        from tourpad.core.memberships.queries import of_user
        from tourpad.core.rollout import service as doors

        user = find_person(work, who)
        member = of_user(work, user.id)
        facts: dict[str, Any] = {
            **_row(user),
            "email_verified_at": user.email_verified_at,
            "next_step": applications.next_step(work, user) or memberships.next_step(member.state if member else None),
            "let_in": doors.lets_in(work, email=user.email, user_type=user.user_type),
            "permissions": sorted(standing.permissions(work, user)),
            "sessions": len(queries.live_sessions(work, user.id)),
            "second_factor": queries.has_second_factor(work, user.id),
            "providers": [one.provider for one in queries.identities(work, user.id)],
            "adult_confirmed_at": user.adult_confirmed_at,
            "terms": _agreed(user.terms_version, user.terms_accepted_at, as_json=as_json),
            "privacy": _agreed(user.privacy_version, user.privacy_accepted_at, as_json=as_json),
            "to_agree": [agreement.value for agreement in agreeing.missing(work, user)],
            "notes": [f"{human(n.created_at)}  {n.author_label}: {n.note}" for n in queries.notes_of(work, user.id)],
        }
        facts |= reliability.facts_of(work, user, spoken=is_terminal() and not as_json)
        facts |= standings.as_payee(work, user) | standings.as_member(member)
        if user.state is UserState.SUSPENDED:
            facts |= {"suspension_reason": user.suspension_reason, "suspended_until": user.suspended_until}
    show_one(facts, as_json=as_json, title=f"{user.name}  ·  {user.user_type}")
    if is_terminal() and not as_json:
        say(f"What they did and what was done to them:  tourpad users timeline {user.email}")
        if member is not None:
            say(f"What was billed:  tourpad memberships show {user.email}")


@app.command("timeline")
def show_timeline(
    who: Who,
    *,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page.")] = 1,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show what one person did, and what was done to them and to what is theirs, the latest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity.queries import names_of
        from tourpad.core.takeout.queries import timeline

        user = find_person(work, who)
        entries, total = timeline(work, user.id, offset=(page - 1) * limit, limit=limit)
        names = names_of(work, {e.actor_id for e in entries if e.actor_id})
        rows = [
            {
                "number": entry.number,
                "at": entry.at,
                "actor": names.get(entry.actor_id, entry.actor_label) if entry.actor_id else entry.actor_label,
                "theirs": entry.actor_id == user.id,
                "action": entry.action,
                "target_type": entry.target_type,
                "target_id": entry.target_id,
                "reason": entry.reason,
                "details": entry.details,
            }
            for entry in entries
        ]
    counted = f"{len(rows)} of {total:,}" if total > len(rows) else f"{total:,}"
    more = f"  Older ones:  --page {page + 1}" if total > page * limit else ""
    show_list(
        rows,
        [
            Column("at", "when"),
            Column("actor", "who", style=lambda row: "bold" if row["theirs"] else ""),
            Column("action", "did"),
            Column("target_type", "to"),
            Column("target_id", "id", optional=True),
            Column("reason"),
        ],
        as_json=as_json,
        key="entries",
        extra={"total": total, "page": page},
        empty="Nothing was done by them or to them.",
        closing=f"{counted} entr{'y' if total == 1 else 'ies'}.{more}",
    )


@app.command("note")
def note(
    who: Who,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is worth knowing; `-` reads standard input.")],
) -> None:
    """Note something about a person, for whoever runs the place. The person never sees it."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity.service import notes

        user = find_person(work, who)
        notes.add(work, user_id=user.id, note=sys.stdin.read() if text == "-" else text)
        work.commit()
    say(f"Noted on {user.email}.  All of them:  tourpad users show {user.email}")


@app.command("create-admin")
def create_admin(
    email: Annotated[str, typer.Argument(help="The admin's mail address.")],
    *,
    name: Annotated[str | None, typer.Option("--name", help="What others see; asked for if not given.")] = None,
    link: Annotated[bool, typer.Option("--link", help="No password now: print a link that sets one.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Make an admin, verified and active. Asks for a password; with nobody to ask, prints a link that sets one."""
    from tourpad.core.errors import invalid

    if link and password_stdin:
        raise invalid("--link", "does not go with --password-stdin")
    if name is None:
        name = str(typer.prompt("Name")) if sys.stdin.isatty() else email.partition("@")[0]
    password = _password(link=link, from_stdin=password_stdin)
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity.service import account

        user, token = account.create_admin(work, email=email, name=name, password=password)
        work.commit()
        url = f"{p.settings.base_url}/reset-password?token={token}" if token else None
    if as_json:
        print_json({"id": user.id, "email": user.email, "name": user.name, "link": url})
        return
    say(f"{user.name} <{user.email}> is an admin.")
    if url:
        say("This link sets the password, once, within an hour:")
        print(url)
    else:
        say("Sign in:  POST /api/auth/login")


@app.command("suspend")
def suspend(
    who: Who,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; the person is told.")],
    until: Annotated[
        str | None, typer.Option("--until", help="A day or an instant, like 2026-12-01; for good if not given.")
    ] = None,
    dry_run: options.DryRun = False,
) -> None:
    """Close an account for a while. The person is signed out everywhere at once, and told why by mail."""
    end = _instant(until) if until else None
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity import queries
        from tourpad.core.identity.service import users

        user = find_person(work, who)
        open_sessions = len(queries.live_sessions(work, user.id))
        user = users.suspend(work, user_id=user.id, reason=reason, until=end)
        for_how_long = f"until {human(end)} UTC" if end else "for good"
        if dry_run:
            say(f"Would suspend {user.email} {for_how_long} and end {open_sessions} sessions. Nothing was changed.")
            return
        work.commit()
    say(f"{user.email} is suspended {for_how_long}; {open_sessions} sessions have ended.")
    say(f"Take it back:  tourpad users reinstate {user.email}")


@app.command("reinstate")
def reinstate(who: Who) -> None:
    """Open a suspended account again, as it was before."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity.service import users

        before = find_person(work, who)
        was = before.state
        user = users.reinstate(work, user_id=before.id)
        work.commit()
    if was is UserState.SUSPENDED:
        say(f"{user.email} is {user.state} again.")
    else:
        say(f"{user.email} is not suspended but {user.state}. Nothing was changed.")


@app.command("reset-totp")
def reset_totp(
    who: Who,
    *,
    reason: Annotated[str, typer.Option("--reason", help="How you know that it is them; for the audit log.")],
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
) -> None:
    """Take the authenticator app off somebody's account who has lost it. They are signed out, and told by mail."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity.service import second_factor

        user = find_person(work, who)
        say(f"{user.name} <{user.email}>, {user.user_type}: the password alone will do to sign in.")
        if not confirm(f"Take the second factor off {user.email}?", yes=yes, dry_run=dry_run):
            return
        second_factor.reset(work, user_id=user.id, reason=reason)
        work.commit()
    say("Done; every session has ended.")


@app.command("export")
def export(
    who: Who,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; tourpad-export-ID.zip here.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Write everything that is held on a person into one ZIP file: what the law calls a copy of their data."""
    with platform() as p:
        from tourpad.core.takeout import procedures as takeout

        with p.work(me()) as work:
            user_id, email = (user := find_person(work, who)).id, user.email
        target = output or Path(f"tourpad-export-{user_id.hex[-SHORT_ID:]}.zip")
        # Readable by nobody else, and under its name only once it is whole.
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as file:
            partial = Path(file.name)
            try:
                counts = takeout.archive(p, me(), user_id=user_id, to=file)
                partial.replace(target)
            finally:
                partial.unlink(missing_ok=True)
    if as_json:
        print_json({"file": str(target), "rows": counts})
        return
    rows = sum(count for name, count in counts.items() if name != "media_files")
    say(f"{target}: {rows:,} rows on {email}, {counts['media_files']} files. Hand it over safely.")


@app.command("erase")
def erase(who: Who, *, yes: options.Yes = False, dry_run: options.DryRun = False) -> None:
    """Erase a person for good: the account, and everything that says who they were. Money records stay, nameless."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity.service import account

        user = find_person(work, who)
        say(f"{user.name} <{user.email}>, {user.user_type}, {user.state}, here since {human(user.created_at)}.")
        say("This can't be taken back.")
        if not confirm(f"Erase {user.email}?", yes=yes, dry_run=dry_run):
            return
        account.erase(work, user_id=user.id)
        work.commit()
    say("Erased.")


@app.command("token")
def token(email: Annotated[str, typer.Argument(help="Whose.")]) -> None:
    """Print an access token for a person, alone on standard output. For dev and test; it goes into the audit log."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.identity.service import account

        signed_in = account.issue_token(work, email=email)
        work.commit()
    print(signed_in.access_token)


def _row(user: "User") -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "role": user.user_type.value,
        "state": user.state.value,
        "email_verified": user.email_verified_at is not None,
        "created_at": user.created_at,
        "last_login_at": user.last_login_at,
    }


def _agreed(version: str | None, at: datetime | None, *, as_json: bool) -> str | None:
    if not version or at is None:
        return None
    return f"{version}, {human(at) if is_terminal() and not as_json else jsonable(at)}"


def _password(*, link: bool, from_stdin: bool) -> str | None:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if link or not sys.stdin.isatty():
        return None
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _instant(text: str) -> datetime:
    """A day (its beginning, UTC) or an instant."""
    from tourpad.core.clock import parse_instant
    from tourpad.core.errors import invalid

    try:
        return parse_instant(text) if "T" in text else datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise invalid(
            "--until", f"{text!r} is neither a day nor an instant", hint="Like 2026-12-01 or 2026-12-01T09:00:00Z."
        ) from None
