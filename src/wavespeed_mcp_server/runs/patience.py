"""When a host gives up on its calls without a word."""

from __future__ import annotations

SHORTEST_SECONDS = 4.0
ABOUT_SECONDS = 1.0
ABOUT_SHARE = 0.1
SOONER_SECONDS = 1.0


class HostPatience:
    """How long the caller's host waits for an answer, once it has shown it by repeating calls.

    `seconds` is what a call may take from then on; None where nothing is known.
    """

    def __init__(self) -> None:
        self.seconds: float | None = None
        self._last: tuple[str, float] | None = None

    def repeated(self, call: str, age: float) -> None:
        """The call `call` repeats one that has no answer after `age` seconds. Twice at one age is a habit."""
        if age < SHORTEST_SECONDS or (self._last is not None and self._last[0] == call):
            return
        if self._last is not None and abs(age - self._last[1]) <= max(ABOUT_SECONDS, ABOUT_SHARE * age):
            self.seconds = min(age, self._last[1]) - SOONER_SECONDS
        self._last = call, age
