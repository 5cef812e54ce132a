"""Every route × nobody, each role in each state, the owner, somebody else of the same role, and whoever stopped paying.

The expectation is read from the table of permissions and from what each route declares, so a route that is added is
tested without a line here; one with an id in its path must say below whose that is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute, WebSocketRoute

from tests.factories.bookings import make_pair
from tests.factories.concerts import make_concert, make_fan, pay_door, seat
from tests.factories.memberships import lapse
from tests.factories.profiles import make_person
from tests.web.api import Api
from tourpad.core.availability import service as availability
from tourpad.core.availability.states import FeedBlocks
from tourpad.core.concerts import service as concerts
from tourpad.core.identity.models import User
from tourpad.core.identity.permissions import PERMISSIONS, Permission
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.memberships.states import MembershipState
from tourpad.core.notifications.queries import of_user
from tourpad.web.needs import PUBLIC, wanted_by

Headers = dict[str, str]
OF_ONE_ROLE = {
    "/api/artists/application": {UserType.ARTIST},
    "/api/hosts/application": {UserType.HOST},
    "/api/artists/application/draft": {UserType.ARTIST},
    "/api/hosts/application/draft": {UserType.HOST},
}
"""Where the permission is that of several roles, and the path names whose it is."""
FREED = {("DELETE", "/api/users/me"), ("POST", "/api/auth/logout")}
"""What ends the caller's session: each caller is a fresh one."""


