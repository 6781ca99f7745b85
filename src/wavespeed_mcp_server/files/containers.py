"""Video and sound as FFmpeg decodes them, and the little that is known of a file without it.

PyAV (`av`, the extra `media`) is imported here alone, and only when a file is to be decoded. Everything here
blocks.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .media import AVI, FLV, M4A, MKA, MKV, MOV, MP4, OLD_MOV, THREE_GP, WEBA, WEBM, MediaType
from .preview import NoPicture

MOST_PIXELS = 40_000_000
INSTALL = (
    'install the server as "wavespeed-mcp-server[media]" (uvx --from "wavespeed-mcp-server[media]" '
    'wavespeed-mcp-server, or pip install "wavespeed-mcp-server[media]")'
)

# The demuxer is named, because one that is guessed from the content may be a playlist that opens other files.
_DEMUXERS = {
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "video/ogg": "ogg",
    "audio/x-ms-wma": "asf",
    "video/x-ms-wmv": "asf",
    AVI.mime: "avi",
    FLV.mime: "flv",
    **dict.fromkeys((one.mime for one in (MP4, MOV, OLD_MOV, THREE_GP, M4A)), "mov"),
    **dict.fromkeys((one.mime for one in (MKV, WEBM, MKA, WEBA)), "matroska"),
}


class NoDecoder(NoPicture):
    """What decodes video and sound is not installed."""

    def __init__(self) -> None:
        super().__init__(f"to look into it, {INSTALL}")


@contextmanager
def open_container(content: bytes, media: MediaType) -> Iterator[Any]:
    """PyAV's container of a video or a sound.

    Raises:
        NoDecoder: PyAV is not installed.
        NoPicture: it is none of the kinds known here, or damaged, also found while it is read.
    """
    try:
        import av
        import av.error
    except ImportError as error:
        raise NoDecoder from error
    demuxer = _DEMUXERS.get(media.mime)
    if demuxer is None:
        raise NoPicture(f"it is {media.mime}, which is not decoded here")
    try:
        with av.open(io.BytesIO(content), format=demuxer) as container:
            yield container
    except (av.error.FFmpegError, OSError, ValueError, MemoryError, EOFError) as error:
        raise NoPicture("it is damaged, or in a form that is not decoded here") from error


def length_of(container: Any, stream: Any) -> float | None:
    """Seconds, as the container or the stream tell them."""
    if container.duration:
        return float(container.duration) / 1_000_000
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return None


def length_by_boxes(content: bytes, media: MediaType) -> float | None:
    """Seconds of an ISO media file by its movie header; None for other files. Needs no decoder."""
    if _DEMUXERS.get(media.mime) != "mov":
        return None
    at = content.find(b"mvhd")
    if at < 0 or len(content) < at + 36:
        return None
    wide = content[at + 4] == 1
    start, size = (at + 24, 8) if wide else (at + 16, 4)
    scale = int.from_bytes(content[start : start + 4], "big")
    length = int.from_bytes(content[start + 4 : start + 4 + size], "big")
    return length / scale if scale and length < 1 << 40 else None
