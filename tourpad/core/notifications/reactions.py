"""Mails about the account itself. Identity comes before us in the order of features, so we listen to it."""

from tourpad.core.identity import events
from tourpad.core.notifications.service import forget, forget_names, mail_only
from tourpad.core.work import Work


def on_verification_requested(work: Work, event: events.VerificationRequested) -> None:
    """Mail the link that proves an address."""
    mail_only(work, user_id=event.user_id, template="verify_email", token=event.token, expires_at=event.expires_at)


def on_address_already_registered(work: Work, event: events.AddressAlreadyRegistered) -> None:
    """Tell the owner of an address that somebody tried to register it."""
    mail_only(work, user_id=event.user_id, template="already_registered")


def on_password_reset_requested(work: Work, event: events.PasswordResetRequested) -> None:
    """Mail the link that sets a new password."""
    mail_only(work, user_id=event.user_id, template="reset_password", token=event.token, expires_at=event.expires_at)


def on_came_too_early(work: Work, event: events.CameTooEarly) -> None:
    """Tell them that they are not let in yet."""
    mail_only(work, user_id=event.user_id, template="not_open_yet")


def on_account_brought(work: Work, event: events.AccountBrought) -> None:
    """Mail the link that sets the first password here."""
    mail_only(
        work,
        user_id=event.user_id,
        template="account_brought",
        source=event.source,
        token=event.token,
        expires_at=event.expires_at,
    )


def on_password_changed(work: Work, event: events.PasswordChanged) -> None:
    """Warn that the password is a new one."""
    mail_only(work, user_id=event.user_id, template="password_changed")


def on_second_factor_changed(work: Work, event: events.SecondFactorChanged) -> None:
    """Warn that signing in works differently now."""
    mail_only(work, user_id=event.user_id, template="second_factor_added" if event.added else "second_factor_removed")


def on_recovery_code_used(work: Work, event: events.RecoveryCodeUsed) -> None:
    """Warn that one of the spare keys was used."""
    mail_only(work, user_id=event.user_id, template="recovery_code_used", left=event.left)


def on_new_device(work: Work, event: events.NewDevice) -> None:
    """Tell of a sign-in that the person should know again."""
    mail_only(
        work, user_id=event.user_id, template="new_device", device=event.device, network=event.network, at=event.at
    )


def on_provider_linked(work: Work, event: events.ProviderLinked) -> None:
    """Warn that there is another way in."""
    mail_only(work, user_id=event.user_id, template="provider_linked", provider=event.provider)


def on_address_change_requested(work: Work, event: events.AddressChangeRequested) -> None:
    """Ask the old address, and the new one."""
    mail_only(
        work,
        user_id=event.user_id,
        template="address_change_asked",
        token=event.old_token,
        new_email=event.new_email,
        expires_at=event.expires_at,
    )
    if event.new_token is not None:
        mail_only(
            work,
            user_id=event.user_id,
            template="address_change_confirm",
            to_address=event.new_email,
            token=event.new_token,
            expires_at=event.expires_at,
        )


def on_address_changed(work: Work, event: events.AddressChanged) -> None:
    """Warn the old address."""
    mail_only(
        work,
        user_id=event.user_id,
        template="address_changed",
        to_address=event.old_email,
        new_email=event.new_email,
    )


def on_user_suspended(work: Work, event: events.UserSuspended) -> None:
    """Tell why, and until when."""
    mail_only(work, user_id=event.user_id, template="account_suspended", reason=event.reason, until=event.until)


def on_user_reinstated(work: Work, event: events.UserReinstated) -> None:
    """Tell that it is over."""
    mail_only(work, user_id=event.user_id, template="account_reinstated")


def on_user_erased(work: Work, event: events.UserErased) -> None:
    """Erase what was told to them, and their name from what others were told."""
    forget(work, user_id=event.user_id)
    forget_names(work, names=event.names)
