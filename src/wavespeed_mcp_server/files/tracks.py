"""Whether a container holds pictures or only sound: boxes of one kind carry both, and brands do not tell.

ISO media files (MP4, QuickTime, 3GP) are asked for the handlers of their tracks, wherever in the file these
are listed; ASF and Matroska list theirs in the head. Everything here blocks.
"""

import io
import re
from collections.abc import Iterator

from .media import M4A, MKA, MKV, MOV, MP4, OLD_MOV, THREE_GP, WEBA, WEBM, WMA, WMV, MediaType

_ISO = (MP4, MOV, OLD_MOV, THREE_GP)
_HEAD_BYTES = 1024 * 1024
_MOST_BOXES = 10_000
_INSIDE = (b"moov", b"trak", b"mdia")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
_ASF_AUDIO = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
_CODEC = re.compile(rb"\x86[\x81-\xa0]([VA])_[A-Z]")
_SOUND_OF = {WMV: WMA, WEBM: WEBA, MKV: MKA} | dict.fromkeys(_ISO, M4A)


def by_tracks(file: io.FileIO | io.BytesIO, size: int, media: MediaType) -> MediaType:
    """`media`, or the kind of sound in the same container if the file (of `size` bytes) has no pictures.

    Raises OSError where the file cannot be read. The file's position is lost.
    """
    if media not in _SOUND_OF:
        return media
    if media in _ISO:
        handlers = set(_handlers(file, 0, size, [0]))
        only_sound = b"soun" in handlers and b"vide" not in handlers
    else:
        file.seek(0)
        head = file.read(_HEAD_BYTES) or b""
        kinds = set(_CODEC.findall(head))
        if media is WMV:
            kinds = {kind for kind, mark in ((b"V", _ASF_VIDEO), (b"A", _ASF_AUDIO)) if mark in head}
        only_sound = kinds == {b"A"}
    return _SOUND_OF[media] if only_sound else media


def _handlers(file: io.FileIO | io.BytesIO, start: int, end: int, seen: list[int]) -> Iterator[bytes]:
    """The handler types of the tracks between two offsets; a box that makes no sense ends the search."""
    at = start
    while at + 8 <= end and seen[0] < _MOST_BOXES:
        seen[0] += 1
        file.seek(at)
        head = file.read(16) or b""
        size, name, inner = int.from_bytes(head[:4], "big"), head[4:8], at + 8
        if size == 1:
            size, inner = int.from_bytes(head[8:16], "big"), at + 16
        size = size or end - at
        if size < inner - at or len(head) < 8:
            return
        if name in _INSIDE:
            yield from _handlers(file, inner, min(at + size, end), seen)
        elif name == b"hdlr":
            file.seek(inner + 8)
            yield file.read(4) or b""
        at += size
