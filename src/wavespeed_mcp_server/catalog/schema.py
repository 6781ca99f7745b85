"""What a request schema says about a model's inputs: order, defaults, media, a compact form, an example.

Keywords are those seen in real catalogs; `disabled` marks a field of the website, not a forbidden one,
and `x-enum` lists suggestions, not limits.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from .model import Model, clean, number, once

Media = Literal["image", "video", "audio", "file"]

SYNC_FLAG = "enable_sync_mode"
API_FLAGS = frozenset({SYNC_FLAG, "enable_base64_output"})

JSON_TYPES = frozenset(("string", "integer", "number", "boolean", "array", "object", "null"))

_UPLOADERS = frozenset({"uploader", "uploaders", "upload", "upload-array"})
_KINDS = "image|photo|picture|frame|face|mask|sref|video|audio|song|voice|music|sound|speech|file|zip|data"
_MEDIA_NAME = re.compile(rf"(?:^|_)({_KINDS})s?(?:_urls?)?$")
_MEDIA_KIND: dict[str, Media] = {
    "video": "video",
    "audio": "audio",
    "song": "audio",
    "voice": "audio",
    "music": "audio",
    "sound": "audio",
    "speech": "audio",
    "file": "file",
    "zip": "file",
    "data": "file",
}
_PROSE = re.compile(
    r"(?:^|_)(?:prompts?|texts?|lyrics?|scripts?|content|descriptions?|instructions?|tags|story|message)$"
)
_OFTEN_TEXT = frozenset(("voice", "music", "sound", "song", "speech", "data", "file", "zip"))

MAX_DESCRIPTION = 160
MAX_ENUM = 40
MAX_VALUE = 200
MAX_COMPACT_PROPERTIES = 60


def properties(schema: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The schema's properties that are schemas themselves, in the order the website shows them."""
    found = schema.get("properties") if schema else None
    if not isinstance(found, dict):
        return {}
    usable = {key: value for key, value in found.items() if isinstance(value, dict)}
    order = schema.get("x-order-properties") if schema else None
    listed = [key for key in order if isinstance(key, str)] if isinstance(order, list) else []
    return {key: usable[key] for key in [*listed, *usable] if key in usable}


def required(schema: dict[str, Any] | None) -> list[str]:
    """Required keys that the schema also describes; real schemas sometimes name others."""
    names = schema.get("required") if schema else None
    if not isinstance(names, list):
        return []
    known = properties(schema)
    wanted = {name for name in names if isinstance(name, str)}
    return [key for key in known if key in wanted]


def limits(rule: dict[str, Any]) -> tuple[float | None, float | None]:
    """The smallest and the largest number allowed; neither where they exclude each other, as some do."""
    low, high = number(rule.get("minimum")), number(rule.get("maximum"))
    return (None, None) if low is not None and high is not None and low > high else (low, high)


def must_be_given(schema: dict[str, Any] | None) -> list[str]:
    """Required keys without a default: the API fills in the others."""
    known = properties(schema)
    return [key for key in required(schema) if known[key].get("default") is None]


@once
def defaults(model: Model) -> Mapping[str, Any]:
    """The inputs that have a default, with it."""
    found = properties(model.schema)
    return {key: rule["default"] for key, rule in found.items() if rule.get("default") is not None}


@once
def has_sync_flag(model: Model) -> bool:
    """Whether the model's schema has `enable_sync_mode`, which holds the submit until the task ends."""
    return SYNC_FLAG in properties(model.schema)


@once
def media_inputs(model: Model) -> Mapping[str, Media]:
    """The inputs that take media by URL (a string, or a list of strings), and which kind of media."""
    kinds = {key: media_kind(key, rule) for key, rule in properties(model.schema).items()}
    return {key: kind for key, kind in kinds.items() if kind is not None}


def takes_prose(name: str) -> bool:
    """Whether an input of this name, if it is text, takes words of any kind."""
    return _PROSE.search(name.lower()) is not None


@once
def prose_inputs(model: Model) -> Sequence[str]:
    """The inputs that take words of any kind: what is written there is drawn, read aloud or answered."""
    return [
        key
        for key, rule in properties(model.schema).items()
        if "string" in types_of(rule) and not {"enum", "x-enum"} & rule.keys()
        if not media_kind(key, rule) and (takes_prose(key) or rule.get("x-ui-component") == "textarea")
    ]


def prompt_input(model: Model) -> str:
    """The input that a prompt without a name is meant for: the one text that must be given."""
    texts = [key for key in must_be_given(model.schema) if key in prose_inputs(model)]
    return texts[0] if "prompt" not in properties(model.schema) and len(texts) == 1 else "prompt"


@once
def list_inputs(model: Model) -> Mapping[str, str]:
    """The inputs that take a list, with the kind of media wanted there, or ""."""
    lists = {key: rule for key, rule in properties(model.schema).items() if "array" in types_of(rule)}
    return {key: media_kind(key, rule) or "" for key, rule in lists.items()}


def types_of(rule: dict[str, Any]) -> list[str]:
    """The JSON types that a rule names; none where it leaves them open."""
    kind = rule.get("type")
    names = kind if isinstance(kind, list) else [kind]
    return [name for name in names if isinstance(name, str) and name in JSON_TYPES]


@once
def required_inputs(model: Model) -> Sequence[str]:
    """The inputs that the schema calls required, with a default or without."""
    return required(model.schema)


