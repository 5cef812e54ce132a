"""The console script, and its one way out."""

import gc
import os
import sys
from typing import Final

_NEW_THINGS: Final = 50_000
"""So many before garbage is looked for. A command's start makes hundreds of thousands, and nearly all of them stay."""


def run() -> None:
    """The console script: run a command, and turn any error into one line and an exit code."""
    # Typer checks options with pydantic, which would look through every installed package for plugins of its own.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(_NEW_THINGS, 20, 20)
    words = sys.argv[1:]
    try:
        from tourpad.cli import serving

        server = serving.plainly_asked(words)
        if server is not None:
            serving.serve(server)
            return
        # Deferred so that a module's fault shows as an error line, too.
        from tourpad.cli.commands import application
        from tourpad.cli.errors import INTERRUPTED

        code = application(words)(standalone_mode=False)
        if code == INTERRUPTED:
            # Typer turns Ctrl-C into this code without a word.
            raise KeyboardInterrupt  # noqa: TRY301 - the one way out is below
        sys.exit(code if isinstance(code, int) else 0)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - this is the one way out
        from tourpad.cli.errors import leave

        leave(error)