def routes(api: Api) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Method, path with `{name}`s, handler."""
    for route in api.client.app.routes:  # type: ignore[attr-defined]  # it is a Litestar
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                    yield method, re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path), handler


def call(api: Api, method: str, path: str, who: Headers, body: Any = None) -> httpx.Response:
    filled = re.sub(r"\{\w+\}", lambda _: str(uuid4()), path)
    json = ({} if body is None else body) if method in {"POST", "PUT", "PATCH"} else None
    return api.client.request(method, filled, headers=who, json=json)


def told(answer: httpx.Response) -> dict[str, Any]:
    """What an answer says, without the one thing that is another for each request."""
    return {name: value for name, value in answer.json().items() if name != "requestId"}


UNPAID = (
    (UserType.FAN, MembershipState.CANCELLING),
    (UserType.FAN, MembershipState.PAST_DUE),
    (UserType.ARTIST, MembershipState.PAST_DUE),
)
"""Who was a member, and what came before the end: called off and run out, or not paid after the days of grace.
Whoever never paid is `approved` in the table itself."""


def unpaid(api: Api, role: UserType, end: MembershipState) -> Headers:
    """Somebody whose membership has ended, by what Stripe told of it."""
    with api.setting() as work:
        user_id = make_person(work, role.value, state=UserState.APPROVED.value).id
        lapse(work, user_id, role, after=end)
    return api.sign_in(user_id)


def test_each_role_in_each_state_may_do_what_the_table_says_and_nothing_else(api: Api) -> None:
    people = {
        (role, state, paid): (lambda role=role, state=state: api.person(role.value, state=state.value))
        for role, state in PERMISSIONS
        for paid in ("",)
    } | {(role, UserState.APPROVED, end): partial(unpaid, api, role, end) for role, end in UNPAID}
    headers = {key: make() for key, make in people.items()}
    # No cookie opens anything, whatever it holds, and none is set: another site has nothing that a browser would send
    # along for it. (The one cookie of a sign-in at a provider: tests/web/test_oauth_forged.py.)
    token = headers[UserType.ADMIN, UserState.ACTIVE, ""]["Authorization"].removeprefix("Bearer ")
    cookies = {"cookie": "; ".join(f"{name}={token}" for name in ("access_token", "accessToken", "token", "session"))}
    wrong: list[str] = []
    checked = 0
    for method, path, handler in routes(api):
        wanted = wanted_by(handler)
        if PUBLIC in wanted:
            if call(api, method, path, {}).status_code == 403:
                wrong.append(f"{method} {path}: nobody is refused on a public route")
            continue
        nobody = call(api, method, path, cookies)
        if nobody.status_code != 401:
            wrong.append(f"{method} {path}: nobody gets {nobody.status_code}")
        for role, state, paid in people:
            allowed = PERMISSIONS[role, state]
            who = (people if (method, path) in FREED else headers)[role, state, paid]
            who = who() if callable(who) else who
            answer = call(api, method, path, who)
            checked += 1
            if "set-cookie" in answer.headers:
                wrong.append(f"{method} {path}: sets a cookie")
            entitled = bool(allowed.intersection(wanted)) and role in OF_ONE_ROLE.get(path, {role})
            if entitled and answer.status_code in {401, 403, 500}:
                wrong.append(f"{method} {path}: {role} {state} {paid} gets {answer.status_code} {answer.text[:100]}")
            if not entitled and answer.status_code != 403:
                wrong.append(f"{method} {path}: {role} {state} {paid} gets {answer.status_code}, not 403")
    assert not wrong, "\n".join(wrong)
    assert checked > 800


def test_the_one_socket_is_tried_elsewhere(api: Api) -> None:
    """Nobody, each role in each state, suspended: tests/web/test_sockets.py."""
    sockets = [route for route in api.client.app.routes if isinstance(route, WebSocketRoute)]  # type: ignore[attr-defined]
    assert [(route.path, wanted_by(route.route_handler)) for route in sockets] == [("/api/ws", (Permission.ACCOUNT,))]


def test_whoever_is_suspended_is_nobody_on_every_route(api: Api) -> None:
    with api.setting() as work:
        user_id = make_person(work, "artist").id
    who = api.sign_in(user_id)
    assert api.client.get("/api/users/me", headers=who).status_code == 200
    with api.setting() as work:
        from tourpad.core.identity.service import users

        users.suspend(work, user_id=user_id, reason="spam", until=None)
    private = [(m, p) for m, p, handler in routes(api) if PUBLIC not in wanted_by(handler)]
    answers = {(m, p): call(api, m, p, who).status_code for m, p in private}
    assert {key: status for key, status in answers.items() if status != 401} == {}


@dataclass
class World:
    """One of everything, with its owners and one stranger of each role."""

    ids: dict[str, UUID]
    people: dict[str, UUID]
    who: dict[str, Headers]


def make_world(api: Api) -> World:
    """An artist and a host with a private show, a fan with a paid seat, news, a sign-in, a picture, a conversation."""
    from tourpad.core.messaging import service as messaging

    with api.setting() as work:
        pair, others = make_pair(work, address=True), make_pair(work, address=True)
        concert = make_concert(work, pair, capacity=6, private=True)
        fan, other_fan = make_fan(work), make_fan(work)
        invitee = work.session.get_one(User, fan)
        concerts.invite(work, concert_id=concert.id, user_id=pair.host_user, emails=[invitee.email])
        rsvp = seat(work, concert, 2, fan=fan)
        payment = pay_door(work, rsvp)
        admin = make_person(work, "admin").id
        year = work.now.date().replace(month=12, day=1)
        trip = availability.plan(
            work, user_id=pair.artist_user, values={"state": "OH", "starts_on": year, "ends_on": year}
        )
        feed = availability.add(
            work, user_id=pair.host_user, url="https://calendar.test/a.ics", name=None, blocks=FeedBlocks.ANY
        )
        conversation = messaging.begin(work, user_id=pair.artist_user, booking_id=concert.booking_id)
        ids = {
            "concert_id": concert.id,
            "booking_id": concert.booking_id,
            "rsvp_id": rsvp.id,
            "link_id": concerts.make_invitation_link(work, concert_id=concert.id, user_id=pair.host_user).link.id,
            "payment_id": payment.id,
            "conversation_id": conversation.id,
            "trip_id": trip.id,
            "feed_id": feed.id,
            "notification_id": of_user(work, fan, page=1, limit=1)[0][0].id,
        }
    people = {
        "artist": pair.artist_user,
        "host": pair.host_user,
        "fan": fan,
        "other artist": others.artist_user,
        "other host": others.host_user,
        "other fan": other_fan,
        "admin": admin,
    }
    who = {name: api.sign_in(user_id) for name, user_id in people.items()}
    upload = {"kind": "photo", "category": "press", "mimeType": "image/jpeg", "sizeBytes": 1000}
    asked = api.client.post("/api/media/uploads", headers=who["artist"], json=upload)
    ids["media_id"] = UUID(asked.json()["media"]["id"])
    spare = api.sign_in(fan)
    sessions = api.client.get("/api/auth/sessions", headers=spare).json()["sessions"]
    ids["session_id"] = next(UUID(s["id"]) for s in sessions if s["current"])
    return World(ids, people, who)


@dataclass(frozen=True)
class Owned:
    """A route to something of somebody's: everybody else who is entitled to the route gets 404, but for `told_no`."""

    owners: tuple[str, ...]
    body: Any = None
    unasked: tuple[str, ...] = ()
    """Who would need another body."""
    told_no: tuple[str, ...] = ()
    """Who knows of it anyway, as the other side of it, and is told whose it is: 403."""


