"""`tourpad media`: what people have uploaded, what waits or was refused and why, and what lies about for nothing."""

from typing import Annotated

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, Row, confirm, print_json, say, show_list, show_one
from tourpad.core.media.states import MediaState

app = typer.Typer(no_args_is_help=True, help="Media: uploads, what the scanner says of them, and files without owners.")

_COLOURS = {"quarantined": "yellow", "refused": "red", "processing": "cyan", "infected": "red", "not scanned": "yellow"}


@app.command("list")
def list_media(
    *,
    state: Annotated[list[MediaState] | None, typer.Option("--state", help="Only these; may be repeated.")] = None,
    as_json: options.Json = False,
) -> None:
    """Show uploads, oldest first. Without --state: what waits, is in quarantine, or was refused."""
    wanted = state or [MediaState.PROCESSING, MediaState.QUARANTINED, MediaState.REFUSED]
    with platform() as p, p.work(me()) as work:
        from tourpad.core.media import queries

        rows = [
            {
                "id": media.id,
                "created_at": media.created_at,
                "owner_id": media.owner_id,
                "kind": media.kind.value,
                "category": media.category.value,
                "is_private": media.is_private,
                "mime_type": media.mime_type,
                "size_bytes": media.size_bytes,
                "state": media.state.value,
                "refusal": media.refusal,
            }
            for media in queries.of_state(work, *wanted)
        ]
    columns = [
        Column("id"),
        Column("created_at", "asked for"),
        Column("owner_id", "owner"),
        Column("kind"),
        Column("category"),
        Column("size_bytes", "size", show=_size),
        Column("state", style=lambda row: _COLOURS.get(row["state"], "")),
        Column("refusal", "why"),
    ]
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="media",
        empty=f"No upload is {' or '.join(wanted)}.",
        closing=f"{_files(len(rows))}.  Look at what waits now:  tourpad media scan",
    )


