"""`commands.md`: every command of the terminal."""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tools.reference.refusals import endings
from tools.reference.text import anchor, code, first, page, prose, table

FAILED, USAGE, REFUSED = 1, 2, 4


def render() -> str:
    """The page."""
    from tourpad.cli.commands import application
    from tourpad.cli.errors import EXIT

    root = command()
    intro = (
        "Before the command: `--debug` shows tracebacks, `--version` says which version this is. Every command has"
        " `--help`. Lists and shows print a table on a terminal, tab-separated values with full ids in a pipe, and"
        " one JSON document with `--json`. An id may be given by any part that begins or ends exactly one. What moves"
        " money or deletes asks first; `--yes` answers, `--dry-run` changes nothing. `needs` is the permission that"
        " whoever sits there must have where TOURPAD_OPERATORS is set; `development` does not run in staging and"
        " production, `machine` is for whoever looks after it."
    )
    listed = list(commands(root))
    contents = table(
        ("command", "needs", "what it does"),
        (
            (f"[`{path}`](#{anchor(path)})", code(_need(path)), first(inspect.cleandoc(found.help or "")))
            for path, found in listed
        ),
    )
    return page(
        "Commands",
        intro,
        str(application().info.epilog),
        contents,
        *(_section(path, found, EXIT) for path, found in listed),
    )


def _need(path: str) -> str:
    from tourpad.cli.needs import needed

    return needed(path.removeprefix("tourpad ")).value


@cache
def command() -> Any:
    """The whole `tourpad` command as Typer builds it."""
    from typer.main import get_command

    from tourpad.cli.commands import application

    return get_command(application())


def commands(group: Any, path: str = "tourpad") -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its path, sorted."""
    for name, child in sorted(getattr(group, "commands", {}).items()):
        if child.hidden:
            continue
        if getattr(child, "commands", None):
            yield from commands(child, f"{path} {name}")
        else:
            yield f"{path} {name}", child


def _section(path: str, found: Any, exits: Any) -> str:
    arguments = [p for p in found.params if p.param_type_name == "argument"]
    options = [p for p in found.params if p.param_type_name == "option" and not p.hidden]
    usage = " ".join([path, *(["[OPTIONS]"] if options else []), *(_metavar(a) for a in arguments)])
    ends = endings(found.callback)
    ended = sorted({0, FAILED, USAGE, REFUSED} | ends.exits | {exits[error.kind] for error in ends.errors})
    parts = [
        f"## {path}",
        f"```\n{usage}\n```",
        prose(inspect.cleandoc(found.help or "")),
        table(("argument", "meaning"), ((code(_metavar(a)), _meaning(a)) for a in arguments)),
        table(("option", "meaning"), ((_names(o), _meaning(o)) for o in options)),
        f"Exit codes: {', '.join(map(str, ended))}.",
    ]
    return "\n\n".join(part for part in parts if part)


def _metavar(argument: Any) -> str:
    name = re.sub(r"[\[\]….]", "", argument.metavar or argument.name).upper()
    name = f"{name}…" if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def _names(option: Any) -> str:
    names = ", ".join(code(n) for n in [*option.opts, *option.secondary_opts])
    if option.is_flag or option.count:
        return names
    return f"{names} {code((option.metavar or _kind(option)).upper())}"


def _kind(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    return annotation.__name__ if isinstance(annotation, type) else "text"


def _meaning(parameter: Any) -> str:
    said = [parameter.help or ""]
    annotation = parameter.type_descriptor.annotation
    if isinstance(annotation, type) and hasattr(annotation, "__members__"):
        said.append(f"One of {', '.join(code(m.value) for m in annotation.__members__.values())}.")
    if parameter.min is not None or parameter.max is not None:
        low, high = parameter.min, parameter.max
        said.append(
            f"From {low} to {high}."
            if None not in (low, high)
            else f"{low} or more."
            if high is None
            else f"At most {high}."
        )
    if parameter.required and parameter.param_type_name == "option":
        said.append("Required.")
    default = parameter.default
    if default not in (None, False, True, (), []) and not callable(default):
        said.append(f"Default: {code(getattr(default, 'value', default))}.")
    if parameter.multiple:
        said.append("May be given several times.")
    return " ".join(part for part in said if part)