def media_kind(key: str, rule: dict[str, Any]) -> Media | None:
    """The media an input takes, by its uploader, its accept list, or its name; None when it takes none."""
    items = rule.get("items")
    value = items if rule.get("type") == "array" and isinstance(items, dict) else rule
    if value.get("type") not in ("string", None) or "enum" in value or "x-enum" in value:
        return None
    accept = _accept(rule) or _accept(value)
    for kind in ("image", "video", "audio"):
        if kind in accept:
            return kind
    named = _MEDIA_NAME.search(key.lower())
    uploads = any(str(one.get("x-ui-component")) in _UPLOADERS for one in (rule, value))
    if not named:
        return "file" if uploads or accept or key.lower().endswith("_file_url") else None
    marked = (
        uploads or accept or value.get("format") == "uri" or "url" in str(rule.get("description")).lower()
    )
    if named[1] in _OFTEN_TEXT and not marked:
        return None
    return _MEDIA_KIND.get(named[1], "image")


def compact_schema(model: Model) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Required keys, and each input cut to what a caller needs to fill it in; API-only flags left out."""
    cut: dict[str, dict[str, Any]] = {}
    for key, rule in properties(model.schema).items():
        if key in API_FLAGS or len(cut) >= MAX_COMPACT_PROPERTIES:
            continue
        cut[clean(key, 80)] = _compact(rule)
        kind = media_kind(key, rule)
        if kind:
            cut[clean(key, 80)]["media"] = kind
    return [key for key in must_be_given(model.schema) if key in cut], cut


def example(model: Model) -> dict[str, Any]:
    """The smallest input that passes the check: what must be given, with plausible values."""
    found = properties(model.schema)
    return {key: sample(key, found[key]) for key in must_be_given(model.schema)}


def sample(key: str, rule: dict[str, Any]) -> Any:
    """A legal value for one input, as plain as possible."""
    for choices in (rule.get("enum"), rule.get("x-enum"), rule.get("examples")):
        if isinstance(choices, list) and choices:
            return choices[0]
    match rule.get("type"):
        case "integer" | "number":
            low, high = limits(rule)
            value = 1.0 if low is None else max(low, 0.0)
            value = value if high is None else min(value, high)
            return int(value) if value == int(value) else value
        case "boolean":
            return False
        case "array":
            return _sample_items(key, rule)
        case "object":
            inner = properties(rule)
            return {name: sample(name, inner[name]) for name in required(rule)}
        case _:
            return _sample_text(key, rule)


def _sample_items(key: str, rule: dict[str, Any]) -> list[Any]:
    items = rule.get("items")
    count = int(number(rule.get("minItems")) or 1)
    if isinstance(items, dict) and "$ref" not in items:
        kind = media_kind(key, rule)
        one = _url(kind) if kind else sample(key, items)
        if isinstance(items.get("properties"), dict) and not one:
            one = {name: sample(name, inner) for name, inner in list(properties(items).items())[:2]}
        return [one] * min(count, 20)
    return [] if not rule.get("minItems") else [{}] * min(count, 20)


def _sample_text(key: str, rule: dict[str, Any]) -> str:
    kind = media_kind(key, rule)
    text = _url(kind) if kind else "a cat in space" if "prompt" in key else "Hello world"
    shortest = int(number(rule.get("minLength")) or 0)
    longest = number(rule.get("maxLength"))
    if len(text) < shortest:
        text = text + " and more" * (shortest // 9 + 1)
    return text if longest is None else text[: max(int(longest), 0)]


def _url(kind: Media | None) -> str:
    suffix = {"image": "jpg", "video": "mp4", "audio": "mp3"}.get(kind or "", "zip")
    return f"https://example.com/{'input' if kind in (None, 'file') else kind}.{suffix}"


def _accept(rule: dict[str, Any]) -> str:
    parts = [rule.get("x-accept"), rule.get("x-accpet")]  # the second spelling is in real schemas
    shown = rule.get("x-ui-component-props")
    if isinstance(shown, dict):
        parts.append(shown.get("accept"))
    return " ".join(part for part in parts if isinstance(part, str)).lower()


def _compact(rule: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if isinstance(rule.get("type"), str):
        out["type"] = rule["type"]
    if text := clean(rule.get("description"), MAX_DESCRIPTION):
        out["description"] = text
    if rule.get("default") is not None and rule["default"] not in ("", []):
        out["default"] = bounded(rule["default"])
    for name, shown in (("enum", "enum"), ("x-enum", "suggested")):
        if isinstance(rule.get(name), list):
            out[shown] = [bounded(choice) for choice in rule[name][:MAX_ENUM]]
            if len(rule[name]) > MAX_ENUM:
                out[f"{shown}_total"] = len(rule[name])
    for name in ("minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems"):
        if number(rule.get(name)) is not None:
            out[name] = rule[name]
    items = rule.get("items")
    if isinstance(items, dict) and depth < 2 and "$ref" not in items:
        out["items"] = _compact(items, depth + 1)
    inner = properties(rule)
    if inner and depth < 3:
        out["properties"] = {clean(k, 80): _compact(r, depth + 1) for k, r in list(inner.items())[:20]}
        if needed := required(rule):
            out["required"] = needed
    return out


def bounded(value: Any) -> Any:
    """A JSON value from the catalog, short enough to show."""
    if isinstance(value, str):
        return clean(value, MAX_VALUE)
    if isinstance(value, list):
        return [bounded(item) for item in value[:10]]
    if isinstance(value, dict):
        return {clean(str(key), 80): bounded(item) for key, item in list(value.items())[:10]}
    return value
