"""A model's inputs in one line, so that an agent can usually run it without a second call."""

import json
from typing import Any

from .model import Model, clean, figure
from .schema import API_FLAGS, limits, must_be_given, properties

LENGTH = 125
VALUE_LENGTH = 30
CHOICES_LENGTH = 60

# What a caller most often sets, in this order; the rest follows in the schema's own.
_ORDER = """
prompt image images video audio text last_image end_image reference_images duration size aspect_ratio
resolution target_resolution num_images quality voice_id style lyrics generate_audio output_format loras
"""
_USEFUL = _ORDER.split()
_TAIL = frozenset(("seed", "negative_prompt", "enable_prompt_expansion", "guidance_scale"))


def signature(model: Model, length: int = LENGTH) -> str:
    """`prompt*, size=1024*1024, num_images=1 (1..4), output_format=jpeg|png`.

    What must be given comes first, marked with `*`, and is always shown whole; then the most useful of the
    rest within `length` characters, and `+N` for the N left out. `enable_sync_mode` and
    `enable_base64_output` are left out.
    """
    found = properties(model.schema)
    needed = must_be_given(model.schema)
    parts = [f"{clean(key, 60)}*{_values(key, found[key])}" for key in needed]
    optional = [key for key in found if key not in needed and key not in API_FLAGS]
    optional.sort(key=_usefulness)
    used = len(", ".join(parts))
    shown: set[str] = set()
    for key in optional:
        part = f"{clean(key, 60)}{_values(key, found[key])}"
        if parts and used + len(part) + 2 > length - 5:
            continue
        shown.add(key)
        used += len(part) + 2
    parts += [f"{clean(key, 60)}{_values(key, found[key])}" for key in found if key in shown]
    left = len(optional) - len(shown)
    return ", ".join([*parts, f"+{left}"] if left else parts)


def _usefulness(key: str) -> int:
    if key in _USEFUL:
        return _USEFUL.index(key)
    return len(_USEFUL) + (1 if key in _TAIL else 0)


def _values(key: str, rule: dict[str, Any]) -> str:
    default = rule.get("default")
    choices = rule.get("enum")
    if isinstance(choices, list) and choices:
        shown = _choices(choices, default)
        return f" {shown}" if shown.startswith("(") else f"={shown}"
    kind = rule.get("type")
    if kind == "array":
        return "[]"
    value = "" if default in (None, "", [], -1) or isinstance(default, dict | list) else "=" + _plain(default)
    low, high = limits(rule)
    if kind in ("integer", "number") and low is not None and high is not None and abs(high) < 10_000:
        return f"{value} ({figure(low)}..{figure(high)})"
    if not value and kind in ("integer", "number", "boolean") and key not in _TAIL:
        return "=true|false" if kind == "boolean" else "=number"
    return value


def _choices(choices: list[Any], default: Any) -> str:
    """The default first, then as many others as fit; a run of integers as its ends."""
    numbers = [choice for choice in choices if isinstance(choice, int)]
    if len(numbers) > 3 and numbers == list(range(numbers[0], numbers[0] + len(choices))):
        value = "" if default is None else _plain(default) + " "
        return f"{value}({numbers[0]}..{numbers[-1]})"
    texts = [_plain(choice) for choice in choices]
    if default is not None and (first := _plain(default)) in texts:
        texts.remove(first)
        texts.insert(0, first)
    shown = texts[0]
    for index, text in enumerate(texts[1:], 1):
        if len(shown) + len(text) + 1 > CHOICES_LENGTH:
            return f"{shown}|+{len(texts) - index}"
        shown = f"{shown}|{text}"
    return shown


def _plain(value: Any) -> str:
    return clean(value if isinstance(value, str) else json.dumps(value), VALUE_LENGTH)
