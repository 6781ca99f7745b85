"""A rule on its way through the ledger's thread, alone or in one transaction with those behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, TypeVar

from .batched_thread import Step
from .store import Transaction

T = TypeVar("T")
Rule = Callable[[Transaction], T]
MOST_TOGETHER = 100
"""A transaction of so many takes some ten milliseconds, in which no other process can decide."""


class Decision(Step[T]):
    """A rule; `alone` decides it by itself, and `together` decides several, or none and returns False.

    `stands` is called with what was decided once that is certain, before any other rule `about` the same:
    so two of those are not decided together.
    """

    __slots__ = ("_about", "_stands", "_together", "rule")

    def __init__(
        self,
        rule: Rule[T],
        alone: Callable[[], T],
        together: Callable[[Sequence[Decision[Any]]], bool],
        stands: Callable[[T], None],
        about: str,
    ) -> None:
        super().__init__(alone)
        self.rule = rule
        self._about = about
        self._together = together
        self._stands = stands

    def carry_out(self, behind: Iterable[Step[Any]]) -> None:
        """See `Step`."""
        group: list[Decision[Any]] = []
        about: set[str] = set()
        for one in chain([self], behind):
            if len(group) == MOST_TOGETHER or not isinstance(one, Decision) or one._about in about:
                break
            group.append(one)
            if one._about:
                about.add(one._about)
        if len(group) == 1 or not self._together(group):
            for one in group:
                one.settle(one._do)

    def settle(self, outcome: Callable[[], T]) -> None:
        """See `Step`."""
        super().settle(lambda: self._standing(outcome()))

    def _standing(self, decided: T) -> T:
        self._stands(decided)
        return decided
