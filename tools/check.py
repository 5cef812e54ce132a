"""`make check`: format, lint, types, import contracts, own rules. All of them run."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("format", (str(BIN / "ruff"), "format", "--check", ".")),
    ("lint", (str(BIN / "ruff"), "check", ".")),
    ("types", (str(BIN / "basedpyright"),)),
    ("import contracts", (str(BIN / "lint-imports"), "--no-logo")),
    ("own rules", (sys.executable, "-m", "tools.house_rules")),
)


def main() -> int:
    """Run every step, show what the failing ones found, and name them at the end."""
    failed: list[str] = []
    for name, command in STEPS:
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        took = f"{time.monotonic() - started:.1f} s"
        if done.returncode:
            failed.append(name)
            print(f"{name}: FAILED ({took})\n{(done.stdout + done.stderr).strip()}\n", flush=True)
        else:
            print(f"{name}: ok ({took})", flush=True)
    if failed:
        print(
            f"Failed: {', '.join(failed)}. `make format` mends layout and what ruff can mend.",
            file=sys.stderr,
        )
        return 1
    print("All checks passed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
