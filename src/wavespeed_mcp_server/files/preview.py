"""A picture small enough for a conversation, made from any image a model gives.

Pillow is imported here alone, and only when a picture is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import anyio
import anyio.lowlevel
import anyio.to_thread

from .inline import decoded
from .media import sniff

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SOURCE_BYTES = 64 * 1024 * 1024
MAX_SOURCE_PIXELS = 64_000_000
"""Decoded this is at most 256 MB; the largest upscaler outputs seen have 33 million."""
MAX_PREVIEW_BYTES = 300_000
SIDES = (1024, 768, 512, 384, 256)
"""Pixels of the longer side, tried until a picture fits; the last one always does."""
QUALITIES = (85, 70, 50)
FEW_COLOURS = 256
AT_ONCE = 2

# Only what models give: the other decoders of Pillow are so much code for a hostile file to try.
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")

ResultT = TypeVar("ResultT")

_turn: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("preview turn")


class NoPicture(Exception):
    """The bytes cannot be shown as a picture; the text says why."""


class Picture(NamedTuple):
    """An encoded picture: `mime` is image/jpeg, image/png or image/webp, sides are pixels."""

    content: bytes
    mime: str
    width: int
    height: int


async def in_turn(draw: Callable[..., ResultT], *values: object) -> ResultT:
    """What `draw` gives for `values`, in a worker thread, where two are drawn at a time."""
    turn = _turn.get(None)
    if turn is None:
        turn = anyio.CapacityLimiter(AT_ONCE)
        _turn.set(turn)
    return await anyio.to_thread.run_sync(draw, *values, limiter=turn)


def from_text(text: str) -> bytes:
    """The bytes of an output that `is_inline`: a data URI, or naked base64.

    Raises:
        NoPicture: they cannot be decoded, or there are too many.
    """
    if len(text) > MAX_SOURCE_BYTES * 4 // 3 + 4096:
        raise NoPicture(f"it has more than {MAX_SOURCE_BYTES:,} bytes")
    try:
        return decoded(text)
    except ValueError as error:
        raise NoPicture("its base64 is broken") from error


def small_picture(content: bytes, side: int = SIDES[0]) -> Picture:
    """The image in `content`, at most 300 kB and `side` pixels a side. Blocks.

    Of an animation it is the first frame.

    Raises:
        NoPicture: it is not an image that can be read, or it has too many pixels.
    """
    return fitting(decoded_image(content, side))


def decoded_image(content: bytes, side: int = SIDES[0]) -> Image:
    """The image in `content` as 8-bit grey, RGB or RGBA, upright, at most `side` pixels a side. Blocks.

    Raises:
        NoPicture: see `small_picture`.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    media = sniff(content[:4096], len(content))
    if media is not None and media.kind != "image" and not media.weak:
        raise NoPicture(f"it is {media.mime}, not an image")
    too_many = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as source:
            width, height = source.size
            if width * height > MAX_SOURCE_PIXELS:
                raise NoPicture(f"it has {width} x {height} pixels, too many to look at")
            # Of a large JPEG only the needed resolution is decoded.
            source.draft(None, (side, side))
            shown = _plain_mode(source)
            shown.thumbnail((side, side))
            ImageOps.exif_transpose(shown, in_place=True)
    except UnidentifiedImageError as error:
        raise NoPicture("it is not an image that can be read here") from error
    except too_many as error:
        raise NoPicture("it has too many pixels to look at") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise NoPicture("the image is damaged") from error
    return shown


def _plain_mode(source: Image) -> Image:
    """It, decoded, in 8-bit grey, RGB or RGBA; alpha is kept only where something is transparent."""
    if source.mode.startswith(("I", "F")):
        return _eight_bits(source)
    if source.mode in {"L", "RGB"} and "transparency" not in source.info:
        source.load()
        return source
    if source.mode in {"1", "L", "RGB", "CMYK", "YCbCr", "LAB", "HSV"} and not source.has_transparency_data:
        return source.convert("L" if source.mode == "1" else "RGB")
    shown = source.convert("RGBA")
    lowest = shown.getchannel("A").getextrema()[0]
    return shown.convert("RGB") if lowest == 255 else shown


def _eight_bits(source: Image) -> Image:
    """Deep grey (depth maps, masks) as 8 bits: 16-bit values are divided by 256, others stretched."""
    deep = source.convert("F")
    low, high = (float(value) for value in deep.getextrema())  # type: ignore[arg-type]
    if source.mode != "F" and low >= 0 and 255 < high < 65536:
        low, high = 0.0, 65535.0
    scale = 255 / (high - low) if high > low else 1.0
    return deep.point(lambda value: value * scale + -low * scale).convert("L")


def fitting(picture: Image, sides: Sequence[int] = SIDES, qualities: Sequence[int] = QUALITIES) -> Picture:
    """It, encoded in at most 300 kB: the first of `sides` and `qualities` at which it fits. Blocks.

    Raises:
        NoPicture: it fits at none of them.
    """
    few = picture.getcolors(FEW_COLOURS) is not None
    for side in sides:
        small = picture.copy()
        small.thumbnail((side, side))
        if few or picture.mode == "RGBA":
            content = _encoded(small, "PNG", optimize=True)
            if len(content) <= MAX_PREVIEW_BYTES:
                return Picture(content, "image/png", *small.size)
        kind, mime = ("WEBP", "image/webp") if picture.mode == "RGBA" else ("JPEG", "image/jpeg")
        for quality in qualities:
            content = _encoded(small, kind, quality=quality)
            if len(content) <= MAX_PREVIEW_BYTES:
                return Picture(content, mime, *small.size)
    raise NoPicture("it does not shrink to a size that can be sent")


def _encoded(picture: Image, kind: str, **options: int | bool) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, exif=b"", **options)
    return out.getvalue()
