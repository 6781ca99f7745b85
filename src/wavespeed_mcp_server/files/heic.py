"""Photos of phones (HEIC) as JPEG, because most models cannot read them. Everything here blocks."""

from __future__ import annotations

import io
import os
import tempfile
from importlib.util import find_spec
from typing import Any

from .media import HEIC, JPEG
from .opening import OpenFile
from .preview import MAX_SOURCE_PIXELS
from .refusal import FileRefused

QUALITY = 93
UNREADABLE = (
    "is a HEIC photo, which most models cannot read, and nothing here can turn it into a JPEG: give a JPEG "
    'or PNG, or install the server as "wavespeed-mcp-server[media]". To send it as it is, give the URL that '
    "upload_file returns for it"
)


def can_convert() -> bool:
    """Whether Pillow, or what the extra `media` adds to it, reads HEIC."""
    if find_spec("pillow_heif") is not None:
        return True
    from PIL import Image

    return ".heic" in Image.registered_extensions()


def as_jpeg(opened: OpenFile) -> OpenFile:
    """A HEIC photo as a JPEG, upright and in its own colours; any other file, or where it cannot be, itself.

    Raises:
        FileRefused: it is damaged, or has too many pixels.
    """
    if opened.media is not HEIC or not can_convert():
        return opened
    with opened:
        content = _encoded(opened)
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        own = io.FileIO(os.dup(file.fileno()), "rb+")
    own.seek(0)
    return OpenFile(opened.path, own, len(content), JPEG)


def _encoded(opened: OpenFile) -> bytes:
    from PIL import Image, ImageOps

    if find_spec("pillow_heif") is not None:
        import pillow_heif

        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    try:
        with Image.open(opened.file) as photo:
            if photo.width * photo.height > MAX_SOURCE_PIXELS:
                raise FileRefused(f"{opened.path} has {photo.width} x {photo.height} pixels, too many.")
            colours: Any = photo.info.get("icc_profile")
            upright = ImageOps.exif_transpose(photo).convert("RGB")
            upright.save(out, "JPEG", quality=QUALITY, icc_profile=colours)
    except (OSError, ValueError, SyntaxError, RuntimeError, EOFError, MemoryError) as error:
        raise FileRefused(f"{opened.path} is damaged: it cannot be read as a HEIC photo.") from error
    return out.getvalue()
