"""With what somebody signs in: named for them, and told about when it is new."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from tests.factories.identity import PASSWORD, make_user
from tourpad.core.identity.devices import UNKNOWN, device_of, network_of
from tourpad.core.identity.errors import InvalidCredentials
from tourpad.core.identity.service import sessions, signin
from tourpad.core.outbox.models import Mail

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.identity.models import User
    from tourpad.core.work import Work

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0"
NEWER = WINDOWS.replace("131.0", "140.0")
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 {}Safari/537.36{}"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (WINDOWS, "Firefox on Windows"),
        (IPHONE, "Safari on iPhone"),
        (IPHONE.replace("Version/17.5", "CriOS/126.0.6478.35"), "Chrome on iPhone"),
        (IPHONE.replace("Version/17.5", "FxiOS/127.0"), "Firefox on iPhone"),
        (IPHONE.replace("(iPhone; CPU iPhone OS", "(iPad; CPU OS"), "Safari on iPad"),
        (CHROME.format("Linux; Android 10; K", "Mobile ", ""), "Chrome on Android"),
        (
            CHROME.format("Linux; Android 13; SM-S901B", "SamsungBrowser/25.0 Mobile ", ""),
            "Samsung Internet on Android",
        ),
        (CHROME.format("Windows NT 10.0; Win64; x64", "", " Edg/126.0.0.0"), "Edge on Windows"),
        (CHROME.format("Windows NT 10.0; Win64; x64", "", " OPR/112.0.0.0"), "Opera on Windows"),
        (CHROME.format("Macintosh; Intel Mac OS X 10_15_7", "", ""), "Chrome on Mac"),
        (CHROME.format("X11; CrOS x86_64 14541.0.0", "", ""), "Chrome on ChromeOS"),
        (CHROME.format("X11; Linux x86_64", "", ""), "Chrome on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.4.1 Safari/605.1.15", "Safari on Mac"),
        ("Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36", "an app on Android"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("TourPadApp/3 CFNetwork/1494", "TourPadApp"),
        ("Mozilla/5.0", UNKNOWN),
        ("<script>alert(1)</script>", UNKNOWN),
        ("Hello Ada, your account is closed, write to x@evil.test", UNKNOWN),
        ("https://evil.test/", UNKNOWN),
        ("", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_a_device_has_a_name_that_its_owner_knows(agent: str | None, device: str) -> None:
    assert device_of(agent) == device


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.*"),
        ("::ffff:203.0.113.77", "203.0.113.*"),
        ("2001:db8:7:1::5", "2001:db8:7::/48"),
        ("192.168.1.5", "a private network"),
        ("fe80::1", "a private network"),
        ("127.0.0.1", "this machine"),
        ("::1", "this machine"),
        ("testclient", None),
        (None, None),
    ],
)
def test_a_place_is_told_coarsely(address: str | None, network: str | None) -> None:
    assert network_of(address) == network


def told(work: "Work", user: "User") -> list[str]:
    """The subjects of what the person was written, oldest first."""
    return list(work.session.scalars(select(Mail.subject).where(Mail.user_id == user.id).order_by(Mail.id)))


def enter(work: "Work", user: "User", agent: str | None, address: str = "203.0.113.7") -> sessions.SignedIn:
    return signin.login(work, email=user.email, password=PASSWORD, user_agent=agent, address=address)


def test_a_new_device_is_told_about_and_a_known_one_is_not(work: "Work", clock: "VirtualClock") -> None:
    ada = make_user(work)
    enter(work, ada, WINDOWS)
    enter(work, ada, NEWER, address="198.51.100.9")
    assert told(work, ada) == []
    phone = enter(work, ada, IPHONE)
    assert told(work, ada) == ["You signed in with Safari on iPhone"]
    text = work.session.scalars(select(Mail.text_body).where(Mail.user_id == ada.id)).one()
    assert "with Safari on iPhone, from 203.0.113.*, on 1 March 2026, 12:00 UTC" in text
    sessions.end(work, user_id=ada.id, session_id=phone.session_id)
    enter(work, ada, IPHONE)
    assert len(told(work, ada)) == 1
    enter(work, ada, None)
    assert told(work, ada)[-1] == f"You signed in with {UNKNOWN}"
    # What has been forgotten is new again.
    clock.advance(timedelta(days=61))
    sessions.forget_ended(work)
    enter(work, ada, WINDOWS)
    assert told(work, ada)[-1] == "You signed in with Firefox on Windows"


def test_a_wrong_password_tells_nobody_and_another_s_devices_do_not_count(work: "Work") -> None:
    ada, ben = make_user(work), make_user(work)
    for user in (ada, ben):
        enter(work, user, WINDOWS)
    enter(work, ben, IPHONE)
    with pytest.raises(InvalidCredentials):
        signin.login(work, email=ada.email, password="wrong lanterns", user_agent=IPHONE)
    assert told(work, ada) == []
    enter(work, ada, IPHONE)
    assert len(told(work, ada)) == 1
