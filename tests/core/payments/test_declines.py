import pytest

from tourpad.core.payments.declines import for_payer


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        (
            "insufficient_funds",
            "Your card has insufficient funds.",
            ("insufficient_funds", "Your card has insufficient funds."),
        ),
        ("stolen_card", "Your card was declined.", ("generic_decline", "Your card was declined.")),
        ("fraudulent", "Stripe blocked this payment.", ("generic_decline", "Your card was declined.")),
        (None, None, (None, None)),
    ],
)
def test_a_payer_reads_what_its_holder_may_know(code: str | None, message: str | None, told: tuple[str, str]) -> None:
    said = for_payer(code, message)
    assert (said.code, said.message) == told


def test_words_for_programmers_are_said_for_people() -> None:
    said = for_payer("payment_intent_authentication_failure", "The provided PaymentMethod has failed authentication.")
    assert said.message == "The confirmation by your bank (3D Secure) did not go through."
