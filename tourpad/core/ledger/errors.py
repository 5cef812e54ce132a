"""Refusals of the ledger: faults of whoever posts, never of what a person typed."""

from tourpad.core.errors import ConflictError, RefusedError


class UnbalancedError(RefusedError):
    """A posting whose lines do not add up to zero, or that has none."""

    code = "ledger_unbalanced"


class UnknownAccountError(RefusedError):
    """An account that is not in the chart."""

    code = "ledger_unknown_account"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The ledger has no account {name!r}.",
            hint="tourpad ledger balances lists them.",
            account=name,
        )


class PostingDiffersError(ConflictError):
    """The same source and purpose were posted before, with other lines."""

    code = "ledger_posting_differs"
