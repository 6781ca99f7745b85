"""JSON from outside, as text that can be sent on."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic_core import from_json

# Escaped, or in the bytes that some encoders write for it.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")


def read_json(body: bytes) -> Any:
    """The value in `body`; half a surrogate pair, left where a text was cut inside an emoji, is U+FFFD.

    Raises:
        ValueError, RecursionError: there is none.
    """
    try:
        # Twice as fast, and stricter: what it refuses is read with patience.
        return from_json(body)
    except ValueError:
        found = json.loads(body)
    if not has_halves(body):
        return found
    text = json.dumps(found, ensure_ascii=False)
    return json.loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


def has_halves(body: bytes) -> bool:
    """There may be half a surrogate pair in this JSON."""
    return _SURROGATE.search(body) is not None
