"""What a model can be set to, as its request schema says: what constraints in words are held against."""

import re
from dataclasses import dataclass, field
from typing import Any

from ..model import Model, number
from ..schema import limits, properties

_SIZE = re.compile(r"(\d{3,5})\s*[*x]\s*(\d{3,5})")
_SPAN = re.compile(r"up to (\d+)[ -]?(s\b|sec|min)", re.IGNORECASE)
_COUNTS = re.compile(r"^(?:n|num_(?:images|outputs|samples)|max_images|batch_size|number_of_images)$")
_SECONDS = re.compile(r"duration|^seconds$|_length_ms$")
_PICTURES = re.compile(r"image|reference|element|asset")


@dataclass(slots=True)
class Facets:
    """Inputs by name, every value that can be chosen (lower case), and ranges of what is commonly asked for.

    `seconds` are ranges of lengths; `sizes` are width and height, `side` is the longest side that is allowed
    where the size is free; `outputs` and `pictures` are how many images come out and go in at most.
    """

    inputs: frozenset[str] = frozenset()
    values: set[str] = field(default_factory=set)
    seconds: list[tuple[float, float]] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    side: float = 0.0
    outputs: float = 1.0
    pictures: float = 0.0


def facets(model: Model) -> Facets:
    """The facets of a model."""
    rules = properties(model.schema)
    found = Facets(frozenset(rules))
    for key, rule in rules.items():
        values = _values(rule)
        found.values |= set(values)
        low, high = limits(rule)
        if _SECONDS.search(key):
            found.seconds += _seconds(values, low, high, 1000 if key.endswith("_ms") else 1)
        if _COUNTS.search(key):
            found.outputs = max(
                found.outputs, high or 1, *(float(value) for value in values if value.isdigit())
            )
        if "image" in key and rule.get("type") != "array" and rule.get("type") in ("string", None):
            found.pictures = max(found.pictures, 1)
        if rule.get("type") == "array" and _PICTURES.search(key):
            found.pictures = max(found.pictures, number(rule.get("maxItems")) or 99)
        if key in ("size", "image_size", "width"):
            found.sizes += [(int(wide), int(high)) for value in values for wide, high in _SIZE.findall(value)]
            if not found.sizes:
                found.side = high or 2048
    for amount, unit in _SPAN.findall(model.description):
        found.seconds.append((1, float(amount) * (60 if unit.lower() == "min" else 1)))
    return found


def _values(rule: dict[str, Any]) -> list[str]:
    items = rule.get("items")
    every = [rule, items] if isinstance(items, dict) else [rule]
    lists = [one.get(name) for one in every for name in ("enum", "x-enum")]
    chosen = [value for values in lists if isinstance(values, list) for value in values]
    default = rule.get("default")
    chosen += [default] if isinstance(default, str) and len(default) < 40 else []
    return [str(value).lower() for value in chosen if isinstance(value, str | int | float)]


def _seconds(
    values: list[str], low: float | None, high: float | None, unit: int
) -> list[tuple[float, float]]:
    chosen = [float(value.rstrip("s ")) for value in values if re.fullmatch(r"\d{1,6}(\.\d+)?s?", value)]
    if chosen:
        return [(value / unit, value / unit) for value in chosen]
    return [((low or 1) / unit, high / unit)] if high else []
