"""`--help` answers fast: printing it imports no database, payment, storage, mail or web package."""

import json
import subprocess
import sys

from tools.house_rules import HEAVY

ASK = """
import json, sys
from typer.main import get_command
from tourpad.cli.commands import application

def paths(command, path):
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from paths(child, [*path, name])

asked = list(paths(get_command(application()), []))
for path in asked:
    application(path)([*path, "--help"], standalone_mode=False, prog_name="tourpad")
json.dump({"asked": [" ".join(p) for p in asked], "modules": sorted(sys.modules)}, sys.stderr)
"""


def test_no_help_page_pays_for_what_it_does_not_use() -> None:
    printed = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    seen = json.loads(printed.stderr)

    assert {"", "db upgrade"} <= set(seen["asked"])
    assert printed.stdout.count("Usage: tourpad") == len(seen["asked"])
    assert HEAVY & {name.partition(".")[0] for name in seen["modules"]} == set()
