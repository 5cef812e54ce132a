"""The `tourpad` command as tests call it: in process, with an exit code and both outputs to compare."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from typer.testing import CliRunner


@cache
def _whole() -> Any:
    """The command as Typer builds it: once a process, for it takes longer than most commands."""
    from typer.main import get_command

    from tourpad.cli.commands import application

    return get_command(application())


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The one document that `--json` prints."""
        assert self.exit_code == 0, self.stderr
        return json.loads(self.stdout)

    @property
    def rows(self) -> list[list[str]]:
        """The lines of piped output, split at tabs."""
        return [line.split("\t") for line in self.stdout.splitlines()]


class Command:
    """`cli("users", "list", "--json")` runs the command as a shell with a pipe would."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)

    def __call__(self, *arguments: str, typed: str = "") -> Said:
        """Run `tourpad` with these arguments; `typed` is what standard input holds."""
        from tourpad.cli.errors import report

        with CliRunner().isolation(typed, env=self.environment) as (out, err, _):
            try:
                code = _whole()(arguments, standalone_mode=False, prog_name="tourpad")
            except SystemExit as error:
                code = error.code
            except BaseException as error:  # noqa: BLE001 - the command's one way out maps every error
                code = report(error)
            sys.stdout.flush()
            sys.stderr.flush()
            return Said(code if isinstance(code, int) else 0, out.getvalue().decode(), err.getvalue().decode())
