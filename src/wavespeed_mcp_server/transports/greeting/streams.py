"""The process's standard streams, taken for the protocol alone."""

from __future__ import annotations

import os
import select
from typing import BinaryIO


def claim_streams() -> tuple[BinaryIO, BinaryIO]:
    """The wire as private files; file descriptor 0 is empty and 1 is stderr from now on.

    What any library prints, or a child process reads, can no longer touch the protocol.
    """
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return incoming, outgoing


def write_line(outgoing: BinaryIO, line: bytes) -> None:
    """Write all of `line` and its end. Raises `OSError` where nobody reads any more."""
    rest = memoryview(line + b"\n")
    while rest:
        rest = rest[outgoing.write(rest) :]


def takes_at_once(outgoing: BinaryIO, line: bytes) -> bool:
    """Whether `line` and its end can be written without waiting for whoever reads; False where none can tell.

    A pipe that is ready takes `PIPE_BUF` bytes (POSIX).
    """
    if len(line) >= getattr(select, "PIPE_BUF", 0):
        return False
    return bool(select.select([], [outgoing], [], 0)[1])
