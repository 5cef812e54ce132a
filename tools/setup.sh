#!/bin/sh
# Finds a Python that is new enough and hands over to tools/bootstrap.py, which makes .venv with it.
set -eu
cd "$(dirname "$0")/.."

fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    candidates=$PYTHON
else
    candidates="python3 python3.13 python3.12 python3.11 python3.14 python"
fi
for candidate in $candidates; do
    if fits "$candidate"; then
        exec "$candidate" tools/bootstrap.py
    fi
done
if [ -z "${PYTHON:-}" ] && found=$(uv python find --no-python-downloads '>=3.11' 2>/dev/null); then
    exec "$found" tools/bootstrap.py
fi

first=${candidates%% *}
version=$("$first" -c 'import sys; print("is %d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || version="does not run"
echo "TourPad needs Python 3.11 or newer; $first here $version." \
    "Install one (Debian, Ubuntu: apt install python3 python3-venv) or name it: make demo PYTHON=/path/to/python3.12" >&2
exit 1
