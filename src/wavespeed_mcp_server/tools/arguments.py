"""The arguments that several tools share: one place for bounds, wording and example."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import AfterValidator, BeforeValidator, Field

from ..api.endpoint import is_loopback

ModelId = Annotated[
    str,
    BeforeValidator(lambda given: given.strip() if isinstance(given, str) else given),
    Field(min_length=1, max_length=200, description="model id from list_models, e.g. wavespeed-ai/flux-dev"),
]
ModelInput = Annotated[
    dict[str, Any],
    Field(
        description='its inputs, flat, e.g. {"prompt": "a cat"}; the value "@/abs/file.png" uploads a file, '
        '"@/abs/dir/" in a list its media'
    ),
]
MaxPrice = Annotated[float | None, Field(ge=0, description="refuse if it costs more, USD")]
WaitSeconds = Annotated[
    float | None, Field(ge=0, le=600, description="answer after this long at most; unset: the setting (45)")
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
Again = Annotated[
    bool, Field(description="buy another although an equal run is unfinished or its end was not seen")
]
PredictionId = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{4,128}$")]
PredictionIds = Annotated[
    list[PredictionId], Field(min_length=1, max_length=100, description="prediction ids")
]
Since = Annotated[str, Field(max_length=40, description="ISO date or time, UTC")]
Until = Annotated[str, Field(max_length=40, description="ISO date or time, UTC")]


def moment(name: str, text: str) -> datetime | None:
    """`text` as a moment in UTC, which it is taken for where it names no zone; None where it is empty.

    Raises:
        ToolError: it is no ISO date.
    """
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ToolError(
            f"{name}: {text[:40]!r} is not an ISO date such as 2026-11-20 or 2026-11-20T08:00Z."
        ) from error
