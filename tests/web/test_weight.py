"""A process of the API loads what requests need, and no library that only jobs, uploads or strangers' tokens need."""

import json
import os
import subprocess
import sys
from pathlib import Path

BANISHED = (
    *("alembic", "apscheduler", "attr", "boto3", "botocore", "cryptography", "httpx", "jinja2", "jwt"),
    *("PIL", "pydantic", "reportlab", "rich", "segno", "sendgrid", "stripe", "typer", "tzfpy"),
)
ATTEMPT = """
import json, sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tourpad.core.identity import tokens
from tourpad.core.places import find_town
from tourpad.core.platform import Platform
from tourpad.core.settings import load_settings
import tourpad.cli.serving
import tourpad.web.server
from tourpad.web.app import create_app

settings = load_settings()
create_app(Platform.open(settings))
now = datetime.now(UTC)
token = tokens.mint_access(settings.secret, user_id=uuid4(), session_id=uuid4(), now=now, life=timedelta(minutes=1))
tokens.read_access(settings.secret, token, now=now)
assert find_town("Columbus OH") is not None
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def test_what_is_heavy_waits_until_somebody_needs_it(tmp_path: Path) -> None:
    environment = os.environ | {
        "TOURPAD_ENV": "test",
        "TOURPAD_HOME": str(tmp_path),
        "TOURPAD_SECRET": "a secret that is long enough to sign with",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }
    done = subprocess.run([sys.executable, "-c", ATTEMPT], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    assert "litestar" in loaded
    assert [name for name in BANISHED if name in loaded] == []
