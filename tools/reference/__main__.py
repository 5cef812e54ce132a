"""`python -m tools.reference`: write the reference anew. `--check` writes nothing and exits 1 where it would."""

import sys

from tools.reference.pages import PAGES
from tools.reference.text import ROOT

FOLDER = ROOT / "docs" / "reference"


def main() -> int:
    """Write every page that is not as the code says."""
    check = "--check" in sys.argv[1:]
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale: list[str] = []
    for name, render in PAGES.items():
        path = FOLDER / name
        text = render()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    print(f"{'Stale' if check else 'Written'}: {', '.join(stale)}." if stale else "The reference is as the code says.")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
