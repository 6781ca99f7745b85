"""Is this input legal for this model? Asked before anything is paid for.

The API drops a key it does not know in silence and bills the run, so an unknown key is refused here. Where
a schema contradicts itself (a default outside its own limits, a `$ref` to nowhere) the check gives way.

Written by hand rather than with `jsonschema`: importing that takes 70 to 100 ms of a start-up budget of
100, it knows no closest key, and half of what real schemas need is an exception to it. The tests hold the two
against each other.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from .errors import InputRefused
from .model import Model, clean, figure, number
from .pixels import size_problem
from .schema import limits, properties, required, types_of

Problem = tuple[str, str]

MAX_PROBLEMS = 8
MAX_DEPTH = 8
MAX_SHOWN = 60
MAX_CHOICES = 30

_WRAPPERS = ("input", "inputs", "params", "parameters", "arguments", "body")
# What one and the same input is called in one model or another.
_SAME_THING = (
    ("size", "image_size", "aspect_ratio", "ratio", "resolution", "dimensions", "width", "height"),
    ("prompt", "text", "input_text", "description", "content", "script", "query", "message"),
    ("image", "images", "image_url", "start_image", "first_frame", "photo", "picture", "reference_images"),
    ("audio", "audio_url", "voice_audio", "sound", "song", "music", "recording"),
    ("video", "video_url", "clip"),
    ("duration", "seconds", "length", "music_length_ms", "num_frames"),
    ("num_images", "max_images", "num_outputs", "num_samples", "n", "count", "batch_size"),
    ("voice_id", "voice", "speaker"),
    ("language", "lang", "target_language", "language_boost"),
    ("output_format", "format", "file_format"),
    ("guidance_scale", "cfg_scale", "cfg", "guidance"),
    ("num_inference_steps", "steps"),
    ("speed", "rate", "speaking_rate", "voice_speed"),
    ("lyrics", "lyric", "words"),
)
_NAMES = {"string": "a string", "integer": "an integer", "number": "a number", "boolean": "true or false"}
_NAMES |= {"array": "a list", "object": "an object", "null": "null"}


def check_input(model: Model, given: dict[str, Any]) -> None:
    """Raise InputRefused naming every problem; a model without a schema takes anything."""
    schema = model.schema
    if not isinstance(given, dict):
        raise InputRefused(model.model_id, [("", f"the input must be an object, not {as_json(given)}")])
    if not properties(schema) or schema is None:
        return
    problems = list(_object_problems(given, schema, "", 0))
    if problems:
        raise InputRefused(model.model_id, problems[:MAX_PROBLEMS])


def _object_problems(
    given: dict[str, Any], schema: dict[str, Any], path: str, depth: int
) -> Iterator[Problem]:
    known = properties(schema)
    if known:
        yield from _unknown_keys(given, schema, known, path)
    for key in required(schema):
        # An outer default is filled in by the API; inside lists it is not known to be.
        if key not in given and (depth > 0 or known[key].get("default") is None):
            yield _join(path, key), f"{_join(path, key)} is required: {_allowed(known[key])}"
    for key, value in given.items():
        if key in known:
            yield from value_problems(value, known[key], _join(path, key), depth + 1)
    yield from _combined_problems(given, schema, path, depth)


def _unknown_keys(
    given: dict[str, Any], schema: dict[str, Any], known: dict[str, Any], path: str
) -> Iterator[Problem]:
    extra = schema.get("additionalProperties")
    if extra is True or (isinstance(extra, dict) and extra):
        return
    listed = False
    for key in given:
        if key not in known:
            yield _join(path, str(key)), _unknown_key(str(key), given, known, path, listed=listed)
            listed = True


def _unknown_key(key: str, given: dict[str, Any], known: dict[str, Any], path: str, *, listed: bool) -> str:
    shown = _join(path, clean(key, MAX_SHOWN) or ascii(key[:MAX_SHOWN]))
    if not path and key in _WRAPPERS and isinstance(given.get(key), dict):
        return f'{shown} is not an input: give the keys directly, without wrapping them in "{key}"'
    close = _same_thing(key, [name for name in known if name not in given]) or closest_key(key, list(known))
    close = None if close in given else close
    hint = f", did you mean {close}?" if close else ""
    if listed:
        return f"{shown} is not an input{hint}"
    names = ", ".join(list(known)[:MAX_CHOICES]) + (", ..." if len(known) > MAX_CHOICES else "")
    return f"{shown} is not an input{hint} (known: {names})"


def _nearest(word: str, known: list[str]) -> list[str]:
    import difflib  # only a refusal needs it

    return difflib.get_close_matches(word, known, n=1, cutoff=0.6)


def closest_key(key: str, known: list[str]) -> str | None:
    """The known key that looks most like `key`, if any does: one holding the other counts."""
    plain = {_plain(name): name for name in reversed(known)}
    if match := _nearest(_plain(key), list(plain)):
        return plain[match[0]]
    parts = set(re.split(r"[^a-z0-9]+", key.lower())) - {""}
    shared = [(len(parts & set(name.lower().split("_"))), name) for name in known]
    best = max(shared, default=(0, ""), key=lambda pair: pair[0])
    return best[1] if best[0] else None


def _same_thing(key: str, known: list[str]) -> str | None:
    """The known key that other models call `key`."""
    called = [names for names in _SAME_THING if _plain(key) in map(_plain, names)]
    return next((name for names in called for name in names if name in known), None)


def value_problems(value: Any, rule: dict[str, Any], path: str, depth: int) -> Iterator[Problem]:
    if depth > MAX_DEPTH or "$ref" in rule or (value is None and _nullable(rule)):
        return
    if "default" in rule and is_same(value, rule["default"]):
        return
    wanted = types_of(rule)
    if wanted and not any(_is_type(value, name) for name in wanted):
        yield path, f"{path} must be {_allowed(rule)}, not {as_json(value)}{_type_hint(value)}"
        return
    choices = rule.get("enum")
    if isinstance(choices, list) and choices and not any(is_same(value, choice) for choice in choices):
        yield path, f"{path} must be {_allowed(rule)}, not {as_json(value)}{_choice_hint(value, choices)}"
        return
    if "const" in rule and not is_same(value, rule["const"]):
        yield path, f"{path} must be {as_json(rule['const'])}, not {as_json(value)}"
        return
    yield from _limit_problems(value, rule, path)
    if isinstance(value, list):
        yield from _item_problems(value, rule, path, depth)
    elif isinstance(value, dict):
        yield from _object_problems(value, rule, path, depth)
    else:
        yield from _combined_problems(value, rule, path, depth)


def _limit_problems(value: Any, rule: dict[str, Any], path: str) -> Iterator[Problem]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number_problems(value, rule, path)
    elif isinstance(value, str):
        # Real schemas also spell it maxlength.
        longest = number(rule.get("maxLength", rule.get("maxlength")))
        yield from _size_problems(len(value), number(rule.get("minLength")), longest, path, "characters")
        if problem := size_problem(value, rule):
            yield path, f"{path} {problem}, not {as_json(value)}"
    elif isinstance(value, list):
        low, high = number(rule.get("minItems")), number(rule.get("maxItems"))
        yield from _size_problems(len(value), low, high, path, "items")


def _number_problems(value: float, rule: dict[str, Any], path: str) -> Iterator[Problem]:
    low, high = limits(rule)
    above, below = number(rule.get("exclusiveMinimum")), number(rule.get("exclusiveMaximum"))
    outside = (low is not None and value < low) or (high is not None and value > high)
    outside |= (above is not None and value <= above) or (below is not None and value >= below)
    if outside or value != value:
        yield path, f"{path} must be {_allowed(rule)}, not {as_json(value)}"
        return
    unit = number(rule.get("multipleOf"))
    if unit and not _is_multiple(value, unit):
        yield path, f"{path} must be a multiple of {as_json(unit)}, not {as_json(value)}"


def _is_multiple(value: float, unit: float) -> bool:
    try:
        return abs(value / unit - round(value / unit)) <= 1e-6
    except OverflowError:
        return False


def _size_problems(
    size: int, low: float | None, high: float | None, path: str, unit: str
) -> Iterator[Problem]:
    if low is not None and size < low:
        yield path, f"{path} must have at least {_counted(low, unit)}, not {size}"
    if high is not None and size > high:
        yield path, f"{path} must have at most {_counted(high, unit)}, not {size}"


def _counted(count: float, unit: str) -> str:
    return f"{figure(count)} {unit.removesuffix('s') if count == 1 else unit}"


def _item_problems(value: list[Any], rule: dict[str, Any], path: str, depth: int) -> Iterator[Problem]:
    items = rule.get("items")
    # An item that the default holds is legal whatever the item schema says.
    default = rule.get("default")
    fine = default if isinstance(default, list) else []
    if isinstance(items, dict):
        for index, item in enumerate(value):
            if not any(is_same(item, known) for known in fine):
                yield from value_problems(item, items, f"{path}[{index}]", depth + 1)


def _combined_problems(value: Any, schema: dict[str, Any], path: str, depth: int) -> Iterator[Problem]:
    """`allOf`, `anyOf`, `oneOf`, `not` and `if`/`then`/`else`, of which real schemas use a few."""
    if depth > MAX_DEPTH:
        return
    for part in _schemas(schema.get("allOf")):
        yield from _part_problems(value, part, path, depth)
    condition = schema.get("if")
    if isinstance(condition, dict):
        branch = schema.get("then" if _fits(value, condition, path, depth) else "else")
        if isinstance(branch, dict):
            yield from _part_problems(value, branch, path, depth)
    for keyword in ("anyOf", "oneOf"):
        parts = _schemas(schema.get(keyword))
        if parts and not any(_fits(value, part, path, depth) for part in parts):
            yield _none_fits(value, parts, path, depth)
    denied = schema.get("not")
    if isinstance(denied, dict) and denied and _fits(value, denied, path, depth):
        yield _denied(denied, path)


def _part_problems(value: Any, part: dict[str, Any], path: str, depth: int) -> Iterator[Problem]:
    """A part speaks only of the keys it names: what the whole knows is not unknown here."""
    if isinstance(value, dict):
        part = {**part, "additionalProperties": True}
        named = part.get("required")
        for key in named if isinstance(named, list) else ():
            if isinstance(key, str) and key not in value and key not in properties(part):
                yield _join(path, key), f"{_join(path, key)} is required with the other inputs given"
    yield from value_problems(value, part, path, depth + 1)


def _fits(value: Any, part: dict[str, Any], path: str, depth: int) -> bool:
    # A default legalises a value, it does not make a condition true; so conditions are read without it.
    return not any(_part_problems(value, _without_defaults(part), path, depth))


def _without_defaults(part: dict[str, Any]) -> dict[str, Any]:
    inner = part.get("properties")
    if not isinstance(inner, dict):
        return {key: value for key, value in part.items() if key != "default"}
    plain = {key: _without_defaults(rule) if isinstance(rule, dict) else rule for key, rule in inner.items()}
    return {key: value for key, value in part.items() if key != "default"} | {"properties": plain}


def _none_fits(value: Any, parts: list[dict[str, Any]], path: str, depth: int) -> Problem:
    needs = [
        ", ".join(map(str, part["required"])) for part in parts if isinstance(part.get("required"), list)
    ]
    if isinstance(value, dict) and len(needs) == len(parts):
        return path, f"give one of: {' or '.join(needs)}"
    first = next(iter(_part_problems(value, parts[0], path, depth)), (path, "the input fits no allowed form"))
    return first


def _denied(denied: dict[str, Any], path: str) -> Problem:
    together = denied.get("required")
    if isinstance(together, list) and together:
        names = [clean(str(name), MAX_SHOWN) for name in together]
        return _join(path, names[-1]), f"{' and '.join(names)} cannot be given together"
    return path, f"{path or 'the input'} has a form this model does not allow"


def _schemas(parts: Any) -> list[dict[str, Any]]:
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _is_type(value: Any, name: str) -> bool:
    match name:
        case "integer":
            return not isinstance(value, bool) and (
                isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            )
        case "number":
            return not isinstance(value, bool) and isinstance(value, int | float)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case _:
            return value is None


def _nullable(rule: dict[str, Any]) -> bool:
    return rule.get("nullable") is True or "null" in types_of(rule)


def is_same(one: Any, other: Any) -> bool:
    """JSON equality: 1 is 1.0, true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    return bool(one == other)


