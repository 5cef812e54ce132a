"""Passwords: which are refused, and how they are hashed.

Argon2id with two passes and one lane (OWASP's recommended shape; the memory is a setting). Hashes of bcrypt from an
import still verify and are replaced at the next sign-in.
"""

import hashlib
import re
import unicodedata
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
_SHORTEST_PART: Final = 3


SHORTEST_STEM: Final = 4
"""What is shorter is in no list: too much would begin with it by chance."""
_DIGEST: Final = 5
_AROUND: Final = "0123456789!?.,:;#*@$%&+=/\\|^~_-'\"()[]{}<> "
"""What people put before and after a word to make it another one."""
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_LONGEST_NUMBER: Final = 20
_SPLIT: Final = re.compile(r"[\W\d_]+")


@cache
def _common() -> bytes:
    return resources.files("tourpad.core.identity").joinpath("data/common_passwords.bin").read_bytes()


def digest(word: str) -> bytes:
    """What the list of common passwords holds of one."""
    return hashlib.sha256(word.encode()).digest()[:_DIGEST]


def is_common(word: str) -> bool:
    """Whether a word (in lower case) is one of the 56,000 passwords that are guessed first.

    The list is of five bytes a password, so one in twenty million others is taken for one of them.
    """
    if len(word) < SHORTEST_STEM:
        return False
    listed, wanted = _common(), digest(word)
    low, high = 0, len(listed) // _DIGEST
    while low < high:
        middle = (low + high) // 2
        found = listed[middle * _DIGEST : (middle + 1) * _DIGEST]
        if found == wanted:
            return True
        low, high = (middle + 1, high) if found < wanted else (low, middle)
    return False


def password_fault(password: str, *, email: str, name: str, field: str = "password") -> FieldError | None:
    """Why a password can't be taken, or nothing. Nothing is asked of any server.

    Refused is what is guessed first: common passwords (with digits and signs around them, in leet, backwards, twice),
    few characters over and over, numbers, and one's own name and mail address. There are no rules about signs.
    """
    if len(password) < MIN_LENGTH:
        return FieldError(field, f"needs at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        return FieldError(field, f"has more than {MAX_LENGTH} characters")
    plain = unicodedata.normalize("NFKC", password).casefold()
    if len(set(plain)) <= _FEW_CHARACTERS or any(is_common(word) for word in _read_as(plain)):
        return FieldError(field, "is one of the first that are guessed; choose another")
    if len(plain) <= _LONGEST_NUMBER and not plain.strip(_AROUND):
        return FieldError(field, "is a number; choose words")
    if _is_own(plain, email.casefold(), unicodedata.normalize("NFKC", name).casefold()):
        return FieldError(field, "is your name or mail address; choose another")
    return None


def _read_as(plain: str) -> set[str]:
    """The words that a password may be a disguise of."""
    words = {plain, plain[::-1]}
    half = len(plain) // 2
    if plain[:half] == plain[half:]:
        words.add(plain[:half])
    words |= {word.translate(_LEET) for word in words}
    words |= {word.strip(_AROUND) for word in words}
    return words | {word.translate(_LEET) for word in words}


def _is_own(plain: str, email: str, name: str) -> bool:
    """Whether hardly anything is left without the parts of one's name and mail address."""
    local, _, host = email.partition("@")
    parts = {*_SPLIT.split(name), *_SPLIT.split(local), *_SPLIT.split(host.rpartition(".")[0]), local, email}
    left = plain
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_PART:
            left = left.replace(part, " ")
    return left != plain and len("".join(_SPLIT.split(left))) < SHORTEST_STEM


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
