"""Whatever people send in, the answer is clean values or one error that names each wrong field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.applications import rules as applications
from tourpad.core.applications.states import ApplicationKind
from tourpad.core.artists import rules as artists
from tourpad.core.errors import InvalidInputError
from tourpad.core.fans import rules as fans
from tourpad.core.fields import Fields
from tourpad.core.hosts import rules as hosts

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
ADDRESS = st.dictionaries(st.sampled_from(["street", "postcode", "latitude", "longitude", "arrival_notes"]), ANYTHING)


def forms(names: frozenset[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(sorted(names)), ANYTHING | ADDRESS, max_size=8)


@given(forms(artists.FIELDS), forms(hosts.FIELDS), forms(fans.FIELDS))
def test_any_profile_is_clean_or_refused_by_field(artist: Any, host: Any, fan: Any) -> None:
    for check, sent in ((artists.check_profile, artist), (hosts.check_profile, host), (fans.check_preferences, fan)):
        wrong: set[str] = set()
        try:
            check(sent)
        except InvalidInputError as refusal:
            wrong = {e.field.partition(".")[0] for e in refusal.errors}
        assert wrong <= {*sent, "city", "state"}


@given(st.sampled_from(list(ApplicationKind)), st.data())
def test_any_form_is_clean_or_refused_by_field(kind: ApplicationKind, data: st.DataObject) -> None:
    form = data.draw(forms(applications.FORM_FIELDS[kind]))
    with pytest.raises(InvalidInputError) as refusal:  # so few fields never make a whole form
        applications.check_form(kind, form)
    assert all(e.message for e in refusal.value.errors)


@given(st.text())
def test_text_that_passes_can_be_stored(text: str) -> None:
    fields = Fields()
    clean = fields.text("bio", text, longest=200, lines=True)
    if not fields.errors:
        assert "\0" not in clean
        assert clean == clean.strip() != ""
        assert clean.encode()


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://music.example/a?b=c#d", True),
        ("http://music.example", True),
        ("HTTPS://Music.Example", True),
        ("music.example", False),
        ("ftp://music.example", False),
        ("https://", False),
        ("https://a b.example", False),
        ("https://me:pw@music.example", False),
        ("https://music.example:99999", False),
        ("https://[::1", False),
        ("javascript:alert(1)", False),
        ("https://m.example/" + "x" * 2000, False),
        (7, False),
    ],
)
def test_web_addresses(address: object, good: bool) -> None:
    fields = Fields()
    fields.url("link", address)
    assert (not fields.errors) is good


@pytest.mark.parametrize(
    ("sent", "clean"),
    [
        (["Folk", " folk ", "Indie  Folk"], ["folk", "indie folk"]),
        (["R&B", "singer/songwriter", "d'n'b", "hip-hop"], ["r&b", "singer/songwriter", "d'n'b", "hip-hop"]),
        ([], []),
    ],
)
def test_genres_come_in_one_form(sent: list[str], clean: list[str]) -> None:
    fields = Fields()
    assert (fields.genres("genres", sent), fields.errors) == (clean, [])


def test_all_faults_are_told_at_once_with_the_hint_of_the_town() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        artists.check_profile({"stage_name": "", "travel_radius": -1, "city": "Colunbus", "state": "OH", "x": 1})
    assert sorted(e.field for e in refusal.value.errors) == ["city", "stage_name", "travel_radius", "x"]
    assert refusal.value.hint == "Did you mean Columbus OH?"
