"""Values in another notation, put into the model's own form where only one meaning is possible.

A value that the schema allows is left as it is. One that it does not allow is read in every way that
people and models write it (`1536x1024` for `1536*1024`, `"4K"` for `4k`, `"2"` for 2, one value for a list of
one, JSON as text); only if exactly one of these readings is allowed does it take the value's place. Keys are
never guessed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .check import MAX_DEPTH, as_json, is_same, value_problems
from .choices import choices_meant
from .model import Model
from .pixels import is_size, of_ratio, sides
from .quantities import LARGEST_EXACT, numbers
from .schema import media_kind, properties, required, types_of

MAX_NOTED = 8
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_BETWEEN_SOURCES = re.compile(
    r"\s*[,;\n]\s*(?=https?://|@[/~.$%]|@[A-Za-z]:)|\s+(?=https?://)", re.IGNORECASE
)
_WRAPPED = {'"': '"', "'": "'", "<": ">", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}


@dataclass(frozen=True)
class Restated:
    """An input in the model's own form. `note` is a sentence about what was written otherwise, or nothing."""

    input: dict[str, Any]
    note: str = ""


def restate(model: Model, given: dict[str, Any]) -> Restated:
    """`given` with each value whose meaning is certain in the model's own form; `given` is not touched."""
    known = properties(model.schema)
    if not known or not isinstance(given, dict):
        return Restated(given)
    changed: list[str] = []
    restated = _object(given, model.schema or {}, "", 0, changed)
    more = f" and {len(changed) - MAX_NOTED} more" if len(changed) > MAX_NOTED else ""
    note = f"Sent in the model's own notation: {', '.join(changed[:MAX_NOTED])}{more}." if changed else ""
    return Restated(restated, note)


def is_taken(model: Model, key: str, value: Any) -> bool:
    """Whether the input `key` takes `value`, in the model's own notation or in another one."""
    rule = properties(model.schema).get(key)
    if rule is None:
        return False
    slot = _Slot.of(rule, key, key, 1)
    return slot.allows(_value(value, slot, []))


@dataclass(frozen=True)
class _Slot:
    """Where a value stands: its rule, its key, its place in the input, and whether media is wanted there."""

    rule: dict[str, Any]
    key: str
    place: str
    depth: int
    media: bool

    @classmethod
    def of(cls, rule: dict[str, Any], key: str, place: str, depth: int) -> "_Slot":
        return cls(rule, key, place, depth, media_kind(key, rule) is not None)

    def item(self, items: dict[str, Any], index: int) -> "_Slot":
        media = self.media or media_kind(self.key, items) is not None
        return _Slot(items, self.key, f"{self.place}[{index}]", self.depth + 1, media)

    def allows(self, value: Any) -> bool:
        if any(value_problems(value, self.rule, self.place, self.depth)):
            return False
        if not isinstance(value, str):
            return True
        if self.media:
            return _unwrapped(value) == value and not _is_json_text(value)
        return not is_size(self.rule) or sides(value) in (None, value)


def _object(
    given: dict[str, Any], schema: dict[str, Any], path: str, depth: int, changed: list[str]
) -> dict[str, Any]:
    known, needed = properties(schema), required(schema)
    kept = {}
    for key, value in given.items():
        if key not in known or depth > MAX_DEPTH:
            kept[key] = value
            continue
        slot = _Slot.of(known[key], key, f"{path}.{key}" if path else key, depth + 1)
        if value is None and key not in needed and not slot.allows(None):
            changed.append(f"{slot.place} left out")
        else:
            kept[key] = _value(value, slot, changed)
    return kept


def _value(value: Any, slot: _Slot, changed: list[str]) -> Any:
    inside: list[str] = []
    own = _inside(value, slot, inside)
    if not slot.allows(own):
        fitting: list[Any] = []
        for reading in _readings(own, slot):
            form = _inside(reading, slot, [])
            if slot.allows(form) and not any(is_same(form, other) for other in fitting):
                fitting.append(form)
        if len(fitting) != 1:
            return value
        own, inside = fitting[0], [f"{slot.place}={as_json(fitting[0])}"]
    exact = _exact(own, slot.rule)
    changed += inside or ([f"{slot.place}={as_json(exact)}"] if exact is not own else [])
    return exact


