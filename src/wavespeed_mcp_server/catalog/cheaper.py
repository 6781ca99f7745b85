"""Which changes of an input make a run cheaper: fewer outputs, a lower resolution, a shorter one, no sound.

What they save is for a quote to tell. Values are those that the model's own schema names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .check import check_input, is_same
from .errors import InputRefused
from .model import Model, number
from .prices import price_inputs
from .schema import defaults, limits, properties

FEWER, LOWER, SHORTER, WITHOUT = "fewer outputs", "a lower resolution", "shorter", "without an extra"
OPTION = "another option"
KINDS = (FEWER, LOWER, SHORTER, WITHOUT, OPTION)
MOST_VALUES = 4

_COUNTS = frozenset(("num_images", "max_images", "num_outputs", "num_samples", "batch_size", "n", "count"))
_SHARPNESS = re.compile(r"resolution|quality|(?:^|_)size$|megapixels")
_LENGTHS = re.compile(r"duration|seconds|length_ms|num_frames")
_NEVER_PRICED = re.compile(r"format|ratio|language|voice|speaker|style|emotion|gender|orientation|direction")
_MOST_OPTIONS = 6
_SIZE = re.compile(r"(\d{2,5})\s*[*xX]\s*(\d{2,5})")
_FIGURE = re.compile(r"(\d+(?:\.\d+)?)\s*(k?)", re.IGNORECASE)
_WORDS = {
    word: rank
    for rank, words in enumerate(
        (("draft",), ("low", "basic"), ("standard", "sd", "medium"), ("hd", "high"), ("ultra", "max"))
    )
    for word in words
}


@dataclass(frozen=True)
class Change:
    """One input with another value. `kind` is one of `KINDS`."""

    kind: str
    key: str
    value: Any


def cheaper_changes(model: Model, inputs: dict[str, Any], share: float) -> list[Change]:
    """Changes of one input each that may make a run of `inputs` cheaper, for each input the best guess first.

    `share` is what the run may cost, as a share of what it costs as it is.
    """
    found = properties(model.schema)
    assumed = defaults(model)
    changes: list[Change] = []
    for key in dict.fromkeys([*price_inputs(model), *(key for key in found if key in _COUNTS)]):
        kind = _kind(key, found[key])
        now = inputs.get(key, assumed.get(key))
        if kind is None or now is None:
            continue
        values = [value for value in _lower(found[key], now, share, kind) if _fits(model, inputs, key, value)]
        if len(values) > MOST_VALUES:
            values = [*values[: MOST_VALUES - 1], values[-1]]
        changes += [Change(kind, key, value) for value in values]
    return [*changes, *_other_options(model, inputs, {one.key for one in changes})]


def _other_options(model: Model, inputs: dict[str, Any], told: set[str]) -> Iterator[Change]:
    """Every other choice of the inputs whose choices tell no order, so that only a quote knows."""
    for key, rule in properties(model.schema).items():
        choices = rule.get("enum")
        if key in told or _NEVER_PRICED.search(key) or not isinstance(choices, list):
            continue
        now = inputs.get(key, rule.get("default"))
        others = [one for one in choices if not is_same(one, now)]
        if now is not None and _rank(now) is None and len(others) < _MOST_OPTIONS:
            yield from (Change(OPTION, key, one) for one in others if _fits(model, inputs, key, one))


def _fits(model: Model, inputs: dict[str, Any], key: str, value: Any) -> bool:
    try:
        check_input(model, {**inputs, key: value})
    except InputRefused as error:
        return key not in error.keys
    return True


def lowest(changes: list[Change]) -> dict[str, Any]:
    """Every input of which that is known at its cheapest value."""
    return {change.key: change.value for change in changes if change.kind != OPTION}


def _kind(key: str, rule: dict[str, Any]) -> str | None:
    if rule.get("type") == "boolean":
        return WITHOUT
    if key in _COUNTS:
        return FEWER
    if _LENGTHS.search(key):
        return SHORTER
    return LOWER if _SHARPNESS.search(key) else None


def _lower(rule: dict[str, Any], now: Any, share: float, kind: str) -> Iterator[Any]:
    """Values below `now`, the one that is nearest to what may be spent first and the lowest last."""
    if kind == WITHOUT:
        if now is True:
            yield False
        return
    choices = rule.get("enum") or rule.get("x-enum")
    if isinstance(choices, list):
        yield from _lower_choices(choices, now)
    elif isinstance(now, str):
        yield from _smaller_sizes(now, share)
    elif (amount := number(now)) is not None:
        whole = rule.get("type") == "integer" or isinstance(now, int)
        low = limits(rule)[0]
        least = max(low or 0.0, 1.0 if kind == FEWER else 0.0)
        wanted = [amount * share, amount / 2, *([least] if low is not None or kind == FEWER else [])]
        values = {math.floor(one) if whole else round(one, 2) for one in wanted}
        yield from (one for one in sorted(values, reverse=True) if max(least, 0.01) <= one < amount)


def _lower_choices(choices: list[Any], now: Any) -> Iterator[Any]:
    """The choices of a lower rank, highest first; of sizes those of the same shape, where there are any."""
    rank = _rank(now)
    if rank is None:
        return
    below = [(other, choice) for choice in choices if (other := _rank(choice)) is not None and other < rank]
    same = [pair for pair in below if _shape(pair[1]) == _shape(now)]
    yield from (choice for _, choice in sorted(same or below, key=lambda pair: -pair[0]))


def _rank(value: Any) -> float | None:
    """How much a choice is of something: pixels, lines, seconds, or the place of a word for quality."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip().lower()
    if size := _SIZE.search(text):
        return float(size[1]) * float(size[2])
    if text in _WORDS:
        return float(_WORDS[text])
    figure = _FIGURE.match(text)
    return float(figure[1]) * (1000 if figure[2] else 1) if figure else None


def _shape(value: Any) -> float:
    size = _SIZE.search(str(value))
    return round(int(size[1]) / int(size[2]), 1) if size and int(size[2]) else 0.0


def _smaller_sizes(now: str, share: float) -> Iterator[str]:
    """A free size with fewer pixels and the same shape, in steps of eight pixels."""
    size = _SIZE.fullmatch(now.strip())
    if size is None:
        return
    for factor in sorted({math.sqrt(max(share, 0.0)), 0.5}, reverse=True):
        width, height = (int(int(side) * factor) // 8 * 8 for side in size.groups())
        if factor < 1 and width and height:
            yield f"{width}*{height}"
