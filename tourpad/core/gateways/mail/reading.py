"""Reading a mail as a person does: which links are in it."""

import re
from html import unescape

_PLAIN = re.compile(r"https?://[^\s<>\"]+")
_HREF = re.compile(r"""href=["'](https?://[^"']+)["']""")


def links(text: str, html: str) -> list[str]:
    """Every link of a mail once, in the order in which the text has them, then those that only the HTML has."""
    found = [url.rstrip(".,;:!?)]'") for url in _PLAIN.findall(text)]
    found += [unescape(url) for url in _HREF.findall(html)]
    return list(dict.fromkeys(found))
