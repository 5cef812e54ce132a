"""What the audit log does by itself."""

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.audit import queries, service
from tourpad.core.audit.rules import Anchor
from tourpad.core.errors import TourPadError
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

log = logging.getLogger(__name__)

AT_ONCE = 2000


def seal(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Link every committed entry into the chain of hashes, some at a time, and note its end. The job `audit-seal`."""
    total = 0
    while True:
        with platform.work(actor) as work:
            count = service.seal(work, limit=AT_ONCE)
            work.commit()
        total += count
        if count < AT_ONCE:
            return {"linked": total, "cut_short": _note_end(platform, actor)}


def anchor(platform: "Platform", actor: Actor) -> Anchor | None:
    """Where the chain of this database ended when this machine last noted it; None where it never did.

    Raises:
        TourPadError: there is a note, and it can't be read: whether the end was cut off is not known.
    """
    with platform.work(actor) as work:
        path = _path(platform, work)
    try:
        kept = json.loads(path.read_text("utf-8"))
        return Anchor(int(kept["position"]), str(kept["hash"]), str(kept["at"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"The note of where the audit log ended can't be read: {path} ({type(error).__name__})."
        raise TourPadError(
            msg, hint="Where it was damaged, move it away: the next one is written in a minute."
        ) from error


def begin_anew(platform: "Platform", actor: Actor) -> None:
    """Set the note of the chain's end aside: an older copy of this database was put in its place, and ends earlier.

    It stays beside the new one, under the moment at which it was set aside.
    """
    with platform.work(actor) as work:
        path, now = _path(platform, work), work.now
    if path.exists():
        path.rename(path.with_suffix(f".until-{now:%Y%m%dT%H%M%SZ}.json"))


def _note_end(platform: "Platform", actor: Actor) -> int:
    """Note the end of the chain in a file, unless what was noted last is no longer there. Answers 1 in that case.

    Who can rewrite the database need not be able to write on this machine.
    """
    known = anchor(platform, actor)
    with platform.work(actor) as work:
        if known is not None and not service.holds(work, known):
            log.error("the audit log was cut off or written anew before link %d: tourpad audit verify", known.position)
            return 1
        position, last = queries.head(work)
        path, now = _path(platform, work), work.now
    if position and (known is None or known.hash != last):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{new_id().hex}.part")  # several threads may be at it
        told = {"position": position, "hash": last, "at": now.isoformat(timespec="seconds")}
        fresh.write_text(json.dumps(told) + "\n", "utf-8")
        fresh.replace(path)
    return 0


def _path(platform: "Platform", work: "Work") -> Path:
    return platform.settings.home / "audit-anchors" / f"{queries.database_name(work)}.json"
