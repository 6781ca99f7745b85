"""What made a saved output, kept beside it: `cat.png` has a `cat.png.json`.

    {
      "file": "cat.png",                     the output it stands beside
      "id": "6488c2754f6f4dfea924382fa14d11bd",
      "model": "bytedance/seedream-v4",
      "input": {"prompt": "a cat", "seed": 7},
      "price": 0.04,                         USD, what was charged or else quoted; left out where unknown
      "created_at": "2026-11-26T08:30:00Z",
      "output": "https://.../cat.png",       where it was fetched from, kept there 7 days
      "parents": ["45b392b2..."],            predictions whose outputs went into it
      "project": "film"                      the project it was made in
    }

Everything here blocks.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

ENDING = ".json"
LARGEST_BYTES = 1_000_000
HIGHEST_PRICE = 1e9
LONGEST_TEXT = 20_000
"""Characters of one text that are kept: a longer one is a file in the form of text."""


@dataclass(frozen=True)
class Sidecar:
    """What made an output. `price` is USD, `created_at` ISO 8601 in UTC; empty where it is not known."""

    id: str
    model: str
    input: dict[str, Any]
    price: float | None = None
    created_at: str = ""
    output: str = ""
    parents: tuple[str, ...] = ()
    project: str = ""
    file: str = ""


def sidecar_of(path: Path) -> Path:
    """Where the sidecar of the output at `path` stands."""
    return path.with_name(path.name + ENDING)


def write_sidecar(path: Path, sidecar: Sidecar) -> Path | None:
    """Write `sidecar` beside the saved output at `path`, whole or not at all.

    An older sidecar of that name is replaced, any other file is left alone. Returns None where nothing was
    written: an output is not lost over a note about it.
    """
    target = sidecar_of(path)
    if target.exists() and read_sidecar(target) is None:
        logger.warning("%s is not a sidecar, so what made %s is not written there.", target, path.name)
        return None
    document = {"file": path.name} | {
        name: value
        for name, value in vars(replace(sidecar, input=_shortened(sidecar.input))).items()
        if name != "file" and (value not in (None, "", ()) or name == "input")
    }
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8", "replace")
        part.replace(target)
    except OSError as error:
        logger.warning("What made %s could not be kept beside it: %s", path, error)
        with suppress(OSError):
            part.unlink()
        return None
    return target


def read_sidecar(path: Path) -> Sidecar | None:
    """The sidecar at `path`; None where the file is something else or cannot be read."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > LARGEST_BYTES:
                return None
            document = json.loads(file.read(LARGEST_BYTES + 1))
    except (OSError, ValueError, RecursionError):
        return None
    return _read(document, path.name.removesuffix(ENDING))


def _read(document: Any, beside: str) -> Sidecar | None:
    if not isinstance(document, dict) or document.get("file") != beside:
        return None
    prediction_id, model, given = document.get("id"), document.get("model"), document.get("input")
    if not (isinstance(prediction_id, str) and isinstance(model, str) and isinstance(given, dict)):
        return None
    parents = document.get("parents")
    return Sidecar(
        id=prediction_id,
        model=model,
        input=given,
        price=_amount(document.get("price")),
        created_at=_text(document.get("created_at")),
        output=_text(document.get("output")),
        parents=tuple(one for one in parents if isinstance(one, str)) if isinstance(parents, list) else (),
        project=_text(document.get("project")),
        file=beside,
    )


def _amount(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < HIGHEST_PRICE else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:100]}... ({len(value):,} characters)"
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shortened(item) for item in value]
    return value
