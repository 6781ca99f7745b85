"""One run as the page shows it, put together from what the ledger, the account and the disk know of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from ..api.wire import COMPLETED, FAILURES, TERMINAL, Prediction
from ..files import is_inline
from ..ledger.reading import Record
from .folder import SavedFile
from .kinds import kind_of, kind_of_model

KEPT_SECONDS = 7 * 24 * 3600.0
"""The API deletes outputs after 7 days (official page on predictions)."""
DAY = 24 * 3600.0
LONGEST_PROMPT = 2000
LONGEST_EXCERPT = 300
PROCESSING = "processing"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Output:
    """One thing a run gave: a web address, a text, a saved file, or an address and its file.

    `kind` is image, video, audio, 3d, text or file.
    """

    kind: str
    url: str = ""
    text: str = ""
    file: SavedFile | None = None


@dataclass
class Money:
    """What the account was billed for a run and what came back, USD; `at` is Unix seconds."""

    charged: float = 0.0
    returned: float = 0.0
    at: float = 0.0


@dataclass
class Run:
    """Everything known about one run. Any of its sources may be missing, but not all of them."""

    key: str
    record: Record | None = None
    task: Prediction | None = None
    files: dict[str, SavedFile] = field(default_factory=dict)
    money: Money | None = None
    outputs_gone: bool = False
    saving: bool = False
    trouble: str = ""

    @property
    def id(self) -> str:
        """The prediction's id; empty while it is not known."""
        return self.key if not self.key.startswith("row-") else ""

    @property
    def empty(self) -> bool:
        """No source knows of it any more."""
        return self.record is None and self.task is None and not self.files

    @property
    def _note(self) -> SavedFile | None:
        return next((file for file in self.files.values() if file.sidecar is not None), None)

    @property
    def model(self) -> str:
        """The model's id, or as much of it as a file's name tells."""
        if self.record is not None:
            return self.record.model
        if self.task is not None and self.task.model:
            return self.task.model
        note = self._note
        if note is not None and note.sidecar is not None:
            return note.sidecar.model
        return next((file.model for file in self.files.values()), "")

    @property
    def status(self) -> str:
        """The API's word for how it ended, else `processing`, or `unknown` where its answer was lost."""
        if self.task is not None and self.task.ended:
            return self.task.status
        if self.record is not None and self.record.state in TERMINAL:
            return self.record.state
        if self.files and self.record is None:
            return COMPLETED
        if self.task is None and self.record is not None and self.record.state == UNKNOWN:
            return UNKNOWN
        if self.outputs_gone:
            return UNKNOWN
        return PROCESSING

    @property
    def created_at(self) -> float:
        """Unix seconds."""
        if self.task is not None and self.task.created_at is not None:
            return self.task.created_at.timestamp()
        if self.record is not None:
            return self.record.attempted_at
        return min((file.made_at for file in self.files.values()), default=0.0)

    @property
    def ended_at(self) -> float:
        """Unix seconds; where nobody saw the end, when it began."""
        if self.record is not None and self.record.ended_at:
            return self.record.ended_at
        return self.created_at

    @property
    def input(self) -> dict[str, Any]:
        """The input as it was given, else as it was sent."""
        note = self._note
        sources = [
            self.record.inputs if self.record is not None else None,
            note.sidecar.input if note is not None and note.sidecar is not None else None,
            self.task.inputs if self.task is not None else None,
        ]
        known = [one for one in sources if one]
        whole = [one for one in known if not _shortened(one)]
        return next(iter(whole or known), {})

    @property
    def seed(self) -> Any:
        """The seed it ran with, also where the API drew it."""
        sent = self.task.inputs if self.task is not None else None
        drawn = (sent or {}).get("seed")
        given = self.input.get("seed")
        return drawn if given in (None, -1) and drawn not in (None, -1) else given

    @property
    def prompt(self) -> str:
        """What was asked for, in words."""
        given = self.input
        for name in ("prompt", "text", "lyrics"):
            if isinstance(given.get(name), str):
                return str(given[name])
        return next((value for key, value in given.items() if "prompt" in key and isinstance(value, str)), "")

    @property
    def project(self) -> str:
        """The name of the project it was made in; empty where nobody noted it."""
        if self.record is not None and self.record.project:
            return PurePosixPath(self.record.project.replace("\\", "/")).name
        note = self._note
        return note.sidecar.project if note is not None and note.sidecar is not None else ""

    @property
    def quote(self) -> float | None:
        """What it was expected to cost, USD."""
        if self.record is not None and self.record.expected is not None:
            return self.record.expected
        note = self._note
        return note.sidecar.price if note is not None and note.sidecar is not None else None

    @property
    def charged(self) -> float | None:
        """What it cost in the end, USD, where that is known."""
        if self.money is not None:
            return max(0.0, round(self.money.charged - self.money.returned, 6))
        return self.record.charged if self.record is not None else None

    @property
    def error(self) -> str:
        """Why it failed."""
        return self.task.error if self.task is not None and self.status in FAILURES else ""

    @property
    def outputs(self) -> list[Output]:
        """What it gave, in order; every saved file is one of them."""
        left = dict(self.files)
        found = [_with_file(one, left) for one in _flat(self.task.outputs if self.task is not None else [])]
        missing = [index for index, one in enumerate(found) if one.url and one.file is None]
        for index, name in zip(missing, sorted(left), strict=False):
            file = left.pop(name)
            found[index] = Output(file.kind, found[index].url, "", file)
        return found + [Output(file.kind, file=file) for _, file in sorted(left.items())]

    @property
    def saved(self) -> bool:
        """Everything that a file can hold is on disk."""
        return bool(self.files) and _all_saved(self.outputs)

    @property
    def deleted_at(self) -> float:
        """When the API deletes its outputs, Unix seconds."""
        return self.created_at + KEPT_SECONDS

    def expires_unsaved(self, now: float) -> bool:
        """Its outputs are deleted within a day of `now`, and nothing holds them but the API."""
        if self.status != COMPLETED or self.saved or self.outputs_gone or not self.id:
            return False
        texts = self.task is not None and all(one.kind == "text" for one in self.outputs)
        return not texts and now < self.deleted_at < now + DAY

    def row(self) -> dict[str, Any]:
        """What the grid needs of it. Empty fields are left out."""
        outputs, status = self.outputs, self.status
        facts: dict[str, Any] = {
            "key": self.key,
            "model": self.model,
            "status": status,
            "at": round(self.created_at, 3),
            "ended": round(self.ended_at, 3),
            "prompt": self.prompt[:LONGEST_PROMPT],
            "project": self.project,
            "quote": self.quote,
            "charged": self.charged,
            "returned": self.money.returned if self.money is not None else None,
            "error": self.error[:LONGEST_PROMPT],
            "kinds": list(dict.fromkeys(one.kind for one in outputs)) or [kind_of_model(self.model)],
            "outputs": len(outputs),
            "text": next((one.text for one in outputs if one.text), "")[:LONGEST_EXCERPT],
            "saved": bool(self.files) and _all_saved(outputs),
            "unasked": status == COMPLETED and not outputs and not self.outputs_gone,
            "gone": self.outputs_gone and not self.files,
            "saving": self.saving,
            "trouble": self.trouble,
        }
        return {
            name: value for name, value in facts.items() if value not in (None, "", []) and value is not False
        }


