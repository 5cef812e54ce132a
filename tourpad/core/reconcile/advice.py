"""What to do about each finding: the command that helps, not only the one that is always there. Pure."""

from collections.abc import Mapping

from tourpad.core.ledger.rules import Finding
from tourpad.core.values import replace

FIX = "tourpad reconcile --fix"

BOOKS = "tourpad ledger verify; somebody wrote to the database: restore beside it and compare"
WRONG_ACCOUNT = "Is this the right Stripe account, live or test? tourpad stripe doctor"
CORRECT = "tourpad ledger journal --source {id}; it is corrected by another journal"
HINTS: Mapping[str, str] = {
    **dict.fromkeys(("unbalanced", "no_lines", "not_zero", "unknown_account", "snapshot_differs"), BOOKS),
    **dict.fromkeys(("transfer_missing", "refund_missing", "dispute_missing", "payee_unknown"), WRONG_ACCOUNT),
    **dict.fromkeys(("charge_unknown", "refund_unknown", "dispute_unknown"), CORRECT),
    "ledger_sum": "tourpad ledger journal --account stripe_balance",
    "cents_off": "Look for the finding behind it; alone: tourpad reconcile --all",
    "balance_differs": "Wait an hour and look again; then ask Stripe.",
    "dispute_held": "tourpad disputes show {id}; what was posted of it: tourpad ledger journal --source {id}",
    "call_changed": f"Do not let it be sent: {BOOKS}",
}
"""About findings that bring no advice of their own. `{id}` is what the finding is about."""

STILL = "--fix has not helped: another finding explains it, or somebody wrote to the database (tourpad ledger verify)."
LEFT: Mapping[str, str] = {
    "unknown_transfer": "--fix can't match it. Dealt with? tourpad stripe accept {id} --reason …",
    "unknown_refund": "--fix knows no payment of it. By a call of ours, and dealt with? "
    "tourpad stripe accept {id} --reason …",
    "event_dead": "Mend what its error says; then tourpad stripe revive {id}",
    "event_unhandled": "It is tried again by itself, 12 times; what its error says has to be mended.",
    "clearing_old": "tourpad jobs run refunds-send; why it does not leave: tourpad jobs history --failed",
}
"""About what is left of a replay, where something better than `STILL` can be said."""


def advised(finding: Finding) -> Finding:
    """The finding with what to do about it."""
    return finding if finding.hint else _with(finding, HINTS.get(finding.code))


def after_fix(finding: Finding) -> Finding:
    """What is left of a replay is not advised to be replayed again."""
    return _with(finding, LEFT.get(finding.code, STILL)) if can_be_replayed(finding) else finding


def can_be_replayed(finding: Finding) -> bool:
    """Whether a replay is what to try first."""
    return (finding.hint or "").startswith(FIX)


def _with(finding: Finding, hint: str | None) -> Finding:
    return replace(finding, hint=hint and hint.replace("{id}", finding.subject.rpartition(" ")[2]))
