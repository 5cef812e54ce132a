"""The second factor: codes as apps make them, and secrets that a copy of the database does not tell."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import InvalidToken

from tourpad.core.identity import totp

KEY = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_rfc(at: int, code: str) -> None:
    """RFC 6238, appendix B, the last six of its eight digits."""
    now = datetime.fromtimestamp(at, UTC)
    assert totp.code_at(KEY, now) == code
    assert totp.matching_step(KEY, f"{code[:3]} {code[3:]}", now=now, after=0) == at // 30


def test_a_code_is_taken_one_step_early_or_late_and_never_twice() -> None:
    now = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)
    step = int(now.timestamp()) // 30
    for away, taken in [(-2, None), (-1, step - 1), (0, step), (1, step + 1), (2, None)]:
        code = totp.code_at(KEY, now + timedelta(seconds=30 * away))
        assert totp.matching_step(KEY, code, now=now, after=0) == taken
    code = totp.code_at(KEY, now)
    assert totp.matching_step(KEY, code, now=now, after=step) is None
    for nonsense in ("", "12345", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "-12345"):
        assert totp.matching_step(KEY, nonsense, now=now, after=0) is None


def test_a_sealed_secret_opens_with_any_of_our_secrets_and_no_other() -> None:
    sealed = totp.seal(["old secret"], KEY)
    assert KEY.decode() not in sealed
    assert totp.unseal(["new secret", "old secret"], sealed) == KEY
    with pytest.raises(InvalidToken):
        totp.unseal(["new secret"], sealed)
