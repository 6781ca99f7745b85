"""JSON that every browser reads, whatever the texts and numbers from outside hold."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any


def page_json(value: Any) -> str:
    """`value` in ASCII, so that half a surrogate pair does no harm; what is no finite number is null."""
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value
