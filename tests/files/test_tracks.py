"""Sound in a container that also carries video goes up as sound."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from in_full import examples
from wavespeed_mcp_server.files import PathPolicy


def box(name: bytes, *parts: bytes, wide: bool = False) -> bytes:
    """An ISO media box; `wide` with a size of 64 bits."""
    body = b"".join(parts)
    if wide:
        return (1).to_bytes(4, "big") + name + (len(body) + 16).to_bytes(8, "big") + body
    return (len(body) + 8).to_bytes(4, "big") + name + body


def track(handler: bytes) -> bytes:
    """A track whose media are of this handler."""
    hdlr = box(b"hdlr", bytes(8), handler, bytes(12), b"a name\0")
    return box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", box(b"mdhd", bytes(24)), hdlr))


def movie(brand: bytes, handlers: list[bytes], *, last: bool = False, wide: bool = False) -> bytes:
    """An ISO media file of these tracks; `last`: they are listed behind the media data."""
    head = box(b"ftyp", brand, bytes(4), b"isom", b"mp42")
    moov = box(b"moov", box(b"mvhd", bytes(100)), *map(track, handlers), box(b"udta", bytes(3)))
    data = box(b"mdat", bytes(9000), wide=wide)
    return head + (data + moov if last else moov + data)


def asf(*streams: str) -> bytes:
    """An ASF head with streams of these kinds."""
    return (
        bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
        + bytes(5000)
        + b"".join(map(bytes.fromhex, streams))
    )


def kind_of(folder: Path, name: str, content: bytes) -> str:
    """The MIME type that a file goes up as."""
    (folder / name).write_bytes(content)
    with PathPolicy((folder,), folder).open(str(folder / name)) as opened:
        assert opened.file.tell() == 0
        return opened.media.mime


@pytest.mark.parametrize("brand", [b"mp42", b"isom", b"dash", b"3gp4", b"iso6", b"qt  ", b"M4A ", b"mp41"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("wide", [False, True])
def test_an_mp4_without_a_video_track_is_sound(tmp_path: Path, brand: bytes, last: bool, wide: bool) -> None:
    sound = movie(brand, [b"soun", b"sbtl"], last=last, wide=wide)
    assert kind_of(tmp_path, "a.m4a", sound) == "audio/mp4"
    if brand != b"M4A ":
        film = movie(brand, [b"soun", b"vide"], last=last, wide=wide)
        assert kind_of(tmp_path, "a.mp4", film).startswith("video/")


def test_a_file_that_lists_no_tracks_is_what_its_brand_says(tmp_path: Path) -> None:
    assert kind_of(tmp_path, "a.mp4", movie(b"isom", [])) == "video/mp4"
    assert kind_of(tmp_path, "a.mp4", movie(b"isom", [b"soun"], last=True)[:2000]) == "video/mp4"


AUDIO, VIDEO = "409e69f84d5bcf11a8fd00805f5c442b", "c0ef19bc4d5bcf11a8fd00805f5c442b"


def test_windows_media_and_matroska_are_told_by_their_streams(tmp_path: Path) -> None:
    assert kind_of(tmp_path, "a.wma", asf(AUDIO)) == "audio/x-ms-wma"
    assert kind_of(tmp_path, "a.wmv", asf(AUDIO, VIDEO)) == "video/x-ms-wmv"
    ebml = b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(200)
    assert kind_of(tmp_path, "a.webm", ebml + b"\x86\x86A_OPUS") == "audio/webm"
    assert kind_of(tmp_path, "b.webm", ebml + b"\x86\x85V_VP9\x86\x86A_OPUS") == "video/webm"
    mkv = ebml.replace(b"\x84webm", b"\x88matroska")
    assert kind_of(tmp_path, "a.mka", mkv + b"\x86\x85A_AAC") == "audio/x-matroska"


def test_opus_in_ogg_goes_up_as_sound_under_the_name_everybody_knows(tmp_path: Path) -> None:
    opus = b"OggS\0\x02" + bytes(22) + b"OpusHead" + bytes(100)
    assert kind_of(tmp_path, "a.ogg", opus) == kind_of(tmp_path, "a.opus", opus) == "audio/ogg"


@settings(max_examples=examples(200))
@given(st.binary(max_size=300), st.integers(0, 400))
def test_no_nonsense_behind_the_head_stops_the_reading(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int
) -> None:
    content = movie(b"isom", [b"soun"])[:cut] if cut > 24 else box(b"ftyp", b"isom", bytes(8))
    mime = kind_of(tmp_path_factory.getbasetemp(), "noise.mp4", content + noise)
    assert mime in ("video/mp4", "audio/mp4")