@app.command("show")
def show(
    media_id: Annotated[str, typer.Argument(metavar="ID", help="Id, or any unique part of it.")],
    *,
    as_json: options.Json = False,
) -> None:
    """Show one upload: whose it is, what became of it, what was made of it and where that lies."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.database.lookup import by_id_part
        from tourpad.core.identity import queries as people
        from tourpad.core.media import queries
        from tourpad.core.media.models import Media
        from tourpad.core.outbox.states import ItemState

        found = by_id_part(work, Media, media_id, noun="upload", list_command="tourpad media list")
        media = queries.get(work, found)
        made = queries.variants_of(work, [media.id])[media.id]
        task = queries.last_task(work, media.id)
        owner = people.get_user(work, media.owner_id)
        row: Row = {
            "id": media.id,
            "owner_id": owner.id,
            "owner": owner.email,
            "kind": media.kind.value,
            "category": media.category.value,
            "is_private": media.is_private,
            "state": media.state.value,
            "refusal": media.refusal,
            "mime_type": media.mime_type,
            "size_bytes": media.size_bytes,
            "width": media.width,
            "height": media.height,
            "sha256": media.sha256,
            "blur_hash": media.blur_hash,
            "title": media.title,
            "description": media.description,
            "alt_text": media.alt_text,
            "sort_order": media.sort_order,
            "storage_key": media.storage_key,
            "created_at": media.created_at,
            "updated_at": media.updated_at,
            "attempts": task.attempts if task else 0,
            "next_try_at": task.due_at if task and task.item_state is ItemState.WAITING else None,
            "last_error": task.last_error if task else None,
            "variants": [
                {
                    "mime_type": variant.mime_type,
                    "width": variant.width or None,
                    "height": variant.height or None,
                    "size_bytes": variant.size_bytes,
                    "storage_key": variant.storage_key,
                    # Where somebody sleeps is looked at by who is coming; an operator scans it, and need not see it.
                    "url": None if media.is_private else p.storage.address(variant.storage_key),
                }
                for variant in (made if media.state is MediaState.PUBLISHED else ())
            ],
        }
    if as_json:
        print_json(row)
        return
    variants: list[Row] = row.pop("variants")
    show_one({name: value for name, value in row.items() if value is not None}, as_json=False)
    columns = [
        Column("mime_type", "made"),
        Column("width"),
        Column("height"),
        Column("size_bytes", "size", show=_size),
        Column("url"),
    ]
    show_list(
        variants,
        columns,
        as_json=False,
        empty="Nothing is shown of it.",
        closing=f"{_files(len(variants))} made of it.  Scan it again:  tourpad media scan {str(row['id'])[-8:]}",
    )


@app.command("scan")
def scan(
    media_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="Ids, or any unique parts of them.")
    ] = None,
    *,
    published: Annotated[bool, typer.Option("--published", help="Everything that is shown, too.")] = False,
    as_json: options.Json = False,
) -> None:
    """Look now at what waits or is in quarantine; with ids (or --published) scan again what is shown already.

    What is found to be infected is taken down at once. Exit code 4 when anything was.
    """
    with platform() as p:
        from tourpad.core.database.lookup import by_id_part
        from tourpad.core.media import queries
        from tourpad.core.media.models import Media
        from tourpad.core.media.procedures import process_uploads, scan_again
        from tourpad.core.watch.logs import hushed

        with p.work(me()) as work:
            states = [MediaState.PROCESSING, MediaState.QUARANTINED, *([MediaState.PUBLISHED] if published else [])]
            chosen = [
                by_id_part(work, Media, part, noun="upload", list_command="tourpad media list")
                for part in media_ids or []
            ] or [media.id for media in queries.of_state(work, *states)]
        with hushed("tourpad.core.media"):  # each row says why
            found = {media_id: scan_again(p, me(), media_id=media_id) for media_id in dict.fromkeys(chosen)}
            process_uploads(p, me())
        rows: list[Row] = []
        with p.work(me()) as work:
            for media_id, said in found.items():
                media = queries.find_for_update(work, media_id)
                task = queries.last_task(work, media_id)
                rows.append(
                    {
                        "id": media_id,
                        "result": _result(said, media.state if media else MediaState.DELETED),
                        "found": said if said not in ("clean", "waiting") else None,
                        "why": (media.refusal if media else None) or (task.last_error if task else None),
                    }
                )
    columns = [
        Column("id"),
        Column("result", style=lambda row: _COLOURS.get(row["result"], "")),
        Column("found"),
        Column("why"),
    ]
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="media",
        empty="Nothing waits to be looked at.",
        closing=f"{_files(len(rows))} looked at.  What was refused:  tourpad media list --state refused",
    )
    if any(row["found"] for row in rows):
        raise typer.Exit(4)


@app.command("orphans")
def orphans(*, yes: options.Yes = False, dry_run: options.DryRun = False, as_json: options.Json = False) -> None:
    """Show stored files that nothing refers to, and delete them. The job media-orphans does it every night."""
    with platform() as p:
        from tourpad.core.media.orphans import procedures

        found = procedures.survey(p, me()).orphans
        rows = [{"area": f.area.value, "key": f.key, "size_bytes": f.size, "modified_at": f.modified_at} for f in found]
        size = sum(f.size for f in found)
        if as_json:
            deleted = 0
            if found and not dry_run and confirm(f"Delete {_files(len(rows))} for good?", yes=yes):
                deleted = procedures.delete_orphans(p, me(), orphans=found)
            print_json({"orphans": rows, "bytes": size, "deleted": deleted})
            return
        columns = [
            Column("area"),
            Column("key"),
            Column("size_bytes", "size", show=_size),
            Column("modified_at", "stored"),
        ]
        show_list(
            rows,
            columns,
            as_json=False,
            empty=f"Nothing lies about in {p.storage.name}.",
            closing=f"{_files(len(rows))}, {_size(size)}, in {p.storage.name}. Files of the last day do not count.",
        )
        if found and confirm(f"Delete {_files(len(rows))} for good?", yes=yes, dry_run=dry_run):
            count = procedures.delete_orphans(p, me(), orphans=found)
            say(f"{_files(count)} deleted, {_size(size)} are free.")


@app.command("cors")
def cors(*, yes: options.Yes = False, dry_run: options.DryRun = False, as_json: options.Json = False) -> None:
    """Show which web pages may send uploads straight to the storage, and let those do that TOURPAD_CORS_ORIGINS names.

    Writes one rule on the private bucket, named tourpad-uploads; other rules stay. Safe to repeat.
    """
    with platform() as p:
        wanted = p.settings.page_origins
        closed = set(p.storage.closed_to(wanted))
        rows: list[Row] = [{"origin": origin, "may_upload": origin not in closed} for origin in wanted]
        question = f"Let pages of {'this origin' if len(wanted) == 1 else f'these {len(wanted)} origins'} send uploads?"
        if as_json:
            changed = bool(closed) and not dry_run and confirm(question, yes=yes)
            if changed:
                p.storage.open_to(wanted)
            print_json({"origins": [{**row, "may_upload": row["may_upload"] or changed} for row in rows]})
            return
        columns = [Column("origin"), Column("may_upload", "may upload", show=lambda may: "yes" if may else "no")]
        show_list(rows, columns, as_json=False, empty="No origin is named.", closing=f"In {p.storage.name}.")
        if closed and confirm(question, yes=yes, dry_run=dry_run):
            p.storage.open_to(wanted)
            say("They may now.")


def _result(said: str, state: MediaState) -> str:
    if said == "clean":
        return "clean"
    return state.value if said == "waiting" else "infected"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _size(size: int | None) -> str:
    number = float(size or 0)
    for unit in ("B", "kB", "MB"):
        if number < 1000:  # noqa: PLR2004 - of one unit
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