SIDES = ("artist", "host")
OWNED: dict[tuple[str, str], Owned] = {
    ("GET", "/api/bookings/{booking_id}"): Owned(SIDES),
    ("GET", "/api/bookings/{booking_id}/cancellation"): Owned(SIDES),
    ("GET", "/api/bookings/{booking_id}/agreement"): Owned((*SIDES, "admin")),
    ("GET", "/api/bookings/{booking_id}/lodging-media"): Owned(SIDES),
    ("GET", "/api/concerts/{concert_id}"): Owned((*SIDES, "fan", "admin")),
    ("GET", "/api/concerts/{concert_id}/calendar.ics"): Owned((*SIDES, "fan", "admin")),
    ("GET", "/api/concerts/{concert_id}/settlement"): Owned((*SIDES, "admin")),
    ("GET", "/api/concerts/{concert_id}/cancellation"): Owned(SIDES),
    ("GET", "/api/concerts/{concert_id}/rsvps"): Owned(SIDES),
    ("GET", "/api/concerts/{concert_id}/rsvp"): Owned(("fan",)),
    ("GET", "/api/concerts/{concert_id}/rsvp/cancellation"): Owned(("fan",)),
    ("GET", "/api/conversations/{conversation_id}/messages"): Owned(SIDES),
    ("GET", "/api/media/{media_id}"): Owned(("artist",)),
    ("GET", "/api/rsvps/{rsvp_id}/pay-link"): Owned(("host", "fan")),
    ("GET", "/api/rsvps/{rsvp_id}/pay-link/qr"): Owned(("host", "fan")),
    ("POST", "/api/concerts/{concert_id}/walk-ups"): Owned(("host",), {"name": "Ada"}, told_no=("artist",)),
    ("GET", "/api/payments/{payment_id}/receipt"): Owned(("fan", "admin")),
    ("POST", "/api/conversations/{conversation_id}/messages"): Owned(SIDES, {"content": "Hello"}),
    ("POST", "/api/conversations/{conversation_id}/read"): Owned(SIDES),
    ("POST", "/api/notifications/{notification_id}/read"): Owned(("fan",)),
    ("PATCH", "/api/media/{media_id}"): Owned(("artist",), {"title": "On stage"}),
    ("POST", "/api/media/{media_id}/complete"): Owned(("artist",)),
    ("DELETE", "/api/media/{media_id}"): Owned(("artist",)),
    ("PATCH", "/api/concerts/{concert_id}"): Owned(SIDES, {"description": "Bring a cushion."}),
    ("POST", "/api/concerts/{concert_id}/invitations"): Owned(SIDES, {"emails": ["ada@shows.test"]}),
    ("GET", "/api/concerts/{concert_id}/invitation-links"): Owned(SIDES),
    ("POST", "/api/concerts/{concert_id}/invitation-links"): Owned(SIDES, {"maxUses": 1}),
    ("DELETE", "/api/invitation-links/{link_id}"): Owned(SIDES),
    ("POST", "/api/concerts/{concert_id}/check-in"): Owned(("host",), {"rsvpId": "{rsvp_id}"}, told_no=("artist",)),
    ("POST", "/api/concerts/{concert_id}/check-in/sync"): Owned(
        ("host",), {"listToken": "none", "device": "telephone", "scans": []}, told_no=("artist",)
    ),
    ("GET", "/api/concerts/{concert_id}/guest-list"): Owned((*SIDES, "admin")),
    ("GET", "/api/concerts/{concert_id}/door-list"): Owned(("host",), told_no=("artist",)),
    ("POST", "/api/concerts/{concert_id}/door-link"): Owned(("host",), {"renew": True}, told_no=("artist",)),
    ("GET", "/api/rsvps/{rsvp_id}/ticket"): Owned(("fan",)),
    ("POST", "/api/rsvps/{rsvp_id}/ticket/renew"): Owned(("fan",)),
    ("POST", "/api/concerts/{concert_id}/rsvp"): Owned(("fan",), {"guestsCount": 1}),
    ("PATCH", "/api/rsvps/{rsvp_id}"): Owned(SIDES, {"status": "approved"}, unasked=("fan",)),
    ("PATCH", "/api/bookings/{booking_id}/respond"): Owned(SIDES, {"status": "rejected"}),
    ("POST", "/api/bookings/{booking_id}/reschedule"): Owned(SIDES, {"houseRules": "Be kind."}),
    ("DELETE", "/api/bookings/{booking_id}/reschedule"): Owned(SIDES),
    ("POST", "/api/bookings/{booking_id}/confirm"): Owned(SIDES),
    ("POST", "/api/bookings/{booking_id}/complete"): Owned(SIDES),
    ("POST", "/api/rsvps/{rsvp_id}/keep"): Owned(("fan",), {"comes": True}),
    ("DELETE", "/api/concerts/{concert_id}/rsvp"): Owned(("fan",)),
    ("DELETE", "/api/auth/sessions/{session_id}"): Owned(("fan",)),
    ("POST", "/api/availability/me/feeds/{feed_id}/refresh"): Owned(("host",)),
    ("DELETE", "/api/availability/me/feeds/{feed_id}"): Owned(("host",)),
    ("PATCH", "/api/trips/{trip_id}"): Owned(("artist",), {"note": "A duo."}),
    ("DELETE", "/api/trips/{trip_id}"): Owned(("artist",)),
    ("POST", "/api/concerts/{concert_id}/cancel"): Owned(SIDES, {"reason": "ill"}),
    ("POST", "/api/bookings/{booking_id}/cancel"): Owned(SIDES, {"reason": "ill"}),
}
"""In the order of doing: what ends something comes last."""

