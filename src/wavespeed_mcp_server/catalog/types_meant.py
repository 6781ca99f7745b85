"""Which types of models are meant, in whatever notation."""

import re
from collections.abc import Sequence

# How alike two words are that differ by a slip.
SLIP = 0.85


def types_meant(given: str, known: Sequence[str]) -> tuple[list[str], str]:
    """The known types among what is given with commas between, and all else as words to search for."""
    found: list[str] = []
    words: list[str] = []
    for part in filter(None, map(str.strip, re.split(r"[,;|]", given))):
        plain = "-".join(re.split(r"[\s_-]+", part.lower()))
        if plain in known:
            found.append(plain)
            continue
        import difflib  # only a slip needs it

        close = difflib.get_close_matches(plain, known, n=2, cutoff=SLIP)
        if len(close) == 1:
            found += close
        else:
            words.append(part)
    return found, " ".join(words)
