"""Which passwords are refused, and how they are kept."""

from pathlib import Path

import bcrypt
import pytest

from tourpad.core.identity.passwords import _common, hash_password, is_common, password_fault, verify_password

FEW = 64


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "nine char",
        "x" * 257,
        "password123",
        "Password!!",
        "P@ssw0rd2026",
        "1234567890",
        "qwertyuiop",
        "iloveyou2024",
        "aaaaaaaaaaaa",
        "abababababab",
        "correct horse battery staple",
        "ada@shows.test",
        "Ada Lovelock",
        "adalovelock",
        "adalovelock2026",
        "HouseConcerts1",
        "linkinpark",
        "systemofadown",
        "1qaz2wsx3edc",
        "Butterflies!",
        "--mustang1969--",
        "drow55ap2024",
        "dragondragon",
        "m0nkeym0nkey",
        "".join(chr(ord(c) + 0xFEE0) for c in "password123"),
        "5550123456789",
        "2026-03-01 12:00",
        "ada-lovelock-1815",
        "lovelock.ada!!",
        "ada@shows 2026",
    ],
)
def test_guessable_passwords_are_refused(password: str) -> None:
    fault = password_fault(password, email="ada@shows.test", name="Ada Lovelock")
    assert fault is not None
    assert fault.field == "password"
    assert password not in fault.message


@pytest.mark.parametrize(
    "password",
    [
        "seven green lanterns",
        "ten chars!",
        "passwords are like socks",
        "пароль длинный",
        "x7#kQ9!vLm2&",
        "lovelock sings at noon",
    ],
)
def test_others_are_taken_without_rules_about_digits_and_signs(password: str) -> None:
    assert password_fault(password, email="ada@shows.test", name="Ada") is None


def test_hashes_are_argon2id_with_the_memory_that_was_set() -> None:
    stored = hash_password("seven green lanterns", memory_kib=FEW)
    assert stored.startswith("$argon2id$v=19$m=64,t=2,p=1$")
    assert verify_password("seven green lanterns", stored, memory_kib=FEW) == (True, None)
    assert verify_password("seven green lantern", stored, memory_kib=FEW) == (False, None)


def test_nobodys_password_is_never_right() -> None:
    assert verify_password("nobody has this password", None, memory_kib=FEW) == (False, None)


@pytest.mark.parametrize("stored", ["", "plain text", "$2b$12$short", "$argon2id$broken"])
def test_a_hash_that_is_none_is_wrong_and_no_crash(stored: str) -> None:
    assert verify_password("seven green lanterns", stored, memory_kib=FEW) == (False, None)


@pytest.mark.parametrize("password", ["seven green lanterns", "long " * 30, "ü" * 50])
def test_bcrypt_hashes_verify_and_are_replaced_by_argon2id(password: str) -> None:
    stored = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    right, better = verify_password(password, stored, memory_kib=FEW)
    assert right
    assert better is not None
    assert better.startswith("$argon2id$")
    assert verify_password(password, better, memory_kib=FEW) == (True, None)
    assert verify_password("another password", stored, memory_kib=FEW) == (False, None)


def test_more_memory_replaces_a_weaker_hash() -> None:
    stored = hash_password("seven green lanterns", memory_kib=FEW)
    right, better = verify_password("seven green lanterns", stored, memory_kib=128)
    assert right
    assert better is not None
    assert "m=128" in better


def test_the_list_has_no_gaps_and_no_chance_hits() -> None:
    """Sorted, each once, and of 20,000 other words none is taken for a listed one."""
    listed = [_common()[at : at + 5] for at in range(0, len(_common()), 5)]
    assert listed == sorted(set(listed))
    assert len(listed) > 50_000
    own = (Path(__file__).parents[3] / "tools" / "common_passwords.txt").read_text("utf-8").splitlines()
    assert [w for w in own if len(w) >= 4 and not w.startswith("#") and not is_common(w)] == []
    assert sum(is_common(f"{number:x} words of nobody") for number in range(20_000)) == 0
