"""Everything that made one run, as the large view shows it; no path of this machine is in it."""

from __future__ import annotations

import json
import re
from typing import Any

from .collection import Collection
from .run import Output, Run

_LOCAL = re.compile(r"@?(?:/|~[/\\]|\.{1,2}[/\\]|[A-Za-z]:[\\/]).*", re.DOTALL)
LONGEST_TEXT = 200_000


def details(collection: Collection, run: Run) -> dict[str, Any]:
    """The facts of the large view. Times are Unix seconds, amounts USD."""
    given = shareable(run)
    facts = run.row() | {
        "id": run.id,
        "prompt": run.prompt,
        "input": given,
        "call": call(run.model, given),
        "seed": run.seed,
        "took": run.record.seconds if run.record is not None else None,
        "inference_ms": run.task.inference_ms if run.task is not None else None,
        "quoted": run.record.quoted if run.record is not None else None,
        "billed": run.money.charged if run.money is not None else None,
        "billed_at": run.money.at if run.money is not None else None,
        "deleted_at": run.deleted_at,
        "parts": [_part(output) for output in run.outputs],
        "parents": [one.key for one in collection.parents(run)],
        "children": [one.key for one in collection.children(run)],
    }
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def _part(output: Output) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": output.kind, "url": output.url, "text": output.text[:LONGEST_TEXT]}
    if output.file is not None:
        facts |= {"name": output.file.name, "size_bytes": output.file.size_bytes}
    return {name: value for name, value in facts.items() if value not in ("", None)}


def shareable(run: Run) -> dict[str, Any]:
    """The input without paths: an upload's address stands in for a local file, where it is known.

    How the API was to answer is left out: it makes nothing different.
    """
    given = {name: value for name, value in run.input.items() if name != "enable_sync_mode"}
    sent = run.task.inputs if run.task is not None else None
    return {
        name: sent[name] if sent and name in sent and _has_path(value) else _without_paths(value)
        for name, value in given.items()
    }


def call(model: str, given: dict[str, Any]) -> str:
    """The `generate` call that makes it again, for an agent."""
    return f"generate({json.dumps({'model': model, 'input': given}, ensure_ascii=False, indent=2)})"


def _has_path(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith("@") and _LOCAL.fullmatch(value) is not None
    if isinstance(value, dict | list):
        return any(map(_has_path, value.values() if isinstance(value, dict) else value))
    return False


def _without_paths(value: Any) -> Any:
    if isinstance(value, str) and _has_path(value):
        return "@" + value.replace("\\", "/").rpartition("/")[2]
    if isinstance(value, dict):
        return {name: _without_paths(item) for name, item in value.items()}
    return [_without_paths(item) for item in value] if isinstance(value, list) else value
