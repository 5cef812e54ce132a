"""What the options before the command's name set."""

debug: bool = False
"""`--debug`: tracebacks instead of one line."""