ELSEWHERE: dict[tuple[str, str], str] = {
    ("GET", "/api/artists/{artist_id}"): "a public profile: whoever may browse sees it",
    ("GET", "/api/hosts/{host_id}"): "a public profile, of a home without its address",
    ("DELETE", "/api/auth/oauth/links/{identity_id}"): "tests/web/test_oauth.py",
    ("GET", "/api/hosts/{host_id}/availability"): "days without reasons: whoever may browse sees them",
    ("GET", "/api/artists/{artist_id}/availability"): "days without reasons: hosts see them",
    ("GET", "/api/trips/{trip_id}"): "hosts near it see it: tests/web/test_trips.py",
    ("POST", "/api/applications/{application_id}/answers"): "tests/web/test_applications.py",
    ("POST", "/api/invitations/{token}"): "tests/web/test_invitations.py",
    ("POST", "/api/memberships/gifts/{gift_id}/pay"): "tests/web/test_memberships.py",
    ("POST", "/api/reviews/{review_id}/response"): "tests/web/test_reviews.py",
    ("GET", "/api/admin/applications/{application_id}"): "admins see all",
    ("POST", "/api/admin/applications/{application_id}/review"): "admins see all",
    ("GET", "/api/admin/users/{user_id}"): "admins see all",
    ("POST", "/api/admin/applications/{application_id}/claim"): "admins see all",
    ("DELETE", "/api/admin/applications/{application_id}/claim"): "admins see all",
    ("PUT", "/api/admin/applications/{application_id}/scores"): "admins see all",
    ("POST", "/api/admin/applications/{application_id}/second-opinion"): "admins see all",
    ("POST", "/api/admin/applications/{application_id}/undo"): "admins see all",
    ("GET", "/api/admin/applications/{application_id}/address"): "admins see all, each look on record",
    ("PATCH", "/api/admin/applications/templates/{purpose}/{name}"): "one's own, or everybody's",
    ("DELETE", "/api/admin/applications/templates/{purpose}/{name}"): "one's own, or everybody's",
    ("PATCH", "/api/admin/users/{user_id}"): "admins see all",
    ("POST", "/api/admin/users/{user_id}/notes"): "admins see all",
}
"""Routes with an id that need no entry above, and why."""


def test_every_route_with_an_id_says_whose_it_is(api: Api) -> None:
    found = {(m, p) for m, p, handler in routes(api) if "{" in p and PUBLIC not in wanted_by(handler)}
    assert found == OWNED.keys() | ELSEWHERE.keys()


