"""Looking at real files: frames of videos, the shape of sounds, and what can be said without a decoder."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from wavespeed_mcp_server.files.containers import length_by_boxes
from wavespeed_mcp_server.files.frames import look_at_film
from wavespeed_mcp_server.files.looking import look_at, media_of, tile_of
from wavespeed_mcp_server.files.preview import MAX_PREVIEW_BYTES, NoPicture
from wavespeed_mcp_server.files.waveform import FULL_SCALE, look_at_sound

MakeFile = Callable[[str, str], bytes]
# Black, then red, then white: a third of the length each.
SECOND = "s=320x180:r=12:d=1"
COLOURS = f"color=black:{SECOND}[a];color=red:{SECOND}[b];color=white:{SECOND}[c]"
FILM = f"-filter_complex {COLOURS};[a][b][c]concat=n=3"
TONE = "-f lavfi -i sine=frequency=300:duration=3:sample_rate=32000"


@pytest.fixture
def made(needs: Callable[[str, str], str], tmp_path: Path) -> MakeFile:
    """`made("film.mp4", "options of ffmpeg")`: the file's bytes."""
    ffmpeg = needs("ffmpeg", "makes videos and sounds")

    def make(name: str, options: str) -> bytes:
        path = tmp_path / name
        subprocess.run([ffmpeg, "-v", "error", "-y", *options.split(), str(path)], check=True, timeout=60)
        return path.read_bytes()

    return make


def colour(image: Image.Image) -> str:
    """The colour in the middle of a picture."""
    found = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(found, tuple)
    red, green, _ = found
    return ("white" if green > 200 else "red") if red > 200 else "black"


@pytest.mark.usefixtures("media_extra")
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("film.mp4", "-c:v libx264"),
        ("one-key-frame.mp4", "-c:v libx264 -g 1000"),
        ("film.webm", "-c:v libvpx-vp9"),
        ("no-length.webm", "-c:v libvpx-vp9 -f webm -live 1"),
        ("film.mkv", "-c:v libx264"),
        ("film.mov", "-c:v libx264"),
        ("film.avi", "-c:v mpeg4"),
    ],
)
def test_frames_are_from_the_beginning_the_middle_and_the_end(
    made: MakeFile, name: str, options: str
) -> None:
    content = made(name, f"{FILM} {options}")
    media = media_of(content)
    assert media is not None
    film = look_at_film(content, media)
    assert [colour(frame.image) for frame in film.frames] == ["black", "red", "white"]
    assert film.words.startswith("a video of 3.0 seconds, 320 x 180 pixels, 12 frames a second, without")
    look = look_at(content)
    assert look.picture is not None
    assert len(look.picture.content) <= MAX_PREVIEW_BYTES


@pytest.mark.usefixtures("media_extra")
def test_a_video_of_one_frame_shows_it_once(made: MakeFile) -> None:
    content = made("one.mp4", "-f lavfi -i color=c=red:s=320x240:d=0.04 -frames:v 1 -c:v libx264")
    assert look_at(content).words.endswith("Shown at 0.0 s")


@pytest.mark.usefixtures("media_extra")
def test_a_film_is_turned_as_its_phone_says(made: MakeFile) -> None:
    """Its left side is red; turned by a quarter to the right, its upper half is."""
    halves = "color=red:s=160x180:d=1[a];color=black:s=160x180:d=1[b];[a][b]hstack"
    content = made("film.mp4", f"-filter_complex {halves} -c:v libx264")
    at = content.index(b"tkhd") + 44
    quarter = (0, 1 << 16, 0, -(1 << 16), 0, 0, 180 << 16, 0, 1 << 30)
    turned = content[:at] + struct.pack(">9i", *quarter) + content[at + 36 :]
    media = media_of(turned)
    assert media is not None
    film = look_at_film(turned, media)
    assert "180 x 320 pixels" in film.words
    for image in (film.frames[0].image, tile_of(turned)[0]):
        assert image is not None
        assert (image.width, image.height) == (180, 320)
        upper, lower = image.crop((0, 0, 180, 160)), image.crop((0, 160, 180, 320))
        assert (colour(upper), colour(lower)) == ("red", "black")


