"""Passwords: which are refused, and how they are hashed.

Argon2id with two passes and one lane (OWASP's recommended shape; the memory is a setting). Hashes of bcrypt from an
import still verify and are replaced at the next sign-in.
"""

from functools import cache, lru_cache
from importlib import resources
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from tourpad.core.errors import FieldError

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 256
"""Long enough for any sentence, short enough that hashing it is no attack."""
_BCRYPT_BYTES: Final = 72
"""All that bcrypt ever looked at; the library refuses more instead of cutting it off."""
_TIME_COST: Final = 2
_FEW_CHARACTERS: Final = 4


@cache
def _common() -> frozenset[str]:
    text = resources.files("tourpad.core.identity").joinpath("data/common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def password_fault(password: str, *, email: str, name: str, field: str = "password") -> FieldError | None:
    """Why a password can't be taken, or nothing. Nothing is asked of any server."""
    if len(password) < MIN_LENGTH:
        return FieldError(field, f"needs at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        return FieldError(field, f"has more than {MAX_LENGTH} characters")
    plain = password.casefold()
    bare = plain.strip("0123456789!?.*#$@_- ")
    if plain in _common() or bare in _common() or len(set(plain)) <= _FEW_CHARACTERS:
        return FieldError(field, "is one of the first that are guessed; choose another")
    own = {
        email.casefold(),
        email.casefold().partition("@")[0],
        name.casefold(),
        name.casefold().replace(" ", ""),
    }
    if plain in own or bare in own:
        return FieldError(field, "is your name or mail address; choose another")
    return None


@lru_cache(maxsize=4)
def _hashers(memory_kib: int) -> PasswordHash:
    return PasswordHash((Argon2Hasher(time_cost=_TIME_COST, memory_cost=memory_kib, parallelism=1), BcryptHasher()))


@lru_cache(maxsize=4)
def _dummy(memory_kib: int) -> str:
    return _hashers(memory_kib).hash("nobody has this password")


def hash_password(password: str, *, memory_kib: int) -> str:
    """Hash a new password. Takes tens of milliseconds of CPU on purpose."""
    return _hashers(memory_kib).hash(password)


def verify_password(password: str, stored: str | None, *, memory_kib: int) -> tuple[bool, str | None]:
    """Compare a password with a stored hash; `None` costs the same time and is never right.

    Returns:
        whether it is right, and a better hash to store where the old one is outdated.
    """
    hashers = _hashers(memory_kib)
    if stored is None:
        hashers.verify(password, _dummy(memory_kib))
        return False, None
    if not stored.startswith("$2"):
        try:
            return hashers.verify_and_update(password, stored)
        except UnknownHashError:
            return False, None
    try:
        right = hashers.verify(password.encode()[:_BCRYPT_BYTES], stored)
    except (UnknownHashError, ValueError):
        return False, None
    return right, hashers.hash(password) if right else None
