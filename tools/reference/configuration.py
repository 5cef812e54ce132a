"""`configuration.md`: every setting, from the metadata of `Settings`."""

from pathlib import Path
from typing import Any

from tools.reference.text import code, codes, page, table
from tourpad.core.providers import PARTS, variable
from tourpad.core.settings import Env, setting_fields

MADE = {
    "TOURPAD_HOME": "the user's data folder; `/var/lib/tourpad` for root",
    "TOURPAD_SECRET": "generated into `TOURPAD_HOME` in dev and test",
}
"""Defaults that are worked out when the process starts."""


def render() -> str:
    """The page."""
    intro = (
        "The environment wins, then `.env` in the working directory, then `tourpad.toml` there (same names as keys),"
        " then the default. `tourpad config show` prints every setting, its value with secrets masked, and where it"
        " came from. An empty value counts as not set. Amounts are cents; shares are basis points (100 is 1 %)."
    )
    fields = setting_fields()
    rows = [
        (
            code(f.metadata["variable"]),
            _kind(f),
            _default(f),
            f.metadata["doc"] + ("; secret" if f.metadata["secret"] else ""),
        )
        for f in fields
    ]
    production = [(code(f.metadata["variable"]), f.metadata["production"]) for f in fields if f.metadata["production"]]
    return page(
        "Configuration",
        intro,
        table(("variable", "kind", "default", "meaning"), rows),
        "For each name `n` in `TOURPAD_OIDC_PROVIDERS` ([signing in with other providers]"
        "(../how-to/sign-in-with-a-provider.md)):",
        table(
            ("variable", "meaning"),
            (
                (code(variable("n", part)), meaning + ("; secret" if secret else ""))
                for part, _, meaning, secret in PARTS
            ),
        ),
        "## Production",
        f"With `TOURPAD_ENV={Env.PRODUCTION}` every process refuses to start while one of these is at its default, and"
        " names each one with the reason:",
        table(("variable", "because otherwise"), production),
        "It refuses as well: debug output, rate limits turned off, a virtual clock, a Stripe key that is not a live"
        " one, another server in Stripe's place, a sign-in provider without https or client secret, and a secret of"
        " fewer than 32 characters.",
    )


def _kind(field: Any) -> str:
    name = field.type.__name__ if isinstance(field.type, type) else str(field.type)
    if "Env" in name:
        return codes(Env)
    for part, word in (
        ("tuple", "list, by commas"),
        ("bool", "true or false"),
        ("int", "whole number"),
        ("Path", "folder"),
    ):
        if part in name:
            return word
    return "text"


def _default(field: Any) -> str:
    variable = field.metadata["variable"]
    if variable in MADE:
        return MADE[variable]
    value = field.default
    if value is None or value == () or value == Path():
        return "–"
    if isinstance(value, bool):
        return code("true" if value else "false")
    return code(value)
