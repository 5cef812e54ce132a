"""The Stripe of a chaos run: the sandbox as a process of its own, told by lines of JSON what to serve.

`python -m tools.chaos.stripe` reads one command a line and answers each with one line: `open` a home, `bag` (the
webhooks that wait), `delivered`, `close`. It ends with its input.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tourpad.core.gateways.stripe.local import webhook_targets
from tourpad.core.settings import Settings
from tourpad.sandbox import RunningSandbox, serve
from tourpad.sandbox.events import payload

WAITING = (
    "SELECT d.seq, d.event, d.type, t.name, t.secret FROM deliveries d JOIN targets t ON t.name = d.target"
    " WHERE d.state = 'pending' ORDER BY d.seq"
)


class Office:
    """One sandbox after the other."""

    def __init__(self) -> None:
        self.running: RunningSandbox | None = None

    def open(self, *, home: str, clock: str) -> dict[str, Any]:
        """Serve the state in `home` by a clock that others move; answers where."""
        self.close()
        self.running = serve(
            Path(home), clock_file=Path(clock), webhook_targets=webhook_targets(Settings()), deliver=False
        )
        return {"url": self.running.url, "key": self.running.secret_key}

    def bag(self) -> dict[str, Any]:
        """Every webhook that waits to be delivered, in order."""
        running = self._open()
        running.engine.run_due()
        with running.store.lock:
            rows = running.store.db.execute(WAITING).fetchall()
            return {
                "bag": [
                    {
                        "seq": seq,
                        "type": kind,
                        "endpoint": target,
                        "secret": secret,
                        "body": payload(running.store.db, event).decode(),
                    }
                    for seq, event, kind, target, secret in rows
                ]
            }

    def delivered(self, *, seqs: list[int]) -> dict[str, Any]:
        """These were answered 200: they are not delivered again."""
        running = self._open()
        with running.store.transaction():
            running.store.db.executemany(
                "UPDATE deliveries SET state = 'delivered' WHERE seq = ?", [(seq,) for seq in seqs]
            )
        return {}

    def close(self) -> dict[str, Any]:
        """End the one that runs."""
        if self.running is not None:
            self.running.stop()
            self.running = None
        return {}

    def _open(self) -> RunningSandbox:
        if self.running is None:
            msg = "No sandbox is open."
            raise RuntimeError(msg)
        return self.running


def main() -> None:
    """Answer commands until the input ends."""
    office = Office()
    commands = {"open": office.open, "bag": office.bag, "delivered": office.delivered, "close": office.close}
    for line in sys.stdin:
        given: dict[str, Any] = json.loads(line)
        answer = commands[given.pop("do")](**given)
        print(json.dumps(answer), flush=True)
    office.close()


if __name__ == "__main__":
    main()
