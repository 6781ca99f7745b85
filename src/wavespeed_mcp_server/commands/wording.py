"""What rooms say to agents, in the words of the command line: commands and options in place of tools."""

from __future__ import annotations

import re

_WORDS = (
    (r"[Cc]all check_status without ids", "run `status`"),
    (r"check_status without ids", "`status`"),
    (r"call check_status with ids? \[([^\]]*)\](?:, not generate again)?", "run `status` with \\1"),
    (r"check_status with these ids", "`status` with these ids"),
    (r"download_outputs with ids \[([^\]]*)\]", "`download` with \\1"),
    (r"get_usage with ids \[([^\]]*)\]", "`usage`"),
    (r"again: true", "--again"),
    (r"\bWAVESPEED_MAX_PRICE\b", "--max-price (WAVESPEED_MAX_PRICE)"),
    (r"\bmax_price\b", "--max-price"),
    (r"\bwait_seconds\b", "--timeout"),
    (r"\bsave_as\b", "--save-as"),
    (r"\bmax_in_flight\b", "--max-in-flight"),
    (r"check_status", "`status`"),
    (r"list_predictions", "`history`"),
    (r"list_models", "`models`"),
    (r"get_model", "`show`"),
    (r"estimate_price", "`price`"),
    (r"generate_batch", "`batch`"),
    (r"upload_file", "`upload`"),
    (r"download_outputs", "`download`"),
    (r"view_output", "`view`"),
    (r"get_usage", "`usage`"),
    (r"get_balance", "`balance`"),
    (r"delete_predictions", "`delete`"),
    (r"Make the same call again", "Run the same command again"),
    (r"the same call", "the same command"),
    (r"of this call", "of this command"),
)
_PATTERNS = tuple((re.compile(tool), command) for tool, command in _WORDS)
_URL = re.compile(r"(https?://\S+)")


def for_people(text: str) -> str:
    """`text` with commands in place of tools; addresses stay as they are."""
    parts = _URL.split(text)
    return "".join(part if index % 2 else _said(part) for index, part in enumerate(parts))


def _said(text: str) -> str:
    for tool, command in _PATTERNS:
        text = tool.sub(command, text)
    return text
