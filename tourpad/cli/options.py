"""Options that many commands share, spelled once."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, change nothing.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many rows.")]
