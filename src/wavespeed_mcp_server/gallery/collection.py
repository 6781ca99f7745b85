"""Every run that anybody knows of, and what changed since a page last asked.

The sources are the ledger, the account's history and bills, and the output directory. Each tells what it
knows, in any order and as often as it likes; a run is there as long as one of them knows it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from heapq import nlargest
from typing import Any

import anyio

from ..api.wire import Prediction
from ..ledger.reading import Changes, Record
from .folder import SavedFile
from .page_json import page_json
from .run import Money, Run


class Collection:
    """All runs by key: the prediction's id, or `row-N` of the ledger while that is not known."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.revision = 0
        self._rows: dict[str, str] = {}
        self._revisions: dict[str, int] = {}
        self._gone: dict[str, int] = {}
        self._forgotten: set[str] = set()
        self._keys: dict[int, str] = {}
        self._files: dict[str, SavedFile] = {}
        self._made_from: dict[str, str] = {}
        self._used_by: dict[str, dict[str, None]] = {}
        self._changed = anyio.Event()
        self._news: dict[str, Any] = {}

    def take_records(self, changes: Changes) -> None:
        """What is different in the ledger."""
        for record in changes.records:
            key = record.id or f"row-{record.key}"
            before = self._keys.get(record.key)
            if before is not None and before != key:
                self._set_record(before, None)
            self._keys[record.key] = key
            self._set_record(key, record)
        for row in changes.gone:
            if row in self._keys:
                self._set_record(self._keys.pop(row), None)

    def _set_record(self, key: str, record: Record | None) -> None:
        self._run(key).record = record
        self._touch(key)

    def take_tasks(self, tasks: Iterable[Prediction]) -> None:
        """What the account's history, or a look at single tasks, says of them."""
        for task in tasks:
            run = self._run(task.id)
            if task.inputs is None and run.task is not None:
                task = task.model_copy(update={"inputs": run.task.inputs})
            if run.task != task:
                run.task = task
                run.outputs_gone = False
                self._touch(task.id)

    def take_files(self, files: dict[str, SavedFile]) -> None:
        """Everything that is saved now."""
        before, self._files = self._files, files
        different = [name for name in before.keys() | files.keys() if before.get(name) != files.get(name)]
        touched: dict[str, None] = {}
        for name in different:
            old, new = before.get(name), files.get(name)
            if old is not None:
                self._run(old.id).files.pop(name, None)
                touched[old.id] = None
            if new is not None:
                self._run(new.id).files[name] = new
                touched[new.id] = None
        for key in touched:
            self._touch(key)

    def take_money(self, money: dict[str, Money]) -> None:
        """What the account was billed for runs; those that nobody else knows are left out."""
        for key, one in money.items():
            if key in self.runs and self.runs[key].money != one:
                self.runs[key].money = one
                self._touch(key)

    def forget_tasks(self, keys: Iterable[str]) -> None:
        """The account no longer has these tasks and their outputs."""
        for key in keys:
            self._forgotten.add(key)
            if key in self.runs:
                self.runs[key].task = None
                self.runs[key].outputs_gone = True
                self._touch(key)

    def note(self, key: str, **facts: Any) -> None:
        """Change `saving`, `trouble` or `outputs_gone` of a run."""
        if key in self.runs:
            for name, value in facts.items():
                setattr(self.runs[key], name, value)
            self._touch(key)

    def tell(self, **news: Any) -> None:
        """Facts about the sources themselves, for every page to show; None takes one back."""
        fresh = {name: value for name, value in {**self._news, **news}.items() if value is not None}
        if fresh != self._news:
            self._news = fresh
            self._tick()

    def _run(self, key: str) -> Run:
        if key not in self.runs:
            # The ledger may tell of a run only after it was deleted here.
            self.runs[key] = Run(key, outputs_gone=key in self._forgotten)
        return self.runs[key]

    def _touch(self, key: str) -> None:
        run = self.runs[key]
        if run.empty:
            del self.runs[key]
            self._rows.pop(key, None)
            if self._revisions.pop(key, None) is not None:
                self._gone[key] = self.revision + 1
                self._tick()
            return
        row = page_json(run.row())
        self._index(run)
        if self._rows.get(key) != row:
            self._rows[key] = row
            self._gone.pop(key, None)
            self._revisions[key] = self.revision + 1
            self._tick()

    def _tick(self) -> None:
        self.revision += 1
        self._changed.set()
        self._changed = anyio.Event()

    async def wait(self, revision: int, seconds: float) -> None:
        """Return when something is newer than `revision`, or after `seconds`."""
        with anyio.move_on_after(seconds):
            while self.revision <= revision:
                await self._changed.wait()

    def newest(self, count: int) -> str:
        """As `since`, of the newest runs alone and as revision 0: something to see until all are there."""
        keys = nlargest(count, self.runs, key=lambda key: self.runs[key].created_at)
        return self._answer(0, True, [], [self._rows[key] for key in keys])

    def since(self, revision: int) -> str:
        """JSON of what is newer than `revision`: `revision`, `runs`, `gone` (keys), `news` and `total`.

        A revision of another collection, which a page may have from before a restart, gets everything, with
        `whole` set.
        """
        whole = revision <= 0 or revision > self.revision
        rows = [row for key, row in self._rows.items() if whole or self._revisions.get(key, 0) > revision]
        gone = [] if whole else [key for key, at in self._gone.items() if at > revision]
        return self._answer(self.revision, whole, gone, rows)

    def _answer(self, revision: int, whole: bool, gone: list[str], rows: list[str]) -> str:
        head = {
            "revision": revision,
            "whole": whole,
            "gone": gone,
            "news": self._news,
            "total": len(self.runs),
        }
        return page_json(head)[:-1] + ', "runs": [' + ",".join(rows) + "]}"

    def _index(self, run: Run) -> None:
        for output in run.outputs:
            if output.url:
                self._made_from[output.url] = run.key
        for file in run.files.values():
            self._made_from[os.path.basename(file.name)] = run.key  # noqa: PTH119 - a name, not a path
        for name in _references(run):
            self._used_by.setdefault(name, {})[run.key] = None

    def parents(self, run: Run) -> list[Run]:
        """The runs whose outputs went into this one."""
        found = [self._made_from.get(name, name) for name in _references(run)]
        return [self.runs[key] for key in dict.fromkeys(found) if key in self.runs and key != run.key]

    def children(self, run: Run) -> list[Run]:
        """The runs that this one's outputs went into."""
        names = [output.url for output in run.outputs if output.url]
        names += [file.name.rpartition("/")[2] for file in run.files.values()] + [run.key]
        found = [key for name in names for key in self._used_by.get(name, ())]
        return [self.runs[key] for key in dict.fromkeys(found) if key in self.runs and key != run.key]


def _references(run: Run) -> Iterator[str]:
    """What a run was made from: ids of other runs, web addresses, and where no id is noted names of files."""
    sources = [run.record.inputs if run.record else None, run.task.inputs if run.task else None]
    noted = list(run.record.parents) if run.record else []
    for file in run.files.values():
        if file.sidecar is not None:
            sources.append(file.sidecar.input)
            noted += file.sidecar.parents
    yield from noted
    for source in sources:
        for name in _texts_that_refer(source):
            if not noted or name.startswith(("http://", "https://")):
                yield name


def _texts_that_refer(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(("http://", "https://")):
            yield value
        elif value.startswith("@") and len(value) < 4096:
            yield value[1:].replace("\\", "/").rpartition("/")[2]
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts_that_refer(item)
