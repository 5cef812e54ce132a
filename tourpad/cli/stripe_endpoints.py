"""`tourpad stripe endpoints`: what to enter at Stripe, so that it tells us of all that we listen for."""

from typing import TYPE_CHECKING, Any

from tourpad.cli import options
from tourpad.cli.context import load
from tourpad.cli.output import Column, console, folded, is_terminal, print_json, say, show_list

if TYPE_CHECKING:
    from tourpad.core.settings import Settings

SECRETS = {"platform": "STRIPE_WEBHOOK_SECRET", "connect": "STRIPE_CONNECT_WEBHOOK_SECRET"}


def endpoints(*, as_json: options.Json = False) -> None:
    """Show the webhook endpoints to make at Stripe: address, whom each listens to, its secret's name, its events."""
    rows = _endpoints(load())
    if as_json:
        print_json({"endpoints": rows})
    elif not is_terminal():
        events = [{**row, "event": event} for row in rows for event in row["events"]]
        columns = [Column(name) for name in ("endpoint", "url", "listens_to", "secret", "is_set", "event")]
        show_list(events, columns, as_json=False, empty="")
    else:
        for row in rows:
            standing = "set" if row["is_set"] else "[red]not set[/red]"
            say(f"[bold]{row['url']}[/bold]")
            say(f"  listens to {row['listens_to']}; {row['secret']} is {standing}")
            print("\n".join(folded("  " + ", ".join(row["events"]), console().width)) + "\n")
        say("How they stand:  tourpad stripe doctor")


def _endpoints(settings: "Settings") -> list[dict[str, Any]]:
    from tourpad.core.gateways.stripe.wanted import endpoints as wanted

    known = {"platform": settings.webhook_secret, "connect": settings.connect_webhook_secret}
    return [
        {
            "endpoint": one.name,
            "url": one.url,
            "listens_to": "connected accounts" if one.connect else "the platform's own account",
            "secret": SECRETS[one.name],
            "is_set": known[one.name] is not None,
            # A pattern of ours stands for several types, which Stripe lists one by one.
            "events": [event.replace("[*", "[…].*") for event in one.events],
        }
        for one in wanted(settings)
    ]