def _allowed(rule: dict[str, Any]) -> str:
    choices = rule.get("enum")
    if isinstance(choices, list) and choices:
        shown = ", ".join(as_json(choice) for choice in choices[:MAX_CHOICES])
        more = f", ... ({len(choices)} in all)" if len(choices) > MAX_CHOICES else ""
        return f"one of {shown}{more}" if len(choices) > 1 else shown
    words = " or ".join(_NAMES[name] for name in types_of(rule)) or "given"
    low, high = limits(rule)
    if low is not None and high is not None:
        return f"{words} from {figure(low)} to {figure(high)}"
    if low is not None:
        return f"{words}, at least {figure(low)}"
    return f"{words}, at most {figure(high)}" if high is not None else words


def _type_hint(value: Any) -> str:
    if isinstance(value, list) and len(value) > 1:
        return " (vary of generate_batch makes a run of each)"
    return " (leave out what is not set)" if value is None else ""


def _choice_hint(value: Any, choices: list[Any]) -> str:
    if not isinstance(value, str):
        return ""
    texts = [str(choice) for choice in choices]
    close = _nearest(value, texts)
    return f", did you mean {as_json(close[0])}?" if close and len(choices) > MAX_CHOICES else ""


def as_json(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return clean(text, MAX_SHOWN)


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", key.lower())


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
