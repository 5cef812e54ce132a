"""What a job did, in words."""

from collections.abc import Mapping


def in_words(done: Mapping[str, int]) -> str:
    """`2 sent, $309.99 sent, 1 concert`: what a job counted, without what there was none of.

    Args:
        done: as jobs answer it; a key that ends in `_cents` is an amount.
    """
    from tourpad.core.money import usd

    said: list[str] = []
    for what, count in done.items():
        words = what.replace("_", " ")
        if not count:
            continue
        if what.endswith("_cents"):
            said.append(f"{usd(count)} {words.removesuffix(' cents')}")
        else:
            said.append(f"{count:,} {words.removesuffix('s') if count == 1 else words}")
    return ", ".join(said)
