"""No more mails of a kind, with one click (RFC 8058).

Mail programs POST; people follow the link and see a button.
"""

from typing import Any, cast

from litestar import Request, Response, get, post

from tourpad.core.actors import NOBODY
from tourpad.core.notifications import queries, rules, service
from tourpad.core.notifications.states import Category, Channel
from tourpad.core.platform import Platform
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.pages import page
from tourpad.web.shapes import Output


class SubscriptionOut(Output):
    """Whether mails of the category that the link names are sent."""

    category: Category
    about: str
    subscribed: bool


def _answer(request: Request[Any, Any, Any], state: SubscriptionOut) -> Response[SubscriptionOut]:
    """JSON for programs, a page for browsers."""
    if "text/html" not in request.headers.get("accept", ""):
        return Response(state, status_code=200)
    if state.subscribed:
        form = {
            "action": request.url.path,
            "token": "",
            "button": f"No more mails about {state.about}",
            "password": False,
        }
        shown = page("One click", form=form)
    else:
        shown = page("Done", f"You get no more mails about {state.about}. The app still shows the news.")
    return cast("Response[SubscriptionOut]", shown)


@get("/api/unsubscribe/{token:str}", **needs(PUBLIC), tags=["notifications"])
def look(token: str, request: Request[Any, Any, Any], platform: Platform) -> Response[SubscriptionOut]:
    """What the link would end. Changes nothing: mail scanners follow links, too."""
    user_id, category = rules.read_unsubscribe_token(platform.settings.secret, token)
    with platform.work(NOBODY) as work:
        refused = queries.refused_channels(work, user_id, category)
    state = SubscriptionOut(category=category, about=rules.ABOUT[category], subscribed=Channel.EMAIL not in refused)
    return _answer(request, state)


@post("/api/unsubscribe/{token:str}", status_code=200, **needs(PUBLIC), tags=["notifications"])
def unsubscribe(token: str, request: Request[Any, Any, Any], platform: Platform) -> Response[SubscriptionOut]:
    """End the mails of that category. Safe to repeat."""
    with platform.work(NOBODY) as work:
        category = service.unsubscribe(work, token=token)
        work.commit()
    return _answer(request, SubscriptionOut(category=category, about=rules.ABOUT[category], subscribed=False))


ROUTES = (look, unsubscribe)
