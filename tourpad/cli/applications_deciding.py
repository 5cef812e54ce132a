"""`tourpad applications approve, reject, ask, undo, …`: what reviewers do to one or many, by command."""

import re
import sys
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from tourpad.cli import options
from tourpad.cli.admins import As, PasswordStdin, signed_in
from tourpad.cli.applications_bulk import Decision, How, check_there, decide_many, find
from tourpad.cli.context import me, platform
from tourpad.cli.output import confirm, is_terminal, print_json, say, show_one

if TYPE_CHECKING:
    from collections.abc import Callable

    from tourpad.core.actors import Actor
    from tourpad.core.applications.letters import Letter
    from tourpad.core.applications.models import Application
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

Ids = Annotated[
    list[str],
    typer.Argument(metavar="ID", help="Any unique part of an id; several, or - to read them from standard input."),
]
OneId = Annotated[str, typer.Argument(metavar="ID", help="Any unique part of its id.")]
Hold = Annotated[
    bool, typer.Option("--hold", help="Keep the decision back; nobody is told until tourpad applications release.")
]
SecondOpinion = Annotated[bool, typer.Option("--second-opinion", help="Another admin has to agree first; needs --as.")]
TakeOver = Annotated[bool, typer.Option("--take-over", help="Though another reviewer has it on their desk now.")]


def acting(who: str | None, *, password_stdin: bool) -> "Callable[[Platform], Actor]":
    """Whoever sits here: the admin who signs in with `--as`, else the login of the terminal."""
    return lambda p: me() if who is None else signed_in(p, who, password_stdin=password_stdin)


