"""What Claude Code reads in a tool's `_meta`. Other hosts pass over it.

Claude Code loads few tools at first and finds the others by search: `anthropic/alwaysLoad` keeps one from
being put off, `anthropic/searchHint` says what the others are found by. `anthropic/requiresUserInteraction`
makes it ask the person on every call, in every mode; where nobody can be asked it refuses.
"""

from __future__ import annotations

from typing import Any

ALWAYS_LOADED = {"list_models", "generate"}
SPENDING = {"generate", "generate_batch"}
FOUND_BY = {
    "get_model": "inputs of an AI media model",
    "estimate_price": "cost of an image or video",
    "generate_batch": "many images or videos at once",
    "check_status": "unfinished or lost generations",
    "list_predictions": "history of generated media",
    "delete_predictions": "delete generated media",
    "upload_file": "upload a local image, video, audio",
    "download_outputs": "save generated media to disk",
    "view_output": "look at generated media",
    "get_balance": "WaveSpeedAI credit left",
    "get_usage": "money spent on generated media",
}


def claude_hints(tool: str, *, asks: bool) -> dict[str, Any]:
    """The hints on one tool; `asks`: a person is to be asked above some price."""
    found = {"anthropic/searchHint": FOUND_BY[tool]} if tool in FOUND_BY else {}
    always = {"anthropic/alwaysLoad": True} if tool in ALWAYS_LOADED else {}
    person = {"anthropic/requiresUserInteraction": True} if asks and tool in SPENDING else {}
    return {**found, **always, **person}
