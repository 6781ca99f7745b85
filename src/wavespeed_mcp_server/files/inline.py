"""Outputs that are the file itself, as a data URI or as naked base64, and how they get to disk.

Models answer `enable_base64_output` with naked base64 (official model pages); in 2025 it was a data URI.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

import anyio.to_thread

from .landing import Landing
from .media import sniff
from .names import safe_stem, suffix_for
from .path_policy import PathPolicy
from .refusal import unwritable

_DATA_URI = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+=[\w.+\"-]+)*)(;base64)?,", re.IGNORECASE)
_SHORTEST = 64
_SHORTEST_WEAK = 1024
_LOOKED_AT = 1024
"""Characters of naked base64 that are decoded to see what it is."""


@dataclass(frozen=True)
class Saved:
    """An output on disk. `url` is where it was fetched from, None if the output held the file itself."""

    path: Path
    size_bytes: int
    url: str | None = None


def is_inline(output: object) -> bool:
    """Whether an output is a file in the form of text.

    A text model's answer never is: naked base64 counts only if it is long, clean, and decodes to known media.
    """
    if not isinstance(output, str) or len(output) < 5:
        return False
    return _DATA_URI.match(output) is not None if output[:5].lower() == "data:" else _is_naked(output)


def _is_naked(text: str) -> bool:
    if len(text) < _SHORTEST or " " in text:
        return False
    start = "".join(text[:_LOOKED_AT].split()).rstrip("=")
    try:
        head = base64.b64decode(start[: len(start) // 4 * 4], validate=True)
    except (binascii.Error, ValueError):
        return False
    media = sniff(head)
    return media is not None and (not media.weak or len(text) >= _SHORTEST_WEAK)


async def write_inline(
    policy: PathPolicy, stem: str, output: str, directory: str = "", *, run: str = ""
) -> Saved:
    """Decode an inline output into the output directory, under the name `stem` and what its content is.

    `run` as in `write_bytes`.

    Base64 that cannot be decoded is written as it came, as text: a paid output is never dropped.

    Raises:
        FileRefused: the output directory cannot be written to.
    """
    return await anyio.to_thread.run_sync(_write, policy, stem, output, directory, run)


def _write(policy: PathPolicy, stem: str, output: str, directory: str, run: str) -> Saved:
    try:
        content = decoded(output)
    except (binascii.Error, ValueError):
        content, suffix = output.encode("utf-8", "replace"), ".txt"
        return write_bytes(policy, stem, content, directory, suffix=suffix, run=run)
    return write_bytes(policy, stem, content, directory, run=run)


def write_bytes(
    policy: PathPolicy, stem: str, content: bytes, directory: str = "", *, suffix: str = "", run: str = ""
) -> Saved:
    """Write `content` to the output directory, its ending told from it unless `suffix` is given. Blocks.

    `run` as in `Landing.keep`.

    Raises:
        FileRefused: the output directory cannot be written to.
    """
    target = policy.writable_dir(directory)
    try:
        landing = Landing(target)
        try:
            landing.write(content)
            ending = suffix or suffix_for(landing.head, len(content), sniff(landing.head, len(content)))
            return Saved(landing.keep(safe_stem(stem), ending, run), len(content))
        finally:
            landing.discard()
    except OSError as error:
        raise unwritable(target, error) from error


def decoded(output: str) -> bytes:
    """The bytes of a data URI or of naked base64. Raises ValueError where it is neither."""
    prefix = _DATA_URI.match(output)
    if prefix is None:
        return _from_base64(output)
    body = output[prefix.end() :]
    return _from_base64(unquote(body)) if prefix[3] else unquote_to_bytes(body)


def _from_base64(text: str) -> bytes:
    packed = "".join(text.split())
    return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
