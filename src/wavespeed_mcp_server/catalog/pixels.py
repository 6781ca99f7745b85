"""Sizes in pixels: texts of the form `width*height`.

Some models take a size that is written otherwise for none at all, and bill their default: nothing else is
sent.
"""

import math
import re
import unicodedata
from typing import Any

from .model import figure
from .schema import limits

STEP = 16
"""Every model takes sides that are multiples of it."""
TIMES = r"[*x\u00d7\u2715\u2716\u2a2f\u0445]"  # the last one is Cyrillic
UNSET = ("", "auto")
"""Whoever takes one of these for no size takes the default, as was meant."""
# Two numbers below 60 are a ratio: no model makes pictures that small.
_SIZE = re.compile(r"(?![1-5]?\d\*[1-5]?\d$)(\d+)\*(\d+)")
_SIDES = re.compile(
    rf"\(?\s*(\d{{2,5}})\s*(?:px)?\s*(?:{TIMES}|by|,)\s*(\d{{2,5}})\s*(?:px|pixels)?\s*\)?", re.IGNORECASE
)
_RATIO = re.compile(
    rf"(\d{{1,2}}(?:\.\d\d?)?)\s*(?:{TIMES}|[:/]|by|to)\s*(\d{{1,2}}(?:\.\d\d?)?)", re.IGNORECASE
)

_RANGE = re.compile(
    r"(?<![\d*x\u00d7.])(\d{2,5})\s*(?:px|pixels)?\s*(?:to|and|-|\u2013|~)\s*(\d{2,5})(?![\d*x\u00d7.])"
)
_LEAST_AND_MOST = re.compile(r"\bmin(?:imum)?\D{1,12}(\d{2,5})\D{1,12}max(?:imum)?\D{1,12}(\d{2,5})\b")
_OF_EACH_SIDE = re.compile(r"\beach\b|\bboth\b|\bper\b|\bsides?\b|\bdimensions?\b|\bwidth\b")


def is_size(rule: dict[str, Any]) -> bool:
    """Whether an input is a size in pixels."""
    return any(
        isinstance(one, str) and _SIZE.fullmatch(one) for one in [rule.get("default"), *_choices(rule)]
    )


def sides(value: Any) -> str | None:
    """`width*height`, if that is what `value` says."""
    if isinstance(value, dict) and value.keys() == {"width", "height"}:
        value = f"{value['width']}*{value['height']}"
    if isinstance(value, list) and len(value) == 2:
        value = f"{value[0]}*{value[1]}"
    found = _SIDES.fullmatch(_plain(value)) if isinstance(value, str) else None
    size = f"{found[1]}*{found[2]}" if found else ""
    return size if _SIZE.fullmatch(size) else None


def of_ratio(value: Any, rule: dict[str, Any]) -> list[str]:
    """The sizes of the ratio that `value` says: each choice of it, or the nearest in area to the default."""
    text = _plain(value).lower() if isinstance(value, str) else ""
    found = _RATIO.fullmatch("1:1" if text == "square" else text)
    width, height = (round(100 * float(found[1])), round(100 * float(found[2]))) if found else (0, 0)
    if not width or not height:
        return []
    if choices := _choices(rule):
        parted = [(one, _SIZE.fullmatch(one)) for one in choices if isinstance(one, str)]
        return [one for one, size in parted if size and int(size[1]) * height == int(size[2]) * width]
    shared = math.gcd(width, height)
    width, height = STEP * width // shared, STEP * height // shared
    size = _SIZE.fullmatch(rule["default"])
    nearest = math.sqrt(int(size[1]) * int(size[2]) / (width * height)) if size else 1.0
    counts = {max(1, math.floor(nearest)), math.ceil(nearest)}
    fitting = [count for count in counts if not _outside((count * width, count * height), rule)]
    best = min(fitting, key=lambda count: abs(math.log(count / nearest)), default=0)
    return [f"{best * width}*{best * height}"] if best else []


def size_problem(value: str, rule: dict[str, Any]) -> str:
    """What is wrong with a size, or nothing; a choice is checked as such."""
    if not is_size(rule) or _choices(rule) or value in UNSET:
        return ""
    found = _SIZE.fullmatch(value)
    if found is None:
        forms = f"width*height, such as {rule['default']}, or a ratio, such as 16:9"
        return f"must be written {sides(value) or forms}"
    low, high = _side_limits(rule)
    if not _outside((int(found[1]), int(found[2])), rule):
        return ""
    ends = " and ".join(
        f"at {word} {figure(end)}" for word, end in (("least", low), ("most", high)) if end is not None
    )
    return f"must have sides of {ends} pixels"


def _outside(both: tuple[int, int], rule: dict[str, Any]) -> bool:
    low, high = _side_limits(rule)
    return any((low is not None and one < low) or (high is not None and one > high) for one in both)


def _side_limits(rule: dict[str, Any]) -> tuple[float | None, float | None]:
    """The shortest and the longest side, as the schema has them, or its description alone."""
    if limits(rule) != (None, None):
        return limits(rule)
    described = str(rule.get("description") or "").lower().replace(",", "")
    found = _RANGE.search(described) or _LEAST_AND_MOST.search(described)
    size = _SIZE.fullmatch(str(rule.get("default")))
    if found is None or size is None or not _OF_EACH_SIDE.search(described):
        return None, None
    low, *inside, high = float(found[1]), *sorted(map(float, size.groups())), float(found[2])
    # What the model's own default is outside of is no limit.
    return (low, high) if low <= inside[0] and inside[-1] <= high else (None, None)


def _choices(rule: dict[str, Any]) -> list[Any]:
    choices = rule.get("enum")
    return choices if isinstance(choices, list) else []


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
