"""`tourpad config`: every setting, its value, and where it came from."""

import typer

from tourpad.cli import options
from tourpad.cli.context import load
from tourpad.cli.output import Column, show_list

app = typer.Typer(no_args_is_help=True, help="Settings: what they are, and where each came from.")


@app.callback()
def _group() -> None:
    """Settings: what they are, and where each came from."""


@app.command("show")
def show(*, as_json: options.Json = False) -> None:
    """Show every setting; secrets are masked. Order: environment, .env, tourpad.toml, default."""
    from tourpad.core.providers import PARTS, variable
    from tourpad.core.settings import setting_fields

    settings = load()
    rows = [
        {
            "variable": item.metadata["variable"],
            "value": masked(getattr(settings, item.name), secret=item.metadata["secret"]),
            "from": settings.origins[item.name],
            "meaning": item.metadata["doc"],
        }
        for item in setting_fields()
    ]
    rows += [
        {
            "variable": variable(provider.name, part),
            "value": masked(getattr(provider, attribute), secret=secret),
            "from": settings.origins[variable(provider.name, part)],
            "meaning": f"sign-in with {provider.name}: {meaning}",
        }
        for provider in settings.providers
        for part, attribute, meaning, secret in PARTS
    ]
    columns = [
        Column("variable"),
        Column("value"),
        Column("from", style=lambda row: "dim" if row["from"] == "default" else "bold"),
        Column("meaning", style="dim"),
    ]
    given = sum(row["from"] not in ("default", "generated") for row in rows)
    closing = f"{len(rows)} settings, {given} of them given; the rest are defaults.  Is it all well?  tourpad doctor"
    show_list(rows, columns, as_json=as_json, key="settings", empty="There are no settings.", closing=closing)


def masked(value: object, *, secret: bool) -> str | None:
    """A value as it may be shown: of a secret its end at most, of an address with a password in it all but that."""
    if value is None or value in ((), ""):
        return None
    text = ", ".join(str(v) for v in value) if isinstance(value, tuple) else str(value)
    if not secret:
        return text
    if "://" in text:
        scheme, rest = text.split("://", 1)
        credentials, at, host = rest.rpartition("@")
        return f"{scheme}://{credentials.split(':', 1)[0]}:****@{host}" if at and ":" in credentials else text
    return "****" + (text[-4:] if len(text) >= 16 else "")  # noqa: PLR2004 - short ones would give too much away
