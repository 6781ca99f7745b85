"""The store of a process: opened when first needed, one thread's work, in memory while the file fails."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import time
from typing import Any, Protocol, Self, TypeVar

import anyio

from .batched_thread import BatchedThread
from .decision import Decision, Rule
from .following import Calls
from .owners import Alone, LockFiles, Owners
from .rows import Row
from .sqlite import BUSY_SECONDS, SqliteStore
from .store import Store, StoreFault

logger = logging.getLogger(__name__)
RETRY_BUSY_SECONDS = 0.05
TRIES = 3
DAMAGE_SECONDS = 24 * 3600.0
T = TypeVar("T")


class DurableStore(Store, Protocol):
    """A store that outlives its process."""

    def absorb(self, memory: SqliteStore, *, everything: bool = False) -> None:
        """Take over what was decided in `memory`. Raises `StoreFault`."""


class LedgerUnavailable(Exception):
    """What must be noted in the ledger cannot be."""

    @classmethod
    def for_budget(cls, fault: str) -> Self:
        """A file that cannot be used, and why."""
        return cls(f"A daily budget is set and cannot be kept without the ledger: {fault}.")


class SharedStore:
    """What every account of this process, and every process with the same directory, keeps its rows in.

    `owner` is this process's own name among the owners of rows. `fault` says why the file is not in use, or
    is empty; `damage` says what of it was lost lately. `strangers` are tasks that the API does not show to
    this key; `purged_at` is when old rows of each origin were dropped. `must_hold`: nothing is bought that is
    not in it.
    """

    must_hold = False

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file: DurableStore | None = None
        self._memory: SqliteStore | None = None
        self._everything = False
        self._replaced: list[SqliteStore] = []
        self._damage_seen = ""
        self._owners: LockFiles | None = None
        self._thread = BatchedThread()
        self._calls: dict[int, Calls] = {}
        self._mine: dict[int, Row] = {}
        self.owner = uuid.uuid4().hex
        self.strangers: set[str] = set()
        self.purged_at: dict[str, float] = {}
        self.fault = ""
        self.damage = ""

    @property
    def path(self) -> Path:
        """The ledger's file."""
        return self._directory / "ledger.sqlite3"

    @property
    def is_away(self) -> bool:
        """Nothing can be bought until it is back."""
        return self.must_hold and bool(self.fault)

    @property
    def where(self) -> str:
        """What holds the ledger, in words."""
        return str(self.path)

    async def aclose(self) -> None:
        """Close the file and let go of this process's lock."""
        with anyio.CancelScope(shield=True):
            await self._thread.run(self._close)

    async def run(
        self,
        rule: Rule[T],
        stands: Callable[[T], None] = lambda decided: None,
        *,
        about: str = "",
        shielded: bool = False,
        on_disk: bool = False,
    ) -> T:
        """What a rule decides in one transaction: in the file, or in memory while that cannot be used.

        A transaction that fails is done again, so a rule changes nothing but what is in the store. What else
        follows from its decision is for `stands`, which is called once, before any other rule `about` the
        same.

        Raises:
            LedgerUnavailable: it must be `on_disk`, and the file cannot be used.
        """

        alone = partial(self._decided, rule, on_disk=on_disk)
        result: list[T] = []
        with anyio.CancelScope(shield=shielded):
            await self._reached()
            decision = Decision(rule, alone, self._decide_together, stands, about)
            result.append(await self._thread.carry_out(decision))
        return result[0]

    async def _reached(self) -> None:
        """Returns once the store is there, as far as that is worth waiting for."""

    def _decide_together(self, decisions: Sequence[Decision[Any]]) -> bool:
        """Decide in one transaction; False, and nothing is decided, where that fails for any of them."""
        try:
            decided = self._decided_at_once([one.rule for one in decisions])
        except Exception:  # noqa: BLE001 - decided alone it is raised again, to the caller whose rule it was
            return False
        for one, what in zip(decisions, decided, strict=False):
            one.settle(partial(_same, what))
        return bool(decided)

    def _decided_at_once(self, rules: Sequence[Rule[Any]]) -> list[Any]:
        """What each of them decides; nothing where the file is not in use."""
        store = self._usable()
        if self.fault or self.damage or not isinstance(store, SqliteStore):
            return []
        decided: list[Any] = []
        try:
            with store.transaction() as transaction:
                decided += [rule(transaction) for rule in rules]
        except StoreFault as error:
            self._fall_back(error, give_up=False)
            return []
        return decided

    def _decided(self, rule: Rule[T], *, on_disk: bool) -> T:
        tries = 0
        while True:
            store = self._usable() if tries < TRIES else self._in_memory()
            if on_disk and (self.fault or self.damage):
                raise self._unavailable()
            done: list[T] = []
            try:
                with store.transaction() as transaction:
                    done.append(rule(transaction))
                return done[0]
            except StoreFault as error:
                tries += 1
                if store is self._memory:
                    raise
                if self._fall_back(error, give_up=tries == TRIES):
                    return done[0]

    def _usable(self) -> DurableStore:
        """The file where it can be used, tried again at every step where it could not; else memory."""
        if isinstance(self._file, SqliteStore) and self._file.was_replaced:
            self._leave_replaced(self._file)
        if self._file is None:
            self._file = self._open_file()
        return self._file or self._in_memory()

    def _in_memory(self) -> SqliteStore:
        if self._memory is None:
            self._memory = self._new_memory()
        return self._memory

    def _open_file(self) -> DurableStore | None:
        busy = RETRY_BUSY_SECONDS if self.fault else BUSY_SECONDS
        try:
            opened = self._opened(busy)
            self._bring_back(opened)
        except (OSError, StoreFault) as error:
            self._note_fault(error)
            return None
        if self.fault:
            logger.warning("%s is in use again.", self.where)
        self.fault = ""
        self._find_damage()
        return opened

    def _opened(self, busy: float) -> DurableStore:
        self._owners = self._owners or LockFiles(self._directory / "live", self.owner)
        return self._open_or_set_aside(self._owners, busy)

    def _bring_back(self, opened: DurableStore) -> None:
        """What was decided in memory meanwhile goes into the file."""
        if self._memory is None:
            return
        try:
            opened.absorb(self._memory, everything=self._everything)
        except StoreFault:
            opened.close()
            raise
        self._memory.close()
        self._memory, self._everything = None, False

    def _open_or_set_aside(self, owners: Owners, busy: float) -> SqliteStore:
        try:
            return SqliteStore(self.path, owners, busy)
        except StoreFault as error:
            if not error.corrupt:
                raise
            self._set_aside(error)
            return SqliteStore(self.path, owners, busy)

    def _set_aside(self, error: StoreFault) -> None:
        """A damaged file is kept under another name, for whoever can read it."""
        name = f"{self.path.name}.damaged-{time():.0f}"
        for end in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + end).rename(self.path.with_name(name + end))
        logger.warning("%s cannot be used: %s. It was set aside as %s.", self.path, error, name)
        self._damage_seen = str(error)

    def _find_damage(self) -> None:
        """What was spent in a file that was set aside lately is not known."""
        self.damage = ""
        for path in self._directory.glob(f"{self.path.name}.damaged-*[0-9]"):
            with suppress(ValueError):
                if time() - float(path.name.rpartition("-")[2]) < DAMAGE_SECONDS:
                    why = f" ({self._damage_seen})" if self._damage_seen else ""
                    self.damage = (
                        f"{self.path} cannot be used for budgets: it was damaged{why} and set aside as "
                        f"{path.name}, so that what was spent is not known. Budgets work again after a "
                        "day, or once that file is deleted"
                    )

    def _leave_replaced(self, replaced: SqliteStore) -> None:
        """Go on with the file that is at the path now, and bring along what was in the one before."""
        memory = self._new_memory()
        with suppress(StoreFault):
            replaced.let_go()
            memory.copy_from(replaced)
        # Not closed: SQLite would take away the log of the file that took its place.
        self._replaced.append(replaced)
        self._file, self._memory, self._everything = None, memory, True

    def _unavailable(self) -> LedgerUnavailable:
        return LedgerUnavailable.for_budget(self.fault or self.damage)

    def _fall_back(self, error: StoreFault, *, give_up: bool) -> bool:
        """What can still be read goes on being known: calls under way hold keys of these rows.

        Returns whether the step was done all the same. A store that can be opened again is, but for the last
        try, where `give_up` is set.
        """
        broken, self._file = self._file, None
        self._memory, self._everything = self._new_memory(), error.corrupt
        if isinstance(broken, SqliteStore):
            with suppress(StoreFault):
                self._memory.copy_from(broken)
            broken.close()
        if error.corrupt:
            self._set_aside(error)
        else:
            self._note_fault(error)
        return False

    def _new_memory(self) -> SqliteStore:
        memory = SqliteStore(None, self._owners or Alone(self.owner))
        memory.note_changes()
        return memory

    def _note_fault(self, error: Exception) -> None:
        if not self.fault:
            logger.warning(
                "%s cannot be used: %s. Runs go on without it, and it is tried again at every step; until "
                "then a restart forgets them, and runs under a budget are refused.",
                self.where,
                error,
            )
        self.fault = f"{self.where} cannot be used: {error}"

    def _close(self) -> None:
        for store in (self._file, self._memory):
            if store is not None:
                store.close()
        self._file = self._memory = None
        if self._owners is not None:
            self._owners.close()
            self._owners = None

    def calls(self, key: int) -> Calls | None:
        """The open calls of this process about a row."""
        return self._calls.get(key)

    def note_call(self, key: int, token: str, started: float, *, is_owner: bool) -> None:
        """A call about a row came in; the row belongs to it where it `is_owner`."""
        calls = self._calls.setdefault(key, Calls(started))
        if is_owner:
            calls.first = started
        calls.open.add(token)
        calls.latest = token, started

    def call_ended(self, key: int, token: str) -> None:
        """A call about a row is over; others about it may still be open."""
        if (calls := self._calls.get(key)) is not None:
            calls.open.discard(token)
            if not calls.open:
                del self._calls[key]

    def remember(self, row: Row) -> None:
        """Keep a row of an open call of this process at hand, in case the store loses it."""
        if row.owner == self.owner and row.unfinished:
            self._mine[row.key] = row
        else:
            self._mine.pop(row.key, None)

    def remembered(self, key: int) -> Row | None:
        """See `remember`."""
        return self._mine.get(key)

    def remembered_of(self, prediction_id: str) -> Row | None:
        """The row of `remember` that owns this prediction."""
        return next((row for row in self._mine.values() if row.id == prediction_id), None)

    def forget(self, key: int) -> None:
        """The row is gone for good."""
        self._mine.pop(key, None)


def _same(decided: T) -> T:
    return decided
