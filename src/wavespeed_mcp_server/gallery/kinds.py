"""What kind of media a name, an address or a model's id promises: image, video, audio, 3d, text or file."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from ..files import media
from ..files.media import MediaType

_KINDS = {
    suffix: found.kind
    for found in vars(media).values()
    if isinstance(found, MediaType) and found.kind != "archive"
    for suffix in found.suffixes
} | {".ogg": "audio", ".txt": "text"}
_MODEL_KINDS = (
    ("video", ("video", "i2v", "t2v", "v2v", "lipsync", "talk")),
    ("audio", ("audio", "speech", "speak", "music", "tts", "song", "voice", "sound")),
    ("3d", ("3d", "mesh")),
    ("text", ("llm", "caption", "whisper", "write")),
)


def kind_of(name: str) -> str:
    """The kind of media that a file's name or a web address tells."""
    path = urlsplit(name).path if "://" in name else name
    return _KINDS.get(PurePosixPath(path).suffix.lower(), "file")


def kind_of_model(model: str) -> str:
    """The kind of media that a model's id promises."""
    words = model.lower()
    return next((kind for kind, marks in _MODEL_KINDS if any(mark in words for mark in marks)), "image")
