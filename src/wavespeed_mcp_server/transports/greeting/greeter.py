"""Reads standard input from the first moment on, and answers the opening until the SDK takes over."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, BinaryIO

from .answers import Answers
from .streams import write_line

MAX_LINE_BYTES = 64 * 1024 * 1024
MOST_LINES = 64


class Greeter:
    """One thread that reads lines; it ends with the input, or with the process.

    Without `answers` it only reads. `said` has what it has answered itself, by the id of the request;
    a client may use an id again once it has its answer.
    """

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO, answers: Answers | None = None) -> None:
        self.outgoing = outgoing
        self.said: dict[Any, list[bytes]] = {}
        self.greets = answers is not None
        self._incoming = incoming
        self._answers = answers
        self._turn = threading.Lock()
        self._backlog: list[bytes] = []
        self._pass_on: Callable[[bytes], None] | None = None

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    def _read(self) -> None:
        line = b"\n"
        while line:
            try:
                line = self._incoming.readline(MAX_LINE_BYTES)
            except (OSError, ValueError):
                line = b""
            with self._turn:
                pass_on = self._pass_on
                if pass_on is None:
                    self._backlog.append(line)
                    self._greet(line)
            if pass_on is not None:
                pass_on(line)

    def _greet(self, line: bytes) -> None:
        reply = self._answers.reply(line) if self._answers is not None and line else None
        if reply is not None:
            request_id, text = reply
            with suppress(OSError):
                write_line(self.outgoing, text)
                self.said.setdefault(request_id, []).append(text)

    async def lines(self) -> AsyncIterator[bytes]:
        """Every line from the first one on, until the input ends. From now on nothing is answered here."""
        import asyncio

        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[bytes] = asyncio.Queue()
        # A client that writes faster than it is served waits, so that it cannot fill the memory.
        room = threading.Semaphore(MOST_LINES)

        def pass_on(line: bytes) -> None:
            room.acquire()
            # The loop may have ended.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(lines.put_nowait, line)

        with self._turn:
            backlog, self._pass_on = self._backlog, pass_on
        for line in backlog:
            if not line:
                return
            yield line
        while line := await lines.get():
            room.release()
            yield line
