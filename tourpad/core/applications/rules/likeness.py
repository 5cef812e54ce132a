"""By what two applications are known to be alike. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from tourpad.core.applications.states import ApplicationKind, MarkKind

ALIKE_NAMES = 0.55
"""Of the three-letter pieces of two names so large a share is the same (pg_trgm's `similarity`)."""

SHORTEST_NAME = 4
"""Names shorter than this are like too many others."""

NEAR_METRES = 150.0
"""Two homes nearer than this are likely one."""

_HOSTS_OF_EVERYBODY = frozenset({"instagram.com", "facebook.com", "youtube.com", "soundcloud.com", "tiktok.com"})
"""An address that is nothing but one of these is nobody's own."""


def link_mark(url: str) -> str | None:
    """An address in the form in which two spellings of it are one; nothing where it says too little."""
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    path = parts.path.rstrip("/")
    # A video's name is its query; elsewhere queries are where somebody came from.
    video = re.search(r"(?:^|&)v=([\w-]+)", parts.query) if host.endswith("youtube.com") else None
    if host == "youtu.be":
        host, video, path = "youtube.com", re.match(r"/([\w-]+)", path), ""
    if video is not None:
        return f"youtube.com/{video[1]}"
    if not host or (host in _HOSTS_OF_EVERYBODY and not path):
        return None
    return f"{host}{path}".lower() if host in _HOSTS_OF_EVERYBODY else f"{host}{path}"


def name_mark(name: str) -> str | None:
    """A name in the form in which two of them are compared."""
    words = [w for w in re.findall(r"\w+", name.casefold()) if w not in ("the", "and", "of", "a")]
    clean = " ".join(words)
    return clean if len(clean) >= SHORTEST_NAME else None


def marks(kind: ApplicationKind, answers: Mapping[str, Any], *, person: str) -> set[tuple[MarkKind, str]]:
    """Everything by which an application can be found to be like another.

    Args:
        kind: of the application.
        answers: its form.
        person: the applicant's name.
    """
    title = answers.get("stage_name" if kind is ApplicationKind.ARTIST else "venue_name")
    names: Iterable[str] = (person, str(title or ""))
    found = {(MarkKind.NAME, mark) for name in names if (mark := name_mark(name))}
    return found | {(MarkKind.LINK, mark) for url in _links(answers) if (mark := link_mark(url))}


def _links(answers: Mapping[str, Any]) -> Iterator[str]:
    for name in ("performance_video_url", "music_profile_url", "press_photo_url"):
        if answers.get(name):
            yield str(answers[name])
    yield from (str(url) for url in (answers.get("social_links") or {}).values())
    yield from (str(url) for url in answers.get("venue_photo_urls") or ())
    yield from (str(sample["url"]) for sample in answers.get("music_samples") or () if sample.get("url"))