def _all_saved(outputs: list[Output]) -> bool:
    files = [one for one in outputs if one.kind != "text" or one.file is not None]
    return bool(files) and all(one.file is not None for one in files)


def _flat(outputs: list[Any]) -> list[Output]:
    return [found for output in outputs for found in _outputs_in(output, outermost=True)]


def _outputs_in(value: Any, *, outermost: bool = False) -> Iterator[Output]:
    if isinstance(value, str):
        if value.lower().startswith(("http://", "https://")) and not any(mark.isspace() for mark in value):
            yield Output(kind_of(value), url=value)
        elif is_inline(value):
            yield Output("file", text="")
        elif outermost:
            yield Output("text", text=value)
    elif isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        found = [one for item in inner for one in _outputs_in(item)]
        if found or not outermost:
            yield from found
        else:
            yield Output("text", text=json.dumps(value, ensure_ascii=False, indent=2))


def _with_file(output: Output, left: dict[str, SavedFile]) -> Output:
    """`output` with the saved file that says it came from there."""
    for name, file in left.items():
        if output.url and file.sidecar is not None and file.sidecar.output == output.url:
            del left[name]
            return Output(file.kind, output.url, "", file)
    return output


def _shortened(value: Any) -> bool:
    """Somewhere in `value` there is only a digest of what was given."""
    if isinstance(value, str):
        return value.startswith("sha256:")
    if isinstance(value, dict):
        return any(_shortened(item) for item in value.values())
    return isinstance(value, list) and any(_shortened(item) for item in value)
