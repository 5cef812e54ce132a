"""`python -m tourpad` is `tourpad`."""

from tourpad.cli.main import run

run()
