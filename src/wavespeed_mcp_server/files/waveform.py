"""The shape of a sound: how loud it is over its length. Everything here blocks."""

from __future__ import annotations

import array
import io
import sys
import wave
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from .containers import open_container
from .media import WAV, MediaType
from .preview import NoPicture

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMNS = 1024
HEIGHT = 256
STEPS_PER_SECOND = 100
LONGEST_SECONDS = 3 * 3600
FULL_SCALE = 32_768
QUIET = 0.005

Peak = tuple[int, int]


class Sound(NamedTuple):
    """What a sound is: seconds, samples a second, channels, and its lowest and highest samples in order."""

    seconds: float
    rate: int
    channels: int
    peaks: list[Peak]

    @property
    def loudest(self) -> float:
        """The largest sample, as a share of what can be stored."""
        return max((max(-low, high) for low, high in self.peaks), default=0) / FULL_SCALE

    @property
    def words(self) -> str:
        """Its length and its form."""
        form = {1: "mono", 2: "stereo"}.get(self.channels, f"{self.channels} channels")
        loud = "silent throughout" if self.loudest < QUIET else f"{self.loudest:.0%} of full scale at most"
        return f"a sound of {self.seconds:.1f} seconds, {self.rate / 1000:g} kHz, {form}, {loud}"


def look_at_sound(content: bytes, media: MediaType) -> Sound:
    """The shape of a sound.

    Raises:
        NoPicture: it cannot be decoded.
    """
    if media is WAV:
        try:
            return _plain_wav(content)
        except (wave.Error, EOFError, ValueError, ZeroDivisionError):
            pass  # compressed, or samples of another kind
    return _decoded(content, media)


def _plain_wav(content: bytes) -> Sound:
    """A WAV file of whole numbers, which needs no decoder."""
    with wave.open(io.BytesIO(content)) as source:
        channels, width, rate, frames = source.getparams()[:4]
        peaks = []
        done = 0
        step = max(1, frames // COLUMNS)
        while chunk := source.readframes(step):
            samples = _sixteen_bits(chunk[: len(chunk) // width * width], width)
            peaks.append((min(samples), max(samples)))
            done += len(samples) // channels
    # A recording that was streamed may tell a length that it has not.
    return Sound(done / rate, rate, channels, peaks)


def _sixteen_bits(samples: bytes, width: int) -> array.array[int]:
    """The upper sixteen bits of little-endian samples of `width` bytes; those of one byte have no sign."""
    upper = bytearray(len(samples) // width * 2)
    if width == 1:
        upper[1::2] = bytes(sample ^ 0x80 for sample in samples)
    else:
        upper[0::2] = samples[width - 2 :: width]
        upper[1::2] = samples[width - 1 :: width]
    found = array.array("h", bytes(upper))
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _decoded(content: bytes, media: MediaType) -> Sound:
    with open_container(content, media) as container:
        stream = next(iter(container.streams.audio), None)
        if stream is None:
            raise NoPicture("it has no sound")
        rate, channels = stream.rate, stream.channels
        step = max(1, rate // STEPS_PER_SECOND) * channels
        peaks: list[Peak] = []
        rest = array.array("h")
        count = 0
        for samples in _samples(container, stream):
            rest.extend(samples)
            count += len(samples) // channels
            whole = len(rest) // step * step
            parts = (rest[at : at + step] for at in range(0, whole, step))
            peaks += [(min(part), max(part)) for part in parts]
            del rest[:whole]
            if count > LONGEST_SECONDS * rate:
                break
        if rest:
            peaks.append((min(rest), max(rest)))
        return Sound(count / rate, rate, channels, peaks)


def _samples(container: Any, stream: Any) -> Iterator[array.array[int]]:
    """The sound as samples of 16 bits, channels side by side, chunk by chunk."""
    import av

    resampler = av.AudioResampler(format="s16", layout=stream.layout, rate=stream.rate)
    for frame in chain(container.decode(stream), [None]):
        for part in resampler.resample(frame):
            yield array.array("h", bytes(part.planes[0])[: part.samples * 2 * stream.channels])


def draw_sound(sound: Sound) -> Image:
    """Its waveform as a picture, with the seconds below it."""
    from PIL import Image, ImageDraw

    from .sheet import FONT_HEIGHT, font

    picture = Image.new("RGB", (COLUMNS, HEIGHT + FONT_HEIGHT + 8), "white")
    draw = ImageDraw.Draw(picture)
    middle = HEIGHT // 2
    draw.line((0, middle, COLUMNS, middle), fill="#c8c8c8")
    for x in range(COLUMNS):
        low, high = _column(sound.peaks, x)
        top = middle - high * (middle - 4) // FULL_SCALE
        draw.line((x, top, x, middle - low * (middle - 4) // FULL_SCALE), fill="#1f5fbf")
    for share, anchor in ((0.0, "la"), (0.5, "ma"), (1.0, "ra")):
        x = round(share * (COLUMNS - 1))
        draw.line((x, HEIGHT - 4, x, HEIGHT + 2), fill="#707070")
        draw.text(
            (x, HEIGHT + 3), f"{sound.seconds * share:.1f} s", fill="#303030", anchor=anchor, font=font()
        )
    return picture


def _column(peaks: list[Peak], x: int) -> Peak:
    if not peaks:
        return 0, 0
    first = x * len(peaks) // COLUMNS
    part = peaks[first : max(first + 1, (x + 1) * len(peaks) // COLUMNS)]
    return min(low for low, _ in part), max(high for _, high in part)
