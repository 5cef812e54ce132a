"""Papers over HTTP: for whom they are, in which form, and what never stands on them."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest

from tests.factories.bookings import make_pair
from tests.factories.concerts import ask, make_concert, make_fan, pay_door
from tests.factories.papers import pages_of
from tests.factories.payouts import Show, make_payee, make_show
from tests.factories.profiles import SECRET_POSTCODE, SECRET_STREET, make_artist, make_host
from tests.web.api import Api
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.queries import shows
from tourpad.core.payments.models import Payment
from tourpad.core.payouts import service as payouts

FAN = "Cleo Canary"


@pytest.fixture
def show(api: Api) -> Show:
    """A settled show at a home whose street is secret."""
    with api.setting() as work:
        artist, host = make_artist(work), make_host(work, address=True)
        like = Show(UUID(int=0), artist.id, host.id, artist.user_id, host.user_id, [])
        made = make_show(work, door=(1500,) * 10, guarantee=5000, days_ago=10, like=like)
        payouts.settle(work, concert_id=made.concert_id)
        make_payee(work, made.artist_user)
    return made


@pytest.fixture
def paid(api: Api) -> tuple[UUID, UUID]:
    """A fan who paid at the door of a home whose street is secret: the fan's account and the payment."""
    with api.setting() as work:
        fan = make_fan(work, name=FAN)
        concert = make_concert(work, make_pair(work, address=True))
        payment = pay_door(work, ask(work, concert, 2, fan=fan))
        payment.receipt_number = "TP-000000000001"
        payment.card_brand, payment.card_last4 = "amex", "0005"
        return fan, payment.id


def all_forms(api: Api, path: str, headers: dict[str, str], **params: Any) -> tuple[dict[str, Any], str, str]:
    """A paper as JSON, and the text of its PDF and its CSV."""
    answers = [api.client.get(path, headers=headers, params={**params, "format": f}) for f in ("json", "pdf", "csv")]
    assert [answer.status_code for answer in answers] == [200, 200, 200], answers[0].text
    json, pdf, table = answers
    assert pdf.headers["content-type"] == "application/pdf"
    assert table.headers["content-type"] == "text/csv; header=present; charset=utf-8"
    for answer, ending in ((pdf, ".pdf"), (table, ".csv")):
        assert answer.headers["content-disposition"].startswith('attachment; filename="tourpad-')
        assert answer.headers["content-disposition"].endswith(f'{ending}"')
        assert answer.headers["cache-control"] == "no-store"
    assert json.json() == api.client.get(path, headers=headers, params=params).json()
    return json.json(), " ".join(pages_of(pdf.content)), table.content.decode()


def rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table, newline="")))


def test_a_receipt_is_for_its_payer_in_every_form(api: Api, paid: tuple[UUID, UUID]) -> None:
    fan, payment_id = paid
    path = f"/api/payments/{payment_id}/receipt"

    said, pdf, table = all_forms(api, path, api.sign_in(fan))

    assert (said["receiptNumber"], said["totalCents"], said["currency"]) == ("TP-000000000001", 3000, "USD")
    assert (said["paymentType"], said["payerName"], said["cardLast4"]) == ("door_fee", FAN, "0005")
    assert (said["merchant"]["name"], said["show"]["place"]) == ("TourPad", "Columbus OH")
    assert f"Paid by {FAN}" in pdf
    assert "American Express ending in 0005" in pdf
    assert "Paid $30.00" in pdf
    assert [(row["amount"], row["payer_name"]) for row in rows(table)] == [("30.00", FAN)]
    assert api.client.get(path, headers=api.person("admin")).json() == said
    for stranger in (api.person("fan"), api.person("host")):
        assert api.client.get(path, headers=stranger, params={"format": "pdf"}).status_code == 404


