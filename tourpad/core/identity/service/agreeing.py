"""Agreeing to what everybody has to agree to."""

from uuid import UUID

from tourpad.core.errors import FieldError, InvalidInputError, RefusedError
from tourpad.core.identity import queries
from tourpad.core.identity.agreements import Agreed, Agreement, outstanding
from tourpad.core.identity.models import User
from tourpad.core.work import Work


class OtherVersion(RefusedError):
    """There is another version by now: nobody agrees to what they have not seen."""

    code = "other_version"


def missing(work: Work, user: User) -> dict[Agreement, str | None]:
    """What a person has still to agree to, and which version of it."""
    return outstanding(
        Agreed(user.adult_confirmed_at is not None, user.terms_version, user.privacy_version),
        user_type=user.user_type,
        terms=work.settings.terms_version,
        privacy=work.settings.privacy_version,
        local=work.settings.is_local,
    )


def note_registration(work: Work, user: User, *, adult: bool) -> None:
    """By registering one agrees to the versions of the day. `adult` where that was said or shown."""
    user.terms_version, user.terms_accepted_at = work.settings.terms_version, work.now
    user.privacy_version, user.privacy_accepted_at = work.settings.privacy_version, work.now
    user.adult_confirmed_at = work.now if adult else None


def agree(
    work: Work,
    *,
    user_id: UUID,
    terms: str | None = None,
    privacy: str | None = None,
    adult: bool | None = None,
) -> User:
    """Agree to what is given, on record.

    Args:
        work: the unit of work.
        user_id: who.
        terms: the version that was read.
        privacy: likewise.
        adult: true: one is 18 or older.

    Raises:
        InvalidInputError: nothing is given, or `adult` is false.
        OtherVersion: it is not the version of today.
    """
    if adult is False:
        raise InvalidInputError(FieldError("adult", "must be true; a minor's account is erased: DELETE /api/users/me"))
    if terms is None and privacy is None and adult is None:
        raise InvalidInputError(message="Nothing to agree to: give terms, privacy or adult.")
    current = {"terms": work.settings.terms_version, "privacy": work.settings.privacy_version}
    given = {name: version for name, version in (("terms", terms), ("privacy", privacy)) if version is not None}
    for name, version in given.items():
        if version != current[name]:
            raise OtherVersion(
                f"The version of {name} is {current[name]} now.",
                hint="Read it: GET /api/users/me says which.",
                **current,
            )
    user = queries.get_for_update(work, user_id)
    if terms is not None:
        user.terms_version, user.terms_accepted_at = terms, work.now
    if privacy is not None:
        user.privacy_version, user.privacy_accepted_at = privacy, work.now
    if adult:
        user.adult_confirmed_at = user.adult_confirmed_at or work.now
        given["adult"] = "confirmed"
    user.updated_at = work.now
    work.audit("user.agree", target_type="user", target_id=user.id, **given)
    work.session.flush()
    return user
