"""What is said about a finding before and after a replay: the command that helps next."""

import pytest

from tourpad.core.ledger.rules import Finding
from tourpad.core.reconcile.advice import FIX, STILL, advised, after_fix, can_be_replayed


@pytest.mark.parametrize(
    ("finding", "first", "then"),
    [
        (("missing_journal", "txn_1", FIX), FIX, STILL),
        (
            ("unknown_transfer", "tr_1", f"{FIX} gives it back to po_1."),
            f"{FIX} gives it back to po_1.",
            "--fix can't match it. Dealt with? tourpad stripe accept tr_1 --reason …",
        ),
        (("event_dead", "evt_1", FIX), FIX, "Mend what its error says; then tourpad stripe revive evt_1"),
        (
            ("dispute_held", "dispute du_1", None),
            "tourpad disputes show du_1; what was posted of it: tourpad ledger journal --source du_1",
            None,
        ),
        (("unknown_transfer", "tr_2", "Made by hand at Stripe?"), "Made by hand at Stripe?", None),
    ],
)
def test_a_replay_is_advised_once(finding: tuple[str, str, str | None], first: str, then: str | None) -> None:
    code, subject, hint = finding

    before = advised(Finding(code, subject, "Something differs.", hint))
    after = after_fix(before)

    assert (before.hint, after.hint) == (first, then or first)
    assert (can_be_replayed(before), can_be_replayed(after)) == (then is not None, False)
