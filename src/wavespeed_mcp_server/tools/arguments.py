"""The arguments that several tools share: one place for bounds, wording and example."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from ..amounts import dollars, seconds
from ..api.endpoint import is_loopback
from ..api.wire import PREDICTION_ID

ModelId = Annotated[
    str,
    BeforeValidator(lambda given: given.strip() if isinstance(given, str) else given),
    Field(min_length=1, max_length=200, description="id from list_models, e.g. wavespeed-ai/flux-dev"),
]


def parsed_object(given: Any) -> Any:
    """An object, also one that is JSON as text."""
    if isinstance(given, str) and given.lstrip()[:1] == "{":
        with suppress(ValueError):
            return json.loads(given)
    return given


ModelInput = Annotated[
    dict[str, Any],
    BeforeValidator(parsed_object),
    Field(
        description='its inputs, flat: {"prompt": "a cat"}; "@/abs/file.png" uploads a file, '
        '"@/abs/dir/" in a list all of it'
    ),
]


def _as_written(read: Callable[[str], float]) -> BeforeValidator:
    """An amount that may be text, read by the one rule for its kind."""
    return BeforeValidator(lambda given: read(given) if isinstance(given, str) else given)


def page_of(most: int) -> BeforeValidator:
    """A page of at most so many rows: what asks for more gets these, and is told where to go on."""

    def bounded(given: Any) -> Any:
        rows = int(given) if isinstance(given, str) and given.strip().isdecimal() else given
        return min(rows, most) if isinstance(rows, int) else rows

    return BeforeValidator(bounded)


def _one_of_a_list(given: Any) -> Any:
    """What stands alone in a list, where one value is wanted."""
    return given[0] if isinstance(given, list) and len(given) == 1 else given


def one_text(given: Any) -> Any:
    """The one text of a list, also of one that is JSON as text."""
    return _one_of_a_list(_parsed(given) if _is_json_list(given) else given)


def as_list(given: Any) -> Any:
    """One value as a list of it, where a list is wanted; text that holds a list is read later."""
    return given if isinstance(given, list) or _is_json_list(given) else [given]


def _is_json_list(given: Any) -> bool:
    return isinstance(given, str) and given.lstrip()[:1] == "["


def _ids(given: Any) -> Any:
    """Ids as one text, apart by commas or spaces, and without what stands around each."""
    if isinstance(given, str) and not _is_json_list(given):
        given = _BETWEEN_IDS.split(given.strip(" ,;\n"))
    return (
        [one.strip() if isinstance(one, str) else one for one in given] if isinstance(given, list) else given
    )


_BETWEEN_IDS = re.compile(r"[\s,;]+")
# After a Field: what is read before its bounds stands outside of them.
DOLLARS = _as_written(dollars)
SECONDS = _as_written(seconds)
MaxPrice = Annotated[float | None, Field(ge=0, description="refuse if it costs more, USD"), DOLLARS]
WaitSeconds = Annotated[
    float | None, Field(ge=0, le=600, description="answer after this long at most (setting: 45)"), SECONDS
]


def _webhook(url: str) -> str:
    parts = urlsplit(url)
    here = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if url and not (here or (parts.scheme == "https" and parts.hostname)):
        raise ValueError("must be an https:// URL")
    return url


WebhookUrl = Annotated[
    str, Field(max_length=2000, description="https URL told the end"), AfterValidator(_webhook)
]
Save = Annotated[bool, Field(description="also save outputs to disk")]
SaveAs = Annotated[str, Field(max_length=120, description="save under this file name, e.g. hero")]
Again = Annotated[bool, Field(description="buy another beside an equal run that is unfinished or unseen")]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return [text]


Values = Annotated[
    list[Any],
    BeforeValidator(lambda given: _parsed(given) if _is_json_list(given) else as_list(given)),
    Field(min_length=1, max_length=100),
]
# Written out, a list of anything is a schema that some model providers refuse.
Vary = Annotated[
    dict[str, Values],
    BeforeValidator(parsed_object),
    WithJsonSchema({"type": "object", "additionalProperties": True}),
    Field(description='a run for each value, or each combination: {"seed": [1, 2, 3]}'),
]


def _prediction_id(text: str) -> str:
    if not PREDICTION_ID.fullmatch(text):
        raise ValueError("must be a prediction id: 4 to 128 of A-Z a-z 0-9 _ -")
    return text


# Checked by a function, because a pattern in the schema costs tokens and tells a model nothing.
PredictionId = Annotated[
    str,
    BeforeValidator(lambda given: given.strip() if isinstance(given, str) else _one_of_a_list(given)),
    AfterValidator(_prediction_id),
]
SomeIds = Annotated[list[PredictionId], BeforeValidator(_ids)]
PredictionIds = Annotated[SomeIds, Field(min_length=1, max_length=100, description="prediction ids")]
Since = Annotated[str, Field(max_length=40, description="ISO date or time, UTC")]
Until = Annotated[str, Field(max_length=40, description="the same; a date means its whole day")]
