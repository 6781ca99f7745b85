"""Frames from the beginning, the middle and the end of a video. Everything here blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .containers import MOST_PIXELS, length_of, open_container
from .media import MediaType
from .preview import NoPicture

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_DECODED = 900
"""Frames that are decoded on the way from a key frame to the one that is wanted."""


class Frame(NamedTuple):
    """One picture of a video, `at` so many seconds from its beginning."""

    at: float
    image: Image


class Film(NamedTuple):
    """What a video is: seconds, pixels, frames a second, and some of them."""

    seconds: float
    width: int
    height: int
    rate: float
    sound: bool
    frames: list[Frame]

    @property
    def words(self) -> str:
        """Its length and its size."""
        rate = f", {self.rate:.4g} frames a second" if self.rate else ""
        return (
            f"a video of {self.seconds:.1f} seconds, {self.width} x {self.height} pixels{rate}, "
            f"{'with' if self.sound else 'without'} sound"
        )


def look_at_film(content: bytes, media: MediaType, *, side: int = 1024, moments: int = 3) -> Film:
    """Frames of a video, at most `side` pixels a side: `moments` of them spread from its first to its last.

    Raises:
        NoPicture: it cannot be decoded.
    """
    with open_container(content, media) as container:
        stream = next(iter(container.streams.video), None)
        if stream is None:
            raise NoPicture("it has no pictures")
        if stream.width * stream.height > MOST_PIXELS:
            raise NoPicture(f"it has {stream.width} x {stream.height} pixels, too many to look at")
        start = float(container.start_time or 0) / 1_000_000
        seconds = length_of(container, stream)
        if seconds is None:
            seconds = _end_of(container, stream, start)
        frames: list[Frame] = []
        for step in range(moments):
            share = step / (moments - 1) if moments > 1 else 0.5
            frame = _frame_at(container, stream, start, seconds * share)
            found = Frame(max(0.0, (frame.time or 0.0) - start), _image(frame, side))
            if not frames or found.at > frames[-1].at:
                frames.append(found)
        width, height = stream.width, stream.height
        if frames[0].image.width < frames[0].image.height and width > height:
            width, height = height, width
        return Film(
            seconds, width, height, float(stream.average_rate or 0), bool(container.streams.audio), frames
        )


def _end_of(container: Any, stream: Any, start: float) -> float:
    """When the last frame ends, of a video that does not tell its length."""
    last = 0.0
    for count, frame in enumerate(container.decode(stream)):
        last = max(last, (frame.time or 0.0) - start)
        if count >= MOST_DECODED:
            break
    return last + 1 / float(stream.average_rate or 25)


def _frame_at(container: Any, stream: Any, start: float, at: float) -> Any:
    """The frame shown `at` seconds from the beginning, or the last one before it that can be decoded."""
    half = 0.5 / float(stream.average_rate or 25)
    # Where a video ends its last frame has begun already.
    container.seek(int(max(0.0, start + at - 2 * half) * 1_000_000), backward=True)
    shown = None
    for count, frame in enumerate(container.decode(stream)):
        shown = frame
        if (frame.time or 0.0) + half >= start + at or count >= MOST_DECODED:
            break
    if shown is None:
        raise NoPicture("it has no pictures that can be decoded")
    return shown


def _image(frame: Any, side: int) -> Image:
    scale = min(1.0, side / max(frame.width, frame.height))
    size = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    image: Image = frame.to_image(width=size[0], height=size[1])
    # Phones film sideways and note how to turn it.
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image
