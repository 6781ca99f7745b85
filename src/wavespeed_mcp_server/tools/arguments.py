"""The arguments that several tools share: one place for bounds, wording and example."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from ..api.endpoint import is_loopback
from ..api.wire import PREDICTION_ID

ModelId = Annotated[
    str,
    BeforeValidator(lambda given: given.strip() if isinstance(given, str) else given),
    Field(min_length=1, max_length=200, description="id from list_models, e.g. wavespeed-ai/flux-dev"),
]
ModelInput = Annotated[
    dict[str, Any],
    Field(
        description='its inputs, flat: {"prompt": "a cat"}; "@/abs/file.png" uploads a file, '
        '"@/abs/dir/" in a list all of it'
    ),
]
MaxPrice = Annotated[float | None, Field(ge=0, description="refuse if it costs more, USD")]
WaitSeconds = Annotated[
    float | None, Field(ge=0, le=600, description="answer after this long at most (setting: 45)")
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
Values = Annotated[
    list[Any],
    BeforeValidator(lambda given: given if isinstance(given, list) else [given]),
    Field(min_length=1, max_length=100),
]
# Written out, a list of anything is a schema that some model providers refuse.
Vary = Annotated[
    dict[str, Values],
    WithJsonSchema({"type": "object", "additionalProperties": True}),
    Field(description='a run for each value, or each combination: {"seed": [1, 2, 3]}'),
]


def _prediction_id(text: str) -> str:
    if not PREDICTION_ID.fullmatch(text):
        raise ValueError("must be a prediction id: 4 to 128 of A-Z a-z 0-9 _ -")
    return text


# Checked by a function, because a pattern in the schema costs tokens and tells a model nothing.
PredictionId = Annotated[str, AfterValidator(_prediction_id)]
SomeIds = Annotated[
    list[PredictionId],
    BeforeValidator(lambda given: [given] if isinstance(given, str) and given[:1] != "[" else given),
]
PredictionIds = Annotated[SomeIds, Field(min_length=1, max_length=100, description="prediction ids")]
Since = Annotated[str, Field(max_length=40, description="ISO date or time, UTC")]
Until = Annotated[str, Field(max_length=40, description="the same; a date means its whole day")]
