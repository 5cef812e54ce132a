"""`tourpad dev` as a process: everything for local work, at whatever port was taken."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests import plain_http
from tourpad.core.settings import SANDBOX_SECRET_KEY

if TYPE_CHECKING:
    from tests.command import Command

DEV = (sys.executable, "-c", "from tourpad.cli.main import run; run()", "dev", "--port", "0")


def test_it_answers_where_it_says_and_stripe_tells_its_news_there(cli: "Command") -> None:
    environment = {**os.environ, **cli.environment, "TOURPAD_ENV": "dev"}
    with subprocess.Popen(DEV, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            said = [process.stdout.readline()]
            while "Sign in:" not in said[-1]:  # a busy machine's jobs say that they are late
                said.append(process.stdout.readline())
                assert said[-1], said
            api, stripe, *_ = (
                found[0] for found in (re.search(r"http://127\.0\.0\.1:\d+", line) for line in said) if found
            )
            # Commands beside it write mails with links, too.
            assert [line for line in said if line.endswith(f"export TOURPAD_BASE_URL={api}\n")]
            assert plain_http.get(f"{api}/readyz", timeout=10).json() == {"status": "ok", "problems": {}}
            key = {"Authorization": f"Bearer {SANDBOX_SECRET_KEY}"}
            paid = {
                "amount": "1500",
                "currency": "usd",
                "payment_method": "pm_card_visa",
                "confirm": "true",
                "return_url": "https://a.example",
            }
            assert (
                plain_http.post(f"{stripe}/v1/payment_intents", headers=key, data=paid, timeout=10).status_code == 200
            )
            assert plain_http.post(f"{stripe}/_sandbox/deliveries/flush", timeout=60).json()["pending"] == 0
            counted = plain_http.get(f"{api}/metrics", timeout=10).text
            assert 'requests_total{method="POST",route="/api/payments/webhook",status="200"}' in counted
            process.send_signal(signal.SIGINT)
            assert process.stdout.read().endswith("Stopped.\n")
            assert process.wait(30) == 0
            # The next one comes back there, so that payment links in mails still lead somewhere.
            kept = Path(cli.environment["TOURPAD_HOME"], "sandbox.port").read_text(encoding="ascii")
            assert stripe.endswith(f":{kept.strip()}")
        finally:
            process.kill()
