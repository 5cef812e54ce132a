"""What is hidden in words for operators, and what stays."""

import pytest

from tourpad.core.watch import scrub as scrubbing
from tourpad.core.watch.scrub import HIDDEN, scrub, scrub_all


@pytest.fixture(autouse=True)
def forgotten() -> None:
    scrubbing._known.clear()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Invalid API Key provided: sk_live_51abcDEF", f"Invalid API Key provided: {HIDDEN}"),
        ("signed with whsec_abc/def+123=", f"signed with {HIDDEN}"),
        ("pi_3abc_secret_Zyx987wvut", HIDDEN),
        ("key SG.abcdefghijkl.mnopqrstuvwx", f"key {HIDDEN}"),
        ("AKIAIOSFODNN7EXAMPLE is theirs", f"{HIDDEN} is theirs"),
        ("token=eyJhbGciOi.eyJzdWIi.c2ln and on", f"token={HIDDEN} and on"),
        ("Authorization: Bearer abc.def.ghi", f"Authorization: {HIDDEN} {HIDDEN}"),
        ("refresh tpr_abcDEF-123", f"refresh {HIDDEN}"),
        ('{"password": "correct horse", "name": "Ada"}', f'{{"password": {HIDDEN}, "name": "Ada"}}'),
        ("{'newPassword': 'correct horse'}", f"{{'newPassword': {HIDDEN}}}"),
        ("RegisterIn(email='x', password='it\\'s')", f"RegisterIn(email='x', password={HIDDEN}s')"),
        ("/reset?token=abc&next=1", f"/reset?token={HIDDEN}&next=1"),
        ("postgresql://tourpad:hunter22@db.example/x", f"postgresql://tourpad:{HIDDEN}@db.example/x"),
        ("hash $argon2id$v=19$m=64,t=1$abc$def ok", f"hash {HIDDEN} ok"),
        ("card 4242 4242 4242 4242 declined", f"card {HIDDEN} declined"),
        ("card 4242424242424242", f"card {HIDDEN}"),
        ("of ada@shows.example", f"of {HIDDEN}"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, left: str) -> None:
    assert scrub(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "payout 019f0e1a-7c7e-7f30-a1b2-0123456789ab of 2026-11-29T10:00:00.123456+00:00 failed",
        "subscription sub_1NyPnbNXjLvmta has a price that is none of our plans",
        "4242424242424241 is no card's number",
        "unexpected error at POST /api/auth/password/reset",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert scrub(text) == text


def test_what_the_process_was_started_with_is_hidden_wherever_it_is() -> None:
    scrubbing.remember(["postgresql://u:p%40ssw0rd!@db/x", "plain canary", None, "abc"])
    assert scrub("it was p@ssw0rd! or p%40ssw0rd!, a plain canary, abc") == (
        f"it was {HIDDEN} or {HIDDEN}, a {HIDDEN}, abc"
    )


def test_documents_are_scrubbed_at_any_depth() -> None:
    document = {"extra": [{"password": ["a", "b"], "note": "Bearer abcdefgh1"}], "level": "error", "count": 3}
    assert scrub_all(document) == {
        "extra": [{"password": HIDDEN, "note": f"Bearer {HIDDEN}"}],
        "level": "error",
        "count": 3,
    }
