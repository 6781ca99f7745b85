"""The prepared catalog on disk: one file, written whole or not at all.

Line 1 tells what it is and when it was fetched (Unix seconds), line 2 is the search index, and the rest are
the models' schemas one after another. A reader keeps them as bytes and parses one only when it is asked for,
so that a new process searches a thousand models without reading two megabytes of JSON.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from ..private import private_directory

MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """What a cache file holds. `fetched_at` is Unix time in seconds."""

    fetched_at: float
    index: dict[str, Any]
    schemas: bytes


def cache_path(directory: Path, key: str) -> Path:
    """The file for this key (what tells servers and accounts apart), the same in every process."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return directory / f"catalog-{digest}.jsonl"


def read(path: Path, layout: str) -> Stored | None:
    """The stored catalog; None when there is none, or it is not whole, or of another layout."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        content = path.read_bytes()
        first = content.index(b"\n") + 1
        head, size = from_json(content[:first]), len(content) - first
        if not isinstance(head, dict) or head.get("layout") != layout or head.get("size") != size:
            return None
        second = content.index(b"\n", first) + 1
        index = from_json(content[first:second])
        fetched_at = float(head["fetched_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Stored(fetched_at, index, content[second:]) if isinstance(index, dict) else None


def write(path: Path, layout: str, stored: Stored) -> None:
    """Replace the file at once; readers in other processes see the old one or the new. Raises OSError."""
    rest = b"\n".join([to_json(stored.index), stored.schemas])
    head = to_json({"layout": layout, "fetched_at": stored.fetched_at, "size": len(rest)})
    private_directory(path.parent)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(head + b"\n" + rest)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
