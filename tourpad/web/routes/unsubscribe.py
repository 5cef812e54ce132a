"""No more mails of a kind, with one click (RFC 8058).

Mail programs POST; people follow the link and see a button.
"""

from html import escape
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post

from tourpad.core.actors import NOBODY
from tourpad.core.notifications import queries, rules, service
from tourpad.core.notifications.states import Category, Channel
from tourpad.core.platform import Platform
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.shapes import Output

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
<title>TourPad mails</title></head>
<body style="font:18px/1.5 Georgia,serif;max-width:32em;margin:4em auto;padding:0 1em">
<h1>{title}</h1>
{rest}
</body>
</html>
"""
_BUTTON = """<form method="post">
<button style="font:inherit;padding:.5em 1em">No more mails about {about}</button>
</form>"""


class SubscriptionOut(Output):
    """Whether mails of the category that the link names are sent."""

    category: Category
    about: str
    subscribed: bool


def _answer(request: Request[Any, Any, Any], state: SubscriptionOut) -> Response[bytes]:
    """JSON for programs, a page for browsers."""
    headers = {"Cache-Control": "no-store"}
    if "text/html" not in request.headers.get("accept", ""):
        body = msgspec.json.encode(state)
        return Response(body, status_code=200, media_type=MediaType.JSON, headers=headers)
    about = escape(state.about)
    if state.subscribed:
        page = _PAGE.format(title="One click", rest=_BUTTON.format(about=about))
    else:
        done = f"<p>You get no more mails about {about}. The app still shows the news.</p>"
        page = _PAGE.format(title="Done", rest=done)
    return Response(page.encode(), status_code=200, media_type=MediaType.HTML, headers=headers)


@get("/api/unsubscribe/{token:str}", **needs(PUBLIC), tags=["notifications"])
def look(token: str, request: Request[Any, Any, Any], platform: Platform) -> Response[bytes]:
    """What the link would end. Changes nothing: mail scanners follow links, too."""
    user_id, category = rules.read_unsubscribe_token(platform.settings.secret, token)
    with platform.work(NOBODY) as work:
        refused = queries.refused_channels(work, user_id, category)
    state = SubscriptionOut(
        category=category, about=rules.ABOUT[category], subscribed=Channel.EMAIL not in refused
    )
    return _answer(request, state)


@post("/api/unsubscribe/{token:str}", status_code=200, **needs(PUBLIC), tags=["notifications"])
def unsubscribe(token: str, request: Request[Any, Any, Any], platform: Platform) -> Response[bytes]:
    """End the mails of that category. Safe to repeat."""
    with platform.work(NOBODY) as work:
        category = service.unsubscribe(work, token=token)
        work.commit()
    return _answer(request, SubscriptionOut(category=category, about=rules.ABOUT[category], subscribed=False))


ROUTES = (look, unsubscribe)
