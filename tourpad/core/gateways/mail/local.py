"""The local side: each mail becomes one `.eml` file that any mail program opens."""

from contextlib import suppress
from email.headerregistry import Address
from pathlib import Path

from tourpad.core.gateways.mail.errors import MailUncertain
from tourpad.core.gateways.mail.message import message
from tourpad.core.gateways.mail.protocol import OutgoingMail


class LocalOutbox:
    """Writes `<id>.eml` files; their names sort by the time at which the mails were written.

    A mail sent twice is one file: the name is the mail's own id.
    """

    def __init__(self, folder: Path, who: Address) -> None:
        self.folder = folder
        self._who = who

    @property
    def name(self) -> str:
        """The folder."""
        return f"the folder {self.folder}"

    def send(self, mail: OutgoingMail) -> None:
        """Write one file, whole or not at all.

        Raises:
            MailRefused: a header can't be written.
            MailUncertain: the folder can't be written.
        """
        whole = message(mail, self._who).as_bytes()
        unfinished = self.folder / f".{mail.id}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(whole)
            unfinished.replace(self.folder / f"{mail.id}.eml")
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise MailUncertain(f"{self.folder} can't be written: {error.strerror}.") from error
