"""The audit log's verbs: link what was written into the chain, and prove that nothing was changed since.

Entries are linked a moment after they are committed, one sealer at a time. Doing it within the transaction that
writes an entry would make every transaction wait for the one before it.
"""

from datetime import timedelta

from tourpad.core.audit import queries, rules
from tourpad.core.audit.models import AuditLink
from tourpad.core.audit.rules import Anchor, Fault
from tourpad.core.work import Work

SEAL_WITHIN = timedelta(minutes=10)
"""An entry that has no link after so long is a finding: the job `audit-seal` runs each minute."""

MOST_FAULTS = 100


def seal(work: Work, *, limit: int = 10_000) -> int:
    """Link entries that are committed and not yet in the chain, in the order of writing. Returns how many."""
    queries.alone(work)
    position, previous = queries.head(work)
    count = 0
    for entry in queries.unlinked(work, limit=limit):
        position += 1
        previous, before = rules.link(previous, entry), previous
        work.session.add(AuditLink(position=position, entry_id=entry["id"], previous=before, hash=previous))
        count += 1
    work.session.flush()
    return count


def holds(work: Work, anchor: Anchor) -> bool:
    """Whether the chain still is at that place what it was."""
    return queries.link_at(work, anchor.position) == anchor.hash


def verify(work: Work, *, known: str | None = None, anchor: Anchor | None = None) -> tuple[int, str, list[Fault]]:
    """Recompute the whole chain from the entries.

    Args:
        work: the unit of work.
        known: a hash that was noted earlier (`tourpad audit verify` prints it): it must be in the chain, which shows
            that nothing before it was written anew.
        anchor: where the chain ended when it was last noted outside of the database: nothing is missing at its end.

    Returns:
        How many links there are, the hash of the last one, and what is wrong (at most 100).
    """
    faults: list[Fault] = []
    expected, position, seen = rules.GENESIS, 0, known is None or known == rules.GENESIS
    for row in queries.chain(work):
        position += 1
        if row["position"] != position:
            text = f"Link {position} is missing; the next one is {row['position']}."
            faults.append(Fault("missing_link", position, None, text))
            position = row["position"]
        elif row["previous"] != expected:
            text = f"Link {position} does not follow the one before it."
            faults.append(Fault("broken_chain", position, row["number"], text))
        if row["number"] is None:
            text = f"The entry of link {position} is gone."
            faults.append(Fault("missing_entry", position, None, text))
        elif rules.link(row["previous"], row) != row["hash"]:
            text = f"Entry {row['number']} ({row['action']}) is not what was written."
            faults.append(Fault("changed_entry", position, row["number"], text))
        elif (wrong := rules.words_fault(row)) is not None:
            text = f"Entry {row['number']} ({row['action']}) {wrong}."
            faults.append(Fault("changed_entry", position, row["number"], text))
        expected = row["hash"]
        seen = seen or row["hash"] == known
        if len(faults) >= MOST_FAULTS:
            return position, expected, faults
    if not seen:
        text = f"The hash {known} is not in the chain: what came before it was written anew, or it is of another log."
        faults.append(Fault("unknown_hash", None, None, text))
    if anchor is not None and not holds(work, anchor):
        text = f"The chain had {anchor.position} links at {anchor.at}: its end was cut off, or written anew."
        faults.append(Fault("cut_short", anchor.position, None, text))
    for number in queries.unlinked_since(work, before=work.now - SEAL_WITHIN, limit=MOST_FAULTS):
        text = f"Entry {number} was never linked: is the job audit-seal running?"
        faults.append(Fault("unlinked_entry", None, number, text))
    return position, expected, faults
