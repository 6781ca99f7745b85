"""What a server over HTTP writes to stderr: JSON lines, with no key, prompt or body in them."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from . import request_ids

OWN = "wavespeed_mcp_server"
LONGEST = 2000
MOST_FRAMES = 30
NO_REQUEST = "none"

requests = logging.getLogger(f"{OWN}.requests")
server = logging.getLogger(f"{OWN}.server")


class JsonLines(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, `request_id`, and what a line adds.

    Of other packages only the place in their code is told, and of an exception its kind and the way it came:
    what they would say of themselves may quote what a caller sent.
    """

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        own = record.name.partition(".")[0] == OWN
        place = f"{Path(record.pathname).name}:{record.lineno}"
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage()[:LONGEST] if own else f"at {place}",
            "request_id": request_ids.current() or NO_REQUEST,
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, Mapping):
            line.update(fields)
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line["exception"] = f"{type(error).__module__}.{type(error).__qualname__}"
            line["frames"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
            ]
        return json.dumps(line, ensure_ascii=True, separators=(",", ":"), default=str)


def log_as_json(level: str) -> None:
    """Have everything that is logged in this process go to stderr as JSON, from `level` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # That it serves, and that it ends, is told whatever the level.
    server.setLevel(logging.INFO)
    logging.captureWarnings(True)
