"""What the API does with a request body: keep what the schema lists, refuse what it forbids."""

from typing import Any

from .wire import Json, Refused

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


def whitelisted(schema: Json, body: Json) -> Json:
    """The keys of `body` the schema lists. The others are dropped without a word, as the API does."""
    properties = schema.get("properties", {})
    return {key: value for key, value in body.items() if key in properties}


def with_defaults(schema: Json, inputs: Json) -> Json:
    """`inputs` and, for each key left out, the schema's default where it has one."""
    defaults = {
        key: prop["default"]
        for key, prop in schema.get("properties", {}).items()
        if isinstance(prop, dict) and "default" in prop
    }
    return defaults | inputs


def check(schema: Json, inputs: Json, *, required: bool = True) -> None:
    """Raises `Refused` (400) for a missing required key or a value its property does not allow."""
    if required:
        for key in schema.get("required") or ():
            if inputs.get(key) is None:
                raise Refused(400, f'field "{key}" is required')
    properties = schema.get("properties", {})
    for key, value in inputs.items():
        if value is not None and isinstance(properties[key], dict):
            _check_value(key, properties[key], value)


def _check_value(key: str, prop: Json, value: Any) -> None:
    kind = prop.get("type")
    if isinstance(kind, str) and not _is_a(kind, value):
        raise Refused(400, f'field "{key}" must be of type {kind}')
    allowed = prop.get("enum")
    if allowed and value not in allowed:
        raise Refused(400, f'field "{key}" must be one of {", ".join(map(str, allowed))}')
    if isinstance(value, (int, float)):
        _check_bounds(key, value, prop.get("minimum"), prop.get("maximum"), "")
    elif isinstance(value, list):
        _check_bounds(key, len(value), prop.get("minItems"), prop.get("maxItems"), " items")
    elif isinstance(value, str):
        _check_bounds(key, len(value), prop.get("minLength"), prop.get("maxLength"), " characters")


def _is_a(kind: str, value: Any) -> bool:
    if kind in ("integer", "number") and isinstance(value, bool):
        return False
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, (object,)))


def _check_bounds(key: str, amount: float, low: Any, high: Any, unit: str) -> None:
    if isinstance(low, (int, float)) and amount < low:
        raise Refused(400, f'field "{key}" must be at least {low}{unit}')
    if isinstance(high, (int, float)) and amount > high:
        raise Refused(400, f'field "{key}" must be at most {high}{unit}')
