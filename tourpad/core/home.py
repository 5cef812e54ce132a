"""The folder of this machine's data, and the secret that is made there for development."""

import os
import secrets
from pathlib import Path

from tourpad.core.errors import ConfigurationError


def default_home() -> Path:
    """The platform's user data folder. Root's own home is closed to the database's user, so root gets /var/lib."""
    import platformdirs  # noqa: PLC0415 - only where no TOURPAD_HOME is given

    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/tourpad")
    return Path(platformdirs.user_data_dir("tourpad", appauthor=False))


def local_secret(home: Path) -> str:
    """A secret made once and kept under the home, so that tokens outlive a restart. Never used outside dev and test."""
    path = home / "secret"
    try:
        if path.is_file():
            return path.read_text(encoding="ascii").strip()
        home.mkdir(parents=True, exist_ok=True)
        secret = secrets.token_urlsafe(48)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        msg = f"TOURPAD_HOME {home} can't be written: {error.strerror}."
        raise ConfigurationError(msg, hint="Set TOURPAD_HOME to a folder of yours.") from error
    return secret
