"""Whether a task in the history may be the one that a body made: the API rewrites what it is given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from ..ledger import digest_long_texts

_MISSING: Any = object()
_SPACE = re.compile(r"\s+")
# What stands for "choose for me" in models' inputs.
_UNCHOSEN = (None, "", -1, "-1", "auto", "random")
_ADDRESS = re.compile(r"(https?|data|sha256):", re.IGNORECASE)


def same_inputs(sent: dict[str, Any], shown: dict[str, Any], defaults: Mapping[str, Any]) -> bool:
    """Equal, where one side may spell out the model's own defaults."""
    filled = digest_long_texts(defaults)
    return {**filled, **digest_long_texts(sent)} == {**filled, **digest_long_texts(shown)}


def may_be_same(sent: dict[str, Any], shown: dict[str, Any]) -> bool:
    """They differ only where the API may have filled in, drawn, cleaned, moved or dropped a value."""
    sent, shown = digest_long_texts(sent), digest_long_texts(shown)
    return all(_may_be(sent.get(name, _MISSING), shown.get(name, _MISSING)) for name in {*sent, *shown})


def _may_be(sent: Any, shown: Any) -> bool:
    if sent is _MISSING or shown is _MISSING or sent in _UNCHOSEN:
        return True
    if isinstance(sent, dict) and isinstance(shown, dict):
        return may_be_same(sent, shown)
    if isinstance(sent, list) and isinstance(shown, list):
        return len(sent) == len(shown) and all(map(_may_be, sent, shown))
    if _ADDRESS.match(str(sent)) and _ADDRESS.match(str(shown)):
        return True
    return bool(_plain(sent) == _plain(shown))


def _plain(value: Any) -> Any:
    """Texts without what cleaning takes from them, numbers whatever they are written as."""
    if isinstance(value, str):
        value = _SPACE.sub(" ", unicodedata.normalize("NFKC", value)).strip()
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return value
