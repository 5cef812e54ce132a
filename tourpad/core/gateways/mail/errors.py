"""What can come of sending a mail besides its leaving: a definitive no, or not knowing."""

from tourpad.core.errors import OutsideError


class MailRefused(OutsideError):
    """This mail will never be taken: its address or its body is not acceptable. Others may be."""

    code = "mail_refused"


class MailUncertain(OutsideError):
    """No answer, a full queue, a fault of the service or of our key: the same mail may leave later.

    It may even have left: a mail that is sent again carries the same `Message-ID`.
    """

    code = "mail_uncertain"
