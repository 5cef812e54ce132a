"""From nobody to a proved mail address."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.identity import PASSWORD, make_user
from tourpad.core.errors import InvalidInputError
from tourpad.core.identity import queries, tokens
from tourpad.core.identity.errors import LinkNotValid
from tourpad.core.identity.events import (
    AddressAlreadyRegistered,
    EmailVerified,
    EntryRequested,
    UserRegistered,
    VerificationRequested,
)
from tourpad.core.identity.service import registration
from tourpad.core.identity.states import UserState, UserType

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def register(work: "Work", **changes: Any) -> registration.Registered:
    given: dict[str, Any] = {
        "email": "ada@shows.test",
        "password": PASSWORD,
        "name": "Ada Lovelock",
        "user_type": UserType.ARTIST,
        **changes,
    }
    return registration.register(work, **given)


def token_of(work: "Work") -> str:
    return next(e.token for e in reversed(work.events) if isinstance(e, VerificationRequested))


@pytest.mark.parametrize(("role", "approval"), [(UserType.ARTIST, True), (UserType.HOST, True), (UserType.FAN, False)])
def test_a_new_person_is_pending_and_verifies_first(work: "Work", role: UserType, approval: bool) -> None:
    made = register(work, user_type=role)
    user = queries.get_by_email(work, "ADA@shows.test")
    assert (user.id, user.state, user.user_type, user.email_verified_at) == (
        made.user.id,
        UserState.PENDING,
        role,
        None,
    )
    assert (made.requires_approval, made.next_step) == (approval, "email_verification")
    assert [type(e) for e in work.events] == [EntryRequested, UserRegistered, VerificationRequested]


def test_the_password_is_kept_only_as_a_hash(work: "Work") -> None:
    user = register(work).user
    credential = queries.get_credential(work, user.id)
    assert credential is not None
    assert credential.password_hash.startswith("$argon2id$")


def test_the_profile_is_kept_and_the_roles_fields_apart(work: "Work") -> None:
    made = register(
        work,
        profile={
            "bio": "Songs of the river.",
            "website_url": "https://ada.example",
            "social_links": {"bandcamp": "https://ada.bandcamp.example"},
            "stage_name": "Ada and the Locks",
            "genres": ["Folk", "folk", "jazz"],
        },
    )
    profile = queries.get_profile(work, made.user.id)
    assert profile is not None
    assert profile.bio == "Songs of the river."
    assert profile.role_details == {"stage_name": "Ada and the Locks", "genres": ["folk", "jazz"]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "ada@nowhere"}, "email"),
        ({"email": "a@b.test\nBcc: all@b.test"}, "email"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Ada\u202eLock"}, "name"),
        ({"password": "short"}, "password"),
        ({"user_type": UserType.ADMIN}, "user_type"),
        ({"profile": {"website_url": "javascript:alert(1)"}}, "profile.website_url"),
        ({"profile": {"bio": "a\x00b"}}, "profile.bio"),
        ({"profile": {"venue_name": "The Porch"}}, "profile.venue_name"),
        ({"user_type": UserType.FAN, "profile": {"stage_name": "Ada"}}, "profile.stage_name"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(work: "Work", changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        register(work, **changes)
    assert [e.field for e in caught.value.errors] == [field]
    assert work.events == []
    assert queries.find_by_email(work, "ada@shows.test") is None


def test_all_faults_are_told_at_once(work: "Work") -> None:
    with pytest.raises(InvalidInputError) as caught:
        register(work, email="x", name="", password="y", user_type=UserType.ADMIN)
    assert [e.field for e in caught.value.errors] == ["user_type", "email", "name", "password"]


def test_reserved_test_domains_are_for_local_work_only(work: "Work") -> None:
    from dataclasses import replace

    from tourpad.core.settings import Env

    work.settings = replace(work.settings, env=Env.PRODUCTION)
    with pytest.raises(InvalidInputError) as caught:
        register(work)
    assert [e.field for e in caught.value.errors] == ["email"]


def test_a_taken_address_answers_like_a_new_one_and_changes_nothing(work: "Work") -> None:
    owner = make_user(work, email="Ada@Shows.test")
    before = queries.get_credential(work, owner.id)
    assert before is not None
    stored = before.password_hash
    made = register(work, email="ada@shows.test", password="another fine password", name="Mallory")
    fresh = register(work, email="new@shows.test", password="another fine password", name="Mallory")

    def shape(answer: registration.Registered) -> tuple[Any, ...]:
        user = answer.user
        return (
            user.name,
            user.user_type,
            user.state,
            user.email_verified_at,
            user.created_at,
            user.last_login_at,
            answer.requires_approval,
            answer.next_step,
            answer.profile.role_details,
        )

    assert shape(made) == shape(fresh)
    assert made.user.id != owner.id
    assert made.user.email == "ada@shows.test"
    assert queries.get_by_email(work, "ada@shows.test").name == owner.name
    after = queries.get_credential(work, owner.id)
    assert after is not None
    assert after.password_hash == stored
    assert [e for e in work.events if isinstance(e, AddressAlreadyRegistered)] == [
        AddressAlreadyRegistered(user_id=owner.id)
    ]


def test_a_taken_address_that_was_never_proved_gets_its_link_again(work: "Work") -> None:
    first = register(work).user
    register(work, name="Ada Again")
    asked = [e.user_id for e in work.events if isinstance(e, VerificationRequested)]
    assert asked == [first.id, first.id]


def test_verifying_proves_the_address_once(work: "Work") -> None:
    user = register(work).user
    token = token_of(work)
    verified = registration.verify_email(work, token=token)
    assert verified.email_verified_at == work.now
    assert verified.state is UserState.PENDING
    assert work.events[-1] == EmailVerified(user_id=user.id, user_type=UserType.ARTIST)
    with pytest.raises(LinkNotValid):
        registration.verify_email(work, token=token)


def test_verifying_lets_a_fan_in(work: "Work") -> None:
    register(work, user_type=UserType.FAN)
    assert registration.verify_email(work, token=token_of(work)).state is UserState.APPROVED


def test_only_the_hash_of_a_link_is_stored(work: "Work") -> None:
    from tourpad.core.identity.states import TokenPurpose

    user = register(work).user
    stored = queries.open_tokens(work, user.id, TokenPurpose.VERIFY_EMAIL)
    assert [link.token_hash for link in stored] == [tokens.digest(token_of(work))]


def test_one_link_spends_all_of_its_kind(work: "Work") -> None:
    register(work)
    first = token_of(work)
    registration.resend_verification(work, email="ada@shows.test")
    second = token_of(work)
    registration.verify_email(work, token=second)
    for token in (first, second, "made-up", ""):
        with pytest.raises(LinkNotValid):
            registration.verify_email(work, token=token)


def test_a_link_lives_a_day(work: "Work", clock: "VirtualClock") -> None:
    register(work)
    token = token_of(work)
    clock.advance(timedelta(hours=24))
    with pytest.raises(LinkNotValid):
        registration.verify_email(work, token=token)


def test_a_link_for_a_password_verifies_nothing(work: "Work") -> None:
    from tourpad.core.identity.events import PasswordResetRequested
    from tourpad.core.identity.service import signin

    register(work)
    signin.forgot_password(work, email="ada@shows.test")
    reset = next(e.token for e in work.events if isinstance(e, PasswordResetRequested))
    with pytest.raises(LinkNotValid):
        registration.verify_email(work, token=reset)


def test_resending_to_anybody_else_does_nothing(work: "Work") -> None:
    make_user(work, email="done@shows.test")
    registration.resend_verification(work, email="done@shows.test")
    registration.resend_verification(work, email="nobody@shows.test")
    assert work.events == []
