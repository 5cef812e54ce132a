"""What papers refuse."""

from tourpad.core.errors import RefusedError


class PaperMismatchError(RefusedError):
    """The rows and the ledger tell different sums. Nobody is handed a paper that does not add up."""

    code = "paper_mismatch"