def test_what_belongs_to_others_is_not_found_and_looks_like_what_never_was(api: Api) -> None:
    world = make_world(api)
    entitled = {(m, p): frozenset(wanted_by(h)) for m, p, h in routes(api)}
    roles = {name: PERMISSIONS[UserType(name.rpartition(" ")[2]), UserState.ACTIVE] for name in world.who}
    wrong: list[str] = []

    def send(method: str, path: str, body: Any, who: str, ids: dict[str, UUID]) -> httpx.Response:
        filled = re.sub(r"\{(\w+)\}", lambda found: str(ids[found[1]]), path)
        json = re.sub(r"\{(\w+)\}", lambda found: str(ids[found[1]]), msgspec.json.encode(body or {}).decode())
        content = json if method in {"POST", "PUT", "PATCH"} else None
        headers = {**world.who[who], "content-type": "application/json", "x-request-id": "the-same-for-all"}
        return api.client.request(method, filled, headers=headers, content=content)

    nowhere = {name: uuid4() for name in world.ids}
    for (method, path), owned in OWNED.items():
        able = [name for name, may in roles.items() if may & entitled[method, path]]
        for name in able:
            if name in (*owned.owners, *owned.unasked):
                continue
            answer = send(method, path, owned.body, name, world.ids)
            if name in owned.told_no and answer.status_code == 403:
                continue
            never = send(method, path, owned.body, name, nowhere)
            if answer.status_code != 404 or told(answer) != told(never):
                wrong.append(f"{method} {path}: {name} gets {answer.text[:150]}, unknown is {never.text[:150]}")
        codes = {name: send(method, path, owned.body, name, world.ids).status_code for name in owned.owners}
        unserved = {name: code for name, code in codes.items() if code in {401, 403, 404, 500}}
        wrong += [f"{method} {path}: its owner, the {name}, gets {code}" for name, code in unserved.items()]
    assert not wrong, "\n".join(wrong)


def test_members_whose_time_is_over_keep_what_they_have_and_get_nothing_new(api: Api) -> None:
    """The fan and the artist of the show, and the strangers beside them, have stopped paying."""
    world = make_world(api)
    with api.setting() as work:
        for name, who in world.people.items():
            role = UserType(name.rpartition(" ")[2])
            if role in (UserType.FAN, UserType.ARTIST):
                lapse(work, who, role, after=MembershipState.PAST_DUE)
    nowhere = {name: uuid4() for name in world.ids}
    wrong: list[str] = []
    seen: set[tuple[str, str]] = set()
    for method, path, handler in routes(api):
        owned = OWNED.get((method, path))
        if owned is None or method != "GET":
            continue
        for name in ("artist", "fan", "other artist", "other fan"):
            may = PERMISSIONS[UserType(name.rpartition(" ")[2]), UserState.APPROVED]

            def ask(ids: dict[str, UUID], name: str = name, path: str = path) -> httpx.Response:
                filled = re.sub(r"\{(\w+)\}", lambda found: str(ids[found[1]]), path)
                return api.client.get(filled, headers={**world.who[name], "x-request-id": "the-same-for-all"})

            answer = ask(world.ids)
            if name in owned.told_no or not may.intersection(wanted_by(handler)):
                expected = answer.status_code == 403
            elif name in owned.owners:
                expected = answer.status_code not in {401, 403, 404, 500}
                seen.add((name, path))
            else:
                expected = answer.status_code == 404 and told(answer) == told(ask(nowhere))
            if not expected:
                wrong.append(f"{path}: {name} gets {answer.status_code} {answer.text[:150]}")
    assert not wrong, "\n".join(wrong)
    kept = {
        ("fan", "/api/rsvps/{rsvp_id}/ticket"),
        ("fan", "/api/concerts/{concert_id}"),
        *(("artist", f"/api/bookings/{{booking_id}}{more}") for more in ("", "/agreement", "/cancellation")),
    }
    assert kept <= seen
    asked = api.client.post(
        f"/api/concerts/{world.ids['concert_id']}/rsvp", headers=world.who["fan"], json={"guestsCount": 1}
    )
    assert (asked.status_code, asked.json()["hint"]) == (403, "Take a membership: POST /api/memberships/checkout.")
