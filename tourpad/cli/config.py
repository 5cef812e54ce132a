"""`tourpad config`: every setting, its value, and where it came from."""

import typer

from tourpad.cli import options
from tourpad.cli.output import Column, is_terminal, say, show_list

app = typer.Typer(no_args_is_help=True, help="Settings: what they are, and where each came from.")


@app.callback()
def _group() -> None:
    """Settings: what they are, and where each came from."""


@app.command("show")
def show(*, as_json: options.Json = False) -> None:
    """Show every setting; secrets are masked. Order: environment, .env, tourpad.toml, default.

    What keeps production from starting is shown, too, and named; nothing is started here.
    """
    from tourpad.core.providers import PARTS, variable
    from tourpad.core.settings import production_faults, read_settings, setting_fields

    settings, unreadable = read_settings()
    faults = [*unreadable, *production_faults(settings)]
    wrong = {fault.split(" ", 1)[0].rstrip(":"): fault for fault in faults}
    rows = [
        {
            "variable": item.metadata["variable"],
            "value": masked(getattr(settings, item.name), secret=item.metadata["secret"]),
            "from": settings.origins[item.name],
            "meaning": item.metadata["doc"],
            "fault": wrong.get(item.metadata["variable"]),
        }
        for item in setting_fields()
    ]
    rows += [
        {
            "variable": variable(provider.name, part),
            "value": masked(getattr(provider, attribute), secret=secret),
            "from": settings.origins[variable(provider.name, part)],
            "meaning": f"sign-in with {provider.name}: {meaning}",
            "fault": wrong.get(variable(provider.name, part)),
        }
        for provider in settings.providers
        for part, attribute, meaning, secret in PARTS
    ]
    columns = [
        Column("variable", style=lambda row: "red" if row["fault"] else ""),
        Column("value"),
        Column("from", style=lambda row: "dim" if row["from"] == "default" else "bold"),
        Column("meaning", style="dim"),
        *([] if is_terminal() else [Column("fault")]),
    ]
    given = sum(row["from"] not in ("default", "generated") for row in rows)
    closing = f"{len(rows)} settings, {given} of them given; the rest are defaults.  Is it all well?  tourpad doctor"
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="settings",
        extra={"faults": faults},
        empty="There are no settings.",
        closing=closing,
    )
    if faults and is_terminal() and not as_json:
        from rich.markup import escape

        say(f"\n[red]It can't start like this ({settings.env}):[/red]")
        for fault in faults:
            say(f"  {escape(fault)}")


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
