"""Why a dispute can't be answered, or not any more."""

from tourpad.core.errors import ConflictError, RefusedError


class NotAnswerableError(RefusedError):
    """The dispute does not wait for an answer: it was answered, decided, or given up."""

    code = "dispute_not_answerable"


class TooLateError(RefusedError):
    """The day until which the bank takes evidence has passed."""

    code = "evidence_too_late"


class NothingToSayError(RefusedError):
    """There is no evidence to send."""

    code = "no_evidence"


class AnswerUnderWayError(ConflictError):
    """An answer is being sent, and what came of it is not known yet."""

    code = "answer_under_way"