def approve(
    ids: Ids,
    *,
    hold: Hold = False,
    second_opinion: SecondOpinion = False,
    take_over: TakeOver = False,
    who: As = None,
    password_stdin: PasswordStdin = False,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Let people in. Hosts are listed at once, artists when their membership is paid. They are told by mail."""

    def decide(work: "Work", application_id: UUID) -> "Application":
        from tourpad.core.applications import service

        return service.approve(
            work, application_id=application_id, held=hold, second_opinion=second_opinion, take_over=take_over
        )

    def told(work: "Work", application: "Application") -> "Letter | None":  # noqa: ARG001 - the others need the time
        from tourpad.core.applications import letters

        return None if hold or second_opinion else letters.approved(application)

    decision = Decision("approve", decide, told, _says(hold=hold, second_opinion=second_opinion))
    decide_many(ids, decision, How(yes, dry_run, as_json), actor=acting(who, password_stdin=password_stdin))


def reject(
    ids: Ids,
    *,
    reason: Annotated[
        list[str] | None,
        typer.Option(
            "--reason",
            metavar="CODE|WORDS",
            help="Why: a code of `tourpad applications reasons`, or words of your own; may be repeated.",
        ),
    ] = None,
    hold: Hold = False,
    second_opinion: SecondOpinion = False,
    take_over: TakeOver = False,
    who: As = None,
    password_stdin: PasswordStdin = False,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Turn people down. They are told why by mail, and may apply again after 30 days."""
    if reason is None and sys.stdin.isatty() and not yes:
        check_there(ids)
        said = str(typer.prompt("Reason (a code, or words to the applicant)", default="", show_default=False))
        reason = [said] if said else None
    codes, feedback = codes_and_words(reason or [])

    def decide(work: "Work", application_id: UUID) -> "Application":
        from tourpad.core.applications import service

        return service.reject(
            work,
            application_id=application_id,
            reasons=codes,
            feedback=feedback,
            held=hold,
            second_opinion=second_opinion,
            take_over=take_over,
        )

    def told(work: "Work", application: "Application") -> "Letter | None":
        from tourpad.core.applications import letters, rules

        clean = rules.check_text("reason", feedback, longest=rules.LONGEST_FEEDBACK)
        reasons = rules.check_reasons(application.kind, codes)
        if hold or second_opinion:
            return None
        return letters.rejected(application, reasons=reasons, feedback=clean, decided_at=work.now)

    decision = Decision("reject", decide, told, _says(hold=hold, second_opinion=second_opinion))
    decide_many(ids, decision, How(yes, dry_run, as_json), actor=acting(who, password_stdin=password_stdin))


def ask(
    ids: Ids,
    *,
    questions: Annotated[list[str], typer.Option("--question", "-q", help="What to ask; may be repeated.")],
    take_over: TakeOver = False,
    who: As = None,
    password_stdin: PasswordStdin = False,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Ask before deciding. The applicant is told by mail, and answers in the app."""

    def decide(work: "Work", application_id: UUID) -> "Application":
        from tourpad.core.applications import service

        return service.ask(work, application_id=application_id, questions=questions, take_over=take_over)

    def told(work: "Work", application: "Application") -> "Letter | None":  # noqa: ARG001 - as above
        from tourpad.core.applications import letters, rules

        return letters.questions(application, rules.check_questions(questions))

    decide_many(
        ids,
        Decision("ask", decide, told),
        How(yes, dry_run, as_json),
        actor=acting(who, password_stdin=password_stdin),
    )


def release(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Parts of ids, or - for standard input.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every decision that is held.")] = False,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Let decisions go that were held: they take effect, and the mails leave."""
    from tourpad.core.errors import invalid

    if bool(ids) == every:
        raise invalid("ID", "is needed, or --all; not both")

    def decide(work: "Work", application_id: UUID) -> "Application":
        from tourpad.core.applications import service

        return service.release(work, application_id=application_id)

    def told(work: "Work", application: "Application") -> "Letter | None":
        from tourpad.core.applications import letters, queries

        held = queries.open_decision(work, application.id)
        return None if held is None else letters.of_decision(application, held, now=work.now)

    decide_many(
        ids or [], Decision("release", decide, told), How(yes, dry_run, as_json), actor=lambda _: me(), every=every
    )


def agree(
    ids: Ids,
    *,
    take_over: TakeOver = False,
    who: As = None,
    password_stdin: PasswordStdin = False,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Give the second opinion: agree with another admin's decision. It takes effect, or is held as they wished."""

    def decide(work: "Work", application_id: UUID) -> "Application":
        from tourpad.core.applications import service

        return service.confirm(work, application_id=application_id, take_over=take_over)

    def told(work: "Work", application: "Application") -> "Letter | None":
        from tourpad.core.applications import letters, queries

        made = queries.open_decision(work, application.id)
        if made is None or made.is_held:
            return None
        return letters.of_decision(application, made, now=work.now)

    decide_many(
        ids,
        Decision("agree", decide, told),
        How(yes, dry_run, as_json),
        actor=acting(who, password_stdin=password_stdin),
    )


def disagree(
    which: OneId,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; whoever decided is told.")],
    take_over: TakeOver = False,
    who: As = None,
    password_stdin: PasswordStdin = False,
) -> None:
    """Give the second opinion: see it otherwise. The application waits in the queue again."""
    with platform() as p, p.work(acting(who, password_stdin=password_stdin)(p)) as work:
        from tourpad.core.applications import service

        service.disagree(work, application_id=find(work, which), reason=reason, take_over=take_over)
        work.commit()
    say("The decision is taken back; nobody had been told.")


def undo(
    which: OneId,
    *,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why; for the audit log. Asked for where it is missing.")
    ] = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
) -> None:
    """Take the last decision or the last questions back: the application is in review again."""
    someone = sys.stdin.isatty() and is_terminal()
    if reason is None and someone:
        check_there([which])
        reason = str(typer.prompt("Why, for the audit log"))
    with platform() as p:
        from tourpad.core.applications import service

        def undone(work: "Work") -> str:
            quietly = service.undo(work, application_id=find(work, which), reason=reason or "")
            return "the mail had not left and was taken back" if quietly else "they are told that we look again"

        with p.work(me()) as work:  # looked at first: nothing is locked while a person reads
            heard = undone(work)
        if dry_run:
            say(f"Would undo: {heard}. Nothing was changed (--dry-run).")
            return
        if someone and not confirm(f"Undo it ({heard})?", yes=yes):
            say("Nothing was changed.")
            return
        with p.work(me()) as work:
            heard = undone(work)
            work.commit()
    say(f"Undone: {heard}.")


def claim(
    ids: Ids,
    *,
    give_back: Annotated[bool, typer.Option("--give-back", help="Take them off your desk instead.")] = False,
    take_over: TakeOver = False,
    who: As = None,
    password_stdin: PasswordStdin = False,
) -> None:
    """Take applications onto your desk for 15 minutes, so that nobody else decides about them meanwhile."""
    from tourpad.cli.applications_bulk import from_input
    from tourpad.core.errors import TourPadError

    failed = 0
    with platform() as p:
        actor = acting(who, password_stdin=password_stdin)(p)
        with p.work(actor) as work:
            wanted = [find(work, text) for text in from_input(ids)]
        for application_id in wanted:
            with p.work(actor) as work:
                from tourpad.core.applications import service

                try:
                    if give_back:
                        had = service.let_go(work, application_id=application_id)
                        said = "off your desk" if had else "was not on your desk"
                    else:
                        claimed = service.claim(work, application_id=application_id, take_over=take_over)
                        said = f"yours until {claimed.claimed_until:%H:%M} UTC"
                    work.commit()
                    print(f"{application_id}\t{said}")
                except TourPadError as error:
                    failed += 1
                    print(f"{application_id} {error.message}", file=sys.stderr)
    if failed:
        raise typer.Exit(4)


def note(which: OneId, text: Annotated[str, typer.Argument(help="What other reviewers should know.")]) -> None:
    """Leave a word for other reviewers. The applicant never sees it."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.applications import service

        service.note(work, application_id=find(work, which), text=text)
        work.commit()
    say("Noted.")


def score(
    which: OneId,
    scores: Annotated[
        list[str],
        typer.Argument(metavar="CRITERION=1..5", help="Like live_video=4; criterion=0 takes one's score back."),
    ],
    *,
    who: As = None,
    password_stdin: PasswordStdin = False,
    as_json: options.Json = False,
) -> None:
    """Score by the rubric; every reviewer has their own scores, and the list sorts by all together."""
    from tourpad.core.errors import invalid

    given: dict[str, int] = {}
    for one in scores:
        found = re.fullmatch(r"([a-z_]+)=(\d)", one.strip())
        if found is None:
            raise invalid("CRITERION", f"{one!r} is not like live_video=4")
        given[found[1]] = int(found[2])
    with platform() as p, p.work(acting(who, password_stdin=password_stdin)(p)) as work:
        from tourpad.core.applications import queries, rules, service

        application_id = find(work, which)
        for criterion, value in given.items():
            service.score(work, application_id=application_id, criterion=criterion, score=value or None)
        application = queries.get(work, application_id)
        all_scores = queries.scores(work, application)
        together = rules.one_place(rules.together(application.kind, [s.scores for s in all_scores]))
        work.commit()
    if as_json:
        print_json({"id": application_id, "weighted": together, "scores": {s.who: s.scores for s in all_scores}})
    else:
        say(f"Weighted: {together or '–'}, of {len(all_scores)} reviewer{'' if len(all_scores) == 1 else 's'}.")


def address(which: OneId, *, as_json: options.Json = False) -> None:
    """Show where a host who applies lives. The look is on record, and the host can see it."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.applications import service

        found = service.look_at_address(work, application_id=find(work, which))
        work.commit()
    show_one(
        {
            "address": found.line,
            "arrival_notes": found.arrival_notes,
            "latitude": found.latitude,
            "longitude": found.longitude,
            "is_approximate": found.is_approximate,
        },
        as_json=as_json,
    )


def codes_and_words(said: list[str]) -> tuple[list[str], str | None]:
    """What of `--reason` are codes of the list, and what are words. One word that is no code is a slip.

    Raises:
        InvalidInputError: a slip.
    """
    from tourpad.core.applications.rules import REASONS
    from tourpad.core.errors import invalid

    codes = [text for text in said if text in REASONS]
    words = [text for text in said if text not in REASONS]
    for text in words:
        if re.fullmatch(r"[a-z]+(_[a-z]+)+", text.strip()):
            raise invalid(
                "reason", f"{text!r} is none of the list", hint="tourpad applications reasons shows what there is."
            )
    return codes, "\n".join(words) if words else None


def _says(*, hold: bool, second_opinion: bool) -> str:
    if second_opinion:
        return "and ask for a second opinion"
    return "and hold" if hold else "and send"
