"""What a file is, told from its beginning."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.files.media import HEAD_BYTES, sniff

REST = b"\0" * 64


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    body = major + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I", len(body) + 8) + b"ftyp" + body + REST


def zipped(first_name: bytes) -> bytes:
    return b"PK\x03\x04" + bytes(22) + struct.pack("<HH", len(first_name), 0) + first_name + REST


MEDIA = {
    "png": (b"\x89PNG\r\n\x1a\n" + REST, "image/png", ".png"),
    "jpeg": (b"\xff\xd8\xff\xe0" + REST, "image/jpeg", ".jpg"),
    "gif": (b"GIF89a" + REST, "image/gif", ".gif"),
    "webp": (b"RIFF\x10\0\0\0WEBPVP8 " + REST, "image/webp", ".webp"),
    "bmp": (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0" + REST, "image/bmp", ".bmp"),
    "tiff": (b"II*\0" + REST, "image/tiff", ".tiff"),
    "avif": (ftyp(b"avif", b"mif1"), "image/avif", ".avif"),
    "heic": (ftyp(b"heic", b"mif1"), "image/heic", ".heic"),
    "mp4": (ftyp(b"isom", b"iso2", b"mp41"), "video/mp4", ".mp4"),
    "mov": (ftyp(b"qt  "), "video/quicktime", ".mov"),
    "3gp": (ftyp(b"3gp4"), "video/3gpp", ".3gp"),
    "webm": (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + REST, "video/webm", ".webm"),
    "mkv": (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska" + REST, "video/x-matroska", ".mkv"),
    "avi": (b"RIFF\x10\0\0\0AVI LIST" + REST, "video/x-msvideo", ".avi"),
    "wmv": (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + REST, "video/x-ms-wmv", ".wmv"),
    "flv": (b"FLV\x01\x05" + REST, "video/x-flv", ".flv"),
    "ogv": (b"OggS\0\x02" + bytes(22) + b"\x80theora" + REST, "video/ogg", ".ogv"),
    "mp3 with a tag": (b"ID3\x03\0\0\0\0\0\x0a" + REST, "audio/mpeg", ".mp3"),
    "mp3": (b"\xff\xfb\x90\x64" + REST, "audio/mpeg", ".mp3"),
    "wav": (b"RIFF\x10\0\0\0WAVEfmt " + REST, "audio/wav", ".wav"),
    "ogg": (b"OggS\0\x02" + bytes(22) + b"\x01vorbis" + REST, "audio/ogg", ".ogg"),
    "opus": (b"OggS\0\x02" + bytes(22) + b"OpusHead" + REST, "audio/ogg", ".ogg"),
    "aac": (b"\xff\xf1\x50\x80" + REST, "audio/aac", ".aac"),
    "flac": (b"fLaC\0\0\0\x22" + REST, "audio/flac", ".flac"),
    "m4a": (ftyp(b"M4A ", b"isom"), "audio/mp4", ".m4a"),
    "glb": (b"glTF\x02\0\0\0" + REST, "model/gltf-binary", ".glb"),
    "gltf": (b'{\n "asset": {"generator": "x", "version": "2.0"}, "nodes": []}', "model/gltf+json", ".gltf"),
    "fbx": (b"Kaydara FBX Binary  \0\x1a\0" + REST, "application/octet-stream", ".fbx"),
    "ply": (b"ply\nformat ascii 1.0\nelement vertex 8\n", "application/octet-stream", ".ply"),
    "stl as text": (b"solid cube\n  facet normal 0 0 1\n", "model/stl", ".stl"),
    "obj": (b"# cube\no cube\nv 0.0 1.0 -1e-3\nvn 0 0 1\nf 1/1/1 2//2 3\n", "model/obj", ".obj"),
    "usdz": (zipped(b"scene.usdc"), "model/vnd.usdz+zip", ".usdz"),
    "zip": (zipped(b"photos/1.png"), "application/zip", ".zip"),
    "safetensors": (
        struct.pack("<Q", 40) + b'{"weight": {}}' + REST,
        "application/octet-stream",
        ".safetensors",
    ),
}

NOT_MEDIA = {
    "nothing": b"",
    "text": b"the quick brown fox\n" * 10,
    "html": b"<!DOCTYPE html><html>",
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "pdf": b"%PDF-1.7\n",
    "a private key": b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n",
    "sqlite": b"SQLite format 3\0" + REST,
    "elf": b"\x7fELF\x02\x01\x01" + REST,
    "exe": b"MZ\x90\0" + REST,
    "json": b'{"password": "hunter2", "assets": []}',
    "dotenv": b"KEY=value\nv 1\n",
    "an office document": zipped(b"[Content_Types].xml"),
    "an e-book": zipped(b"mimetype"),
    "a jar": zipped(b"META-INF/MANIFEST.MF"),
    "text that begins with BM": b"BMW and other makers of cars, a list",
    "utf-16 text": "\ufeffsecret".encode("utf-16-le"),
    "riff of another kind": b"RIFF\x10\0\0\0ACON" + REST,
    "a broken ftyp": b"\0\0\0\x01ftypisom" + REST,
}


@pytest.mark.parametrize("name", MEDIA)
def test_media_is_recognised_by_its_content(name: str) -> None:
    head, mime, suffix = MEDIA[name]
    found = sniff(head)
    assert found is not None
    assert (found.mime, found.suffix) == (mime, suffix)


@pytest.mark.parametrize("name", NOT_MEDIA)
def test_what_is_not_media_is_not_recognised(name: str) -> None:
    assert sniff(NOT_MEDIA[name]) is None


def test_a_binary_stl_is_recognised_by_its_length_alone() -> None:
    head = bytes(80) + struct.pack("<I", 3) + bytes(150)
    assert sniff(head) is None
    assert sniff(head, len(head) + 1) is None
    found = sniff(head, len(head))
    assert found is not None
    assert found.suffix == ".stl"


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_at_all_are_looked_at_without_an_error(head: bytes) -> None:
    sniff(head, len(head))


@given(st.sampled_from(sorted(MEDIA)), st.integers(0, 40))
def test_a_beginning_cut_short_is_looked_at_without_an_error(name: str, length: int) -> None:
    sniff(MEDIA[name][0][:length], length)


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Z"]), min_size=1))
def test_plain_words_are_never_media(text: str) -> None:
    assert sniff(text.encode()) is None or text.startswith(("GIF87a", "GIF89a", "fLaC"))
