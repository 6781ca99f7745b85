"""A look at an output: a small picture of an image, a video or a sound, and words about it. It all blocks."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

from .containers import NoDecoder, length_by_boxes
from .frames import look_at_film
from .media import HEAD_BYTES, MediaType, sniff
from .preview import Picture, decoded_image, fitting, small_picture
from .sheet import Tile, contact_sheet
from .tracks import by_tracks
from .waveform import draw_sound, look_at_sound

if TYPE_CHECKING:
    from PIL.Image import Image

TILE_SIDE = 640


class Look(NamedTuple):
    """What can be seen of an output. An image needs no words, and what cannot be decoded has no picture."""

    picture: Picture | None
    words: str = ""


def look_at(content: bytes) -> Look:
    """An output's content as one picture, in at most 300 kB.

    Raises:
        NoPicture: it is no image, video or sound, or it is damaged.
    """
    media = media_of(content)
    try:
        if media is not None and media.kind == "video":
            film = look_at_film(content, media)
            times = [f"{frame.at:.1f} s" for frame in film.frames]
            picture = contact_sheet(
                [Tile(at, frame.image) for at, frame in zip(times, film.frames, strict=True)]
            )
            return Look(picture, f"{film.words}. Shown at {', '.join(times)}")
        if media is not None and media.kind == "audio":
            sound = look_at_sound(content, media)
            return Look(fitting(draw_sound(sound)), f"{sound.words}. Shown is its waveform")
    except NoDecoder as error:
        assert media is not None
        return Look(None, f"{undecoded(content, media)}; {error}")
    return Look(small_picture(content))


def tile_of(content: bytes) -> tuple[Image | None, str]:
    """An output's content as a picture for a contact sheet, and a few words about it: its length.

    Raises:
        NoPicture: see `look_at`.
    """
    media = media_of(content)
    try:
        if media is not None and media.kind == "video":
            film = look_at_film(content, media, side=TILE_SIDE, moments=1)
            return film.frames[0].image, f"{film.seconds:.1f} s"
        if media is not None and media.kind == "audio":
            sound = look_at_sound(content, media)
            return draw_sound(sound), f"{sound.seconds:.1f} s"
    except NoDecoder:
        assert media is not None
        return None, undecoded(content, media)
    return decoded_image(content, TILE_SIDE), ""


def media_of(content: bytes) -> MediaType | None:
    """What kind of file it is; sound in a video's container is sound."""
    media = sniff(content[:HEAD_BYTES], len(content))
    return media and by_tracks(io.BytesIO(content), len(content), media)


def undecoded(content: bytes, media: MediaType) -> str:
    """What can be said of a video or a sound that is not decoded."""
    what = "a video" if media.kind == "video" else "a sound"
    seconds = length_by_boxes(content, media)
    length = "" if seconds is None else f" of {seconds:.1f} seconds"
    return f"{what}{length} ({media.mime}, {len(content):,} bytes)"