def _inside(value: Any, slot: _Slot, changed: list[str]) -> Any:
    """`value` with its items or members restated."""
    items = slot.rule.get("items")
    if isinstance(value, list) and isinstance(items, dict) and slot.depth <= MAX_DEPTH:
        return [_value(item, slot.item(items, index), changed) for index, item in enumerate(value)]
    if isinstance(value, dict) and properties(slot.rule):
        return _object(value, slot.rule, slot.place, slot.depth, changed)
    return value


def _exact(value: Any, rule: dict[str, Any]) -> Any:
    """A whole number as the schema writes it: 7 and not 7.0, also where both are allowed."""
    if not isinstance(value, float) or not value.is_integer() or abs(value) >= LARGEST_EXACT:
        return value
    kinds, choices = types_of(rule), rule.get("enum")
    listed = isinstance(choices, list) and any(type(one) is int and one == value for one in choices)
    return int(value) if listed or ("integer" in kinds and "number" not in kinds) else value


def _readings(value: Any, slot: _Slot) -> Iterator[Any]:
    """What `value` may mean in `slot`, whether or not that is allowed."""
    kinds, choices = types_of(slot.rule), slot.rule.get("enum")
    if isinstance(value, str):
        yield from _text_readings(value, kinds, slot)
    if isinstance(choices, list):
        yield from choices_meant(value, choices, slot.key, slot.rule)
    elif "string" in kinds and type(value) is int and not slot.media:
        yield str(value)
    if is_size(slot.rule):
        written = sides(value)
        yield from [written] if written else of_ratio(value, slot.rule)
    if isinstance(value, list) and len(value) == 1 and "array" not in kinds:
        yield value[0]
        yield from () if isinstance(value[0], list) else _readings(value[0], slot)
    elif isinstance(value, dict) and list(value) == ["url"] and slot.media:
        yield value["url"]
    if isinstance(value, str) and properties(slot.rule) and len(required(slot.rule)) == 1:
        yield {required(slot.rule)[0]: value}
    if "array" in kinds and not isinstance(value, list | None) and not _is_json_text(value):
        yield _BETWEEN_SOURCES.split(value.strip()) if slot.media and isinstance(value, str) else [value]


def _text_readings(text: str, kinds: list[str], slot: _Slot) -> Iterator[Any]:
    bare = text.strip()
    if {"integer", "number"} & set(kinds):
        yield from numbers(bare, slot.key, slot.rule)
    if "boolean" in kinds and bare.lower() in _WORDS:
        yield _WORDS[bare.lower()]
    if slot.media and bare.startswith("@["):
        yield from _marked_list(bare[1:])
    elif _is_json_text(bare) and (slot.media or {"array", "object"} & set(kinds)):
        for parsed in _from_json(bare):
            yield parsed
            yield from _readings(parsed, slot)
    if slot.media:
        yield _unwrapped(text)


def _from_json(text: str) -> Iterator[Any]:
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        return


def _marked_list(text: str) -> Iterator[Any]:
    """`@["/a.png", "/b.png"]` names each of these files."""
    for found in _from_json(text):
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            yield [one if one.startswith("@") else f"@{one}" for one in found]


def _is_json_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip().startswith(("[", "{", "@["))


def _unwrapped(text: str) -> str:
    """A URL or path without the white space, quotes or brackets that came along with it."""
    bare = text.strip()
    if bare[:9].lower().startswith(("@http://", "@https://")):
        bare = bare[1:]
    while len(bare) > 2 and _WRAPPED.get(bare[0]) == bare[-1]:
        bare = bare[1:-1].strip()
    return bare
