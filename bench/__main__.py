"""`python -m bench NAME [N] [option=value …]`: run one benchmark, print its tables, keep its numbers."""

import importlib
import inspect
import os
import sys
from pathlib import Path
from typing import NoReturn

from bench.harness import Bench, Report

HERE = Path(__file__).parent


def main(arguments: list[str]) -> None:
    """Run the benchmark that is named; options are the keyword arguments of its `run`, and `results=FOLDER`.

    A `run` that answers a sentence has missed its aim; the numbers are kept all the same.
    """
    if not arguments or arguments[0] not in _names():
        _stop(f"Which one? {', '.join(_names())}")
    name, *rest = arguments
    run = importlib.import_module(f"bench.{name}").run
    known = inspect.signature(run).parameters
    size = int(rest.pop(0)) if rest and rest[0].isdigit() else None
    options: dict[str, int | str] = {}
    folder = HERE / "results"
    for argument in rest:
        option, sign, value = argument.partition("=")
        if option == "results" and sign:
            folder = Path(value)
            continue
        if not sign or option not in known:
            _stop(f"{argument!r} is no option of {name}: {', '.join(f'{o}=…' for o in list(known)[2:])}")
        options[option] = int(value) if value.isdigit() else value
    n = size if size is not None else int(known["n"].default)
    report = Report(name, n, {**{o: p.default for o, p in list(known.items())[2:]}, **options})
    with Bench(report, folder) as bench:
        missed = run(bench, n, **options)
    print(f"Numbers: {os.path.relpath(report.save(folder))}")
    if missed:
        _stop(str(missed), code=1)


def _names() -> list[str]:
    """What there is: packages and modules with a `run`, except this harness."""
    own = {"__init__", "__main__", "harness", "bulk", "processes", "results", "__pycache__"}
    return sorted(path.stem for path in HERE.iterdir() if path.stem not in own and path.suffix in ("", ".py"))


def _stop(message: str, *, code: int = 2) -> NoReturn:
    print(message, file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