@pytest.mark.usefixtures("media_extra")
def test_a_tile_shows_the_middle_of_a_film(made: MakeFile) -> None:
    image, words = tile_of(made("film.mp4", f"{FILM} -c:v libx264"))
    assert image is not None
    assert (colour(image), words) == ("red", "3.0 s")


@pytest.mark.usefixtures("media_extra")
@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("ten-bit.mp4", f"{FILM} -c:v libx264 -pix_fmt yuv420p10le", "a video of 3.0 seconds"),
        (
            "uneven.mp4",
            f"{FILM},select=lt(n\\,4)+gt(n\\,30) -vsync vfr -c:v libx264",
            "a video of 3.0 seconds",
        ),
        ("short.mp4", "-f lavfi -i color=red:s=64x48:r=25:d=0.2 -c:v libx264", "a video of 0.2 seconds"),
        ("deep.wav", f"{TONE} -c:a pcm_s24le", "a sound of 3.0 seconds, 32 kHz, mono"),
        ("float.wav", f"{TONE} -c:a pcm_f32le -ac 2", "a sound of 3.0 seconds, 32 kHz, stereo"),
        ("short.mp3", "-f lavfi -i sine=duration=0.1", "a sound of 0.1 seconds"),
    ],
)
def test_rare_forms_are_looked_at_too(made: MakeFile, name: str, options: str, words: str) -> None:
    look = look_at(made(name, options))
    assert look.words.startswith(words)
    assert look.picture is not None


@pytest.mark.usefixtures("media_extra")
@pytest.mark.parametrize(
    "name", ["tone.mp3", "tone.flac", "tone.ogg", "tone.m4a", "tone.opus", "tone.wav", "tone.mp4"]
)
def test_of_a_sound_the_length_is_told_and_the_shape_shown(made: MakeFile, name: str) -> None:
    look = look_at(made(name, TONE))
    assert look.words.startswith("a sound of 3.0 seconds")
    assert look.picture is not None
    assert tile_of(made(name, TONE))[1] == "3.0 s"


@pytest.mark.usefixtures("media_extra")
@pytest.mark.parametrize("kept", [40, 1000])
def test_a_damaged_video_is_no_more_than_a_refusal(made: MakeFile, kept: int) -> None:
    content = made("film.mp4", f"{FILM} -c:v libx264 -movflags faststart")[:kept]
    with pytest.raises(NoPicture):
        look_at(content)


@pytest.mark.usefixtures("media_extra")
def test_a_playlist_that_calls_itself_a_video_opens_no_other_file(tmp_path: Path) -> None:
    other = tmp_path / "private.mp4"
    other.write_bytes(b"not to be read")
    for text in (f"#EXTM3U\n#EXTINF:1,\n{other}\n", f"ffconcat version 1.0\nfile {other}\n"):
        with pytest.raises(NoPicture):
            look_at(text.encode())


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_wav_file_needs_no_decoder(width: int, channels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    loud = (200 << 8 * (width - 1) if width == 1 else 100 << 8 * (width - 1)).to_bytes(width, "little")
    quiet = (128 if width == 1 else 0).to_bytes(width, "little")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((channels, width, 8000, 0, "NONE", ""))
        file.writeframes((quiet * channels) * 8000 + (loud + quiet * (channels - 1)) * 8000)
    media = media_of(out.getvalue())
    assert media is not None
    sound = look_at_sound(out.getvalue(), media)
    assert (sound.seconds, sound.rate, sound.channels) == (2.0, 8000, channels)
    assert max(high for _, high in sound.peaks[: len(sound.peaks) // 2 - 1]) == 0
    assert 0.5 < sound.peaks[-2][1] / FULL_SCALE < 0.9


def test_silence_is_called_silence() -> None:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16_000))
    assert "silent throughout" in look_at(out.getvalue()).words


def test_the_length_of_a_video_is_known_without_a_decoder() -> None:
    from wavespeed_mcp_server.sandbox.media.mp4 import clip

    content = clip(bytes(32))
    media = media_of(content)
    assert media is not None
    assert length_by_boxes(content, media) == pytest.approx(2.0, abs=0.1)
