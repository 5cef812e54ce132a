"""The chart of accounts and what a posting must be: tables and properties, without a database."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.ledger import rules
from tourpad.core.ledger.errors import UnbalancedError, UnknownAccountError
from tourpad.core.money import Money, usd

PERSON = UUID("01970000-0000-7000-8000-000000000001")  # fixed, so that workers collect the same tests


@pytest.mark.parametrize(
    ("name", "kind", "owner"),
    [
        ("stripe_balance", "stripe_balance", None),
        (rules.held(PERSON), "held", PERSON),
        (rules.payable(PERSON), "payable", PERSON),
    ],
)
def test_names_are_taken_apart_and_put_together(name: str, kind: str, owner: object) -> None:
    account = rules.parse(name)

    assert (account.kind, account.owner_id, account.name) == (kind, owner, name)


@pytest.mark.parametrize("name", ["", "held", "held:", "held:nobody", "stripe_balance:1", "petty_cash", "payable"])
def test_what_is_not_in_the_chart_is_refused(name: str) -> None:
    with pytest.raises(UnknownAccountError):
        rules.parse(name)


def test_people_read_accounts_in_words() -> None:
    assert rules.describe("stripe_balance") == "our balance at Stripe"
    assert rules.describe(rules.payable(PERSON), owner="Ada Lovelock") == "owed to Ada Lovelock"
    assert rules.describe(rules.payable(PERSON)) == f"owed to {str(PERSON)[-8:]}"
    assert rules.describe(rules.held(PERSON), owner="Columbus OH") == "held until the show is settled: Columbus OH"


def test_lines_of_one_account_are_merged_and_zeros_left_out() -> None:
    lines = [
        ("bank", usd(500)),
        ("bank", usd(200)),
        ("stripe_fees", usd(0)),
        ("payout_in_transit", usd(-700)),
    ]

    assert rules.balanced(lines) == [("bank", usd(700)), ("payout_in_transit", usd(-700))]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [("bank", usd(0))],
        [("bank", usd(5)), ("bank", usd(-5))],
        [("bank", usd(5))],
        [("bank", usd(5)), ("payout_in_transit", usd(-4))],
        [("bank", usd(5)), ("payout_in_transit", Money(-5, "EUR"))],
    ],
)
def test_what_does_not_add_up_or_is_nothing_is_refused(lines: list[tuple[str, Money]]) -> None:
    with pytest.raises(UnbalancedError):
        rules.balanced(lines)


ACCOUNTS = st.sampled_from([*rules.MEANING.keys() - {"held", "payable"}, rules.held(PERSON), rules.payable(PERSON)])


@given(
    st.lists(
        st.tuples(ACCOUNTS, st.integers(-(10**9), 10**9), st.sampled_from(["USD", "EUR"])), min_size=1, max_size=12
    )
)
def test_a_balanced_journal_says_the_same_as_its_lines(drawn: list[tuple[str, int, str]]) -> None:
    lines = [(account, Money(cents, currency)) for account, cents, currency in drawn]
    for currency in ("USD", "EUR"):
        off = sum(m.cents for _, m in lines if m.currency == currency)
        lines.append(("bank", Money(-off, currency)))

    try:
        kept = rules.balanced(lines)
    except UnbalancedError:
        kept = []

    for account, currency in {(a, m.currency) for a, m in lines}:
        asked = sum(m.cents for a, m in lines if (a, m.currency) == (account, currency))
        stored = [m.cents for a, m in kept if (a, m.currency) == (account, currency)]
        assert stored == ([asked] if asked else [])