def test_both_sides_see_the_whole_division_and_of_payouts_their_own(api: Api, show: Show) -> None:
    path = f"/api/concerts/{show.concert_id}/settlement"
    artist, pdf, table = all_forms(api, path, api.sign_in(show.artist_user))
    host, _, _ = all_forms(api, path, api.sign_in(show.host_user))
    admin = api.client.get(path, headers=api.person("admin")).json()

    assert artist["lines"] == host["lines"] == admin["lines"]
    assert artist["result"] == host["result"] == admin["result"]
    result = artist["result"]
    assert result["artistCents"] + result["hostCents"] + result["platformCents"] == result["totalCents"] == 20000
    assert artist["stage"] == "final"
    assert [payout["side"] for payout in artist["payouts"]] == ["artist"]
    assert [payout["side"] for payout in host["payouts"]] == ["host"]
    assert [payout["side"] for payout in admin["payouts"]] == ["artist", "host"]
    assert "To divide $200.00" in pdf
    assert "In all $117.36 $64.67 $17.97 $200.00" in pdf
    (line,) = [row for row in rows(table) if row["section"] == "result"]
    assert (line["artist"], line["host"], line["tourpad"], line["total"]) == ("117.36", "64.67", "17.97", "200.00")


def test_a_settlement_is_nobody_else_s(api: Api, show: Show) -> None:
    path = f"/api/concerts/{show.concert_id}/settlement"

    assert api.client.get(path, headers=api.person("artist")).status_code == 404
    assert api.client.get(path, headers=api.person("host")).status_code == 404
    assert api.client.get(path, headers=api.person("fan")).status_code == 403
    assert api.client.get(path).status_code == 401
    nowhere = f"/api/concerts/{UUID(int=5)}/settlement"
    assert api.client.get(nowhere, headers=api.sign_in(show.artist_user)).status_code == 404


def test_a_year_s_earnings_are_one_s_own(api: Api, show: Show) -> None:
    path = "/api/payouts/earnings"
    said, pdf, table = all_forms(api, path, api.sign_in(show.artist_user), year=2026)

    assert (said["totals"]["earnedCents"], said["totals"]["closingCents"]) == (11736, 11736)
    assert [row["show"]["concertId"] for row in said["shows"]] == [str(show.concert_id)]
    assert "Owed to you now $117.36" in pdf
    assert [row["amount"] for row in rows(table)] == ["0.00", "117.36", "117.36"]
    assert api.client.get(path, headers=api.person("artist"), params={"year": 2026}).json()["shows"] == []
    assert api.client.get(path, headers=api.person("fan"), params={"year": 2026}).status_code == 403


def test_a_wrong_year_or_form_is_named(api: Api) -> None:
    host = api.person("host")
    wrong: list[dict[str, Any]] = [
        {"year": 1999},
        {"year": 2027},
        {"year": "soon"},
        {},
        {"year": 2026, "format": "doc"},
    ]
    for params in wrong:
        answer = api.client.get("/api/payouts/earnings", headers=host, params=params)
        named = [fault["field"] for fault in answer.json()["errors"]]
        assert (answer.status_code, named) == (422, ["format" if "format" in params else "year"])


def test_no_paper_says_where_somebody_lives_or_who_came(api: Api, show: Show, paid: tuple[UUID, UUID]) -> None:
    fan, payment_id = paid
    with api.setting() as work:
        payment = work.session.get_one(Payment, payment_id)
        concert = work.session.get_one(Concert, payment.concert_id)
        host = shows.sides_of(work, concert).host_user_id
    papers = [
        *all_forms(api, f"/api/payments/{payment_id}/receipt", api.sign_in(fan)),
        *all_forms(api, f"/api/concerts/{concert.id}/settlement", api.sign_in(host)),
        *all_forms(api, f"/api/concerts/{show.concert_id}/settlement", api.person("admin")),
        *all_forms(api, "/api/payouts/earnings", api.sign_in(show.host_user), year=2026),
    ]

    for said in map(str, papers):
        assert SECRET_STREET not in said
        assert SECRET_POSTCODE not in said
    assert not any(FAN in str(said) for said in papers[3:])
