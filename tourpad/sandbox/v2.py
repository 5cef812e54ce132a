"""What `/v2` does its own way: page tokens, absent fields, its errors."""

from urllib.parse import urlencode

from tourpad.sandbox import render
from tourpad.sandbox.errors import Obj, StripeError
from tourpad.sandbox.store import Tx

DEFAULT_LIMIT = 20
MAXIMUM_LIMIT = 100


def missing(object_id: str) -> StripeError:
    """Return `/v2`'s 404.

    Stripe's own code here is `not_found`, but its document then lets the answer be two of a `oneOf` at once.
    """
    return StripeError(f"Requested resource not found: {object_id}", status=404, code="resource_missing")


def page(tx: Tx, kind: str, params: Obj, url: str, where: Obj) -> Obj:
    """Answer a `/v2` list; the page token is the last id of the page before."""
    limit = params.get("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= MAXIMUM_LIMIT:
        message = f"limit must be between 1 and {MAXIMUM_LIMIT}"
        raise StripeError(message, code="invalid_limit", stored=False)
    token = params.get("page")
    after = tx.cursor(token, kind, "page") if token else None
    rows = tx.page(kind, where, limit=limit + 1, after=after)
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        query = {name: value for name, value in params.items() if isinstance(value, str | int) and name != "page"}
        following = f"{url}?{urlencode({**query, 'limit': limit, 'page': rows[-1]['id']})}"
    return {
        "data": [render.show(tx, row) for row in rows],
        "next_page_url": following,
        "previous_page_url": None,
    }
