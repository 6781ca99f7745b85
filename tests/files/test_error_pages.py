"""What came in place of an output is told from it, and what a model made never taken for it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.api.transfer import Transfer
from wavespeed_mcp_server.files import Downloader, DownloadFailed, PathPolicy
from wavespeed_mcp_server.files.error_pages import reason_to_refuse
from wavespeed_mcp_server.files.media import HEAD_BYTES

from .conftest import no_pause
from .storage import PNG, Request, Storage, answer
from .test_media import MEDIA

MARKUP = [
    b"<!DOCTYPE html><html><title>Sign in</title>",
    b"\n\n  <!-- cached --> <html lang=de><body>Anmelden",
    b"\xef\xbb\xbf<HTML><HEAD>",
    "<!doctype html><p>Anmelden für".encode("utf-16"),
    b"<head><title>503 Service Temporarily Unavailable</title></head>",
    b"<center><h1>502 Bad Gateway</h1></center>",
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>',
    b"<Error><Code>NoSuchKey</Code></Error>",
]
TOLD = [
    b'{"error": "AccessDenied"}',
    b'{"error": {"code": 403, "message": "expired"}, "status": 403}',
    b'{"detail": "Not Found"}',
    b'{"code": 404, "message": "no such object", "request_id": "ab12"}',
]
PLAIN = [
    b"Access Denied",
    b"no healthy upstream",
    "Zugriff verweigert für".encode("latin-1"),
    b"{}",
    b"[]",
    b"\n",
]
MADE_TEXTS = [
    b"A dog runs.",
    b"1\n00:00:00,000 --> 00:00:02,000\nhello\n",
    b'{"text": "hello", "segments": [{"start": 0}]}',
    b'{"text": "an error", "message": "x", "error": null}',
    b'["a", "b"]',
    b"<think>hm</think> yes",
]


@pytest.mark.parametrize("content", [*MARKUP, *TOLD, *PLAIN])
@pytest.mark.parametrize(
    "name", ["a.png", "a.MP4", "a.mp3", "a.glb", "a.zip", "a.safetensors", "b/a.jpeg?x=.txt"]
)
def test_no_text_is_kept_under_the_name_of_a_picture_a_sound_or_an_archive(content: bytes, name: str) -> None:
    assert reason_to_refuse(content, len(content), f"https://cdn.test/{name}")


@pytest.mark.parametrize("content", [*MARKUP, *TOLD])
@pytest.mark.parametrize("name", ["a", "a.json", "a.txt", "a.srt", "a.svg"])
def test_a_page_or_an_error_is_no_text_that_a_model_made(content: bytes, name: str) -> None:
    assert reason_to_refuse(content, len(content), f"https://cdn.test/{name}", "text/html")


@pytest.mark.parametrize("content", MADE_TEXTS)
@pytest.mark.parametrize("name", ["a", "a.txt", "a.json", "a.srt", "a.vtt"])
def test_what_text_models_make_is_kept(content: bytes, name: str) -> None:
    assert reason_to_refuse(content, len(content), f"https://cdn.test/{name}", "text/plain") == ""


@pytest.mark.parametrize("name", ["a.html", "a.htm"])
def test_a_page_that_the_name_speaks_of_is_kept(name: str) -> None:
    assert reason_to_refuse(MARKUP[0], len(MARKUP[0]), f"https://cdn.test/{name}", "text/html") == ""


def test_a_page_that_a_text_model_wrote_is_kept() -> None:
    assert reason_to_refuse(MARKUP[0], len(MARKUP[0]), "https://cdn.test/a.txt", "text/plain") == ""


@pytest.mark.parametrize("name", ["a", "a.svg", "a.png"])
def test_a_drawing_is_kept_unless_its_name_says_otherwise(name: str) -> None:
    drawing = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'
    assert bool(reason_to_refuse(drawing, len(drawing), f"https://x/{name}")) == (name == "a.png")


@given(
    st.sampled_from(sorted(MEDIA)), st.sampled_from(["", ".png", ".mp4", ".bin", ".zip", ".json", ".html"])
)
def test_media_of_any_kind_is_kept_under_any_name(kind: str, suffix: str) -> None:
    head = MEDIA[kind][0]
    assert reason_to_refuse(head[:HEAD_BYTES], len(head), f"https://cdn.test/a{suffix}") == ""


@pytest.mark.parametrize("content", [*MARKUP, *TOLD, *PLAIN, b"expired\n", b'"gone"', b"<p>Sorry.</p>"])
@pytest.mark.parametrize("name", ["a", "a.png", "files/6488c2754f6f4dfe", "get?id=7", "a.v2", "a.php"])
@pytest.mark.parametrize("content_type", ["", "image/png", "text/plain", "application/octet-stream"])
def test_no_text_is_kept_of_a_model_that_makes_media(content: bytes, name: str, content_type: str) -> None:
    assert reason_to_refuse(content, len(content), f"https://cdn.test/{name}", content_type, "media")


def test_texts_of_models_that_make_media_are_kept_where_their_name_speaks_of_text() -> None:
    for name, content in [
        ("a.srt", MADE_TEXTS[1]),
        ("a.json", MADE_TEXTS[2]),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.mtl", b"newmtl wood\n"),
        ("a.gltf", b'{"scenes": []}'),
        ("a", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"),
    ]:
        assert reason_to_refuse(content, len(content), f"https://cdn.test/{name}", "", "media") == ""


def test_a_page_that_came_packed_is_none_of_the_outputs() -> None:
    packed = b"\x1f\x8b\x08\x00\x00\x00"
    assert reason_to_refuse(packed, len(packed), "https://cdn.test/a", "text/html", "media")
    assert reason_to_refuse(packed, len(packed), "https://cdn.test/a", "", "media") == ""


@given(st.binary(min_size=1, max_size=64))
def test_unknown_binary_content_is_kept(content: bytes) -> None:
    assert reason_to_refuse(b"\x01\0\x02" + content, len(content) + 3, "https://cdn.test/a.png") == ""


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8)))
def test_an_object_with_a_word_of_its_own_is_a_result(values: dict[str, str]) -> None:
    content = json.dumps(values | {"transcription": "hello"}).encode()
    assert reason_to_refuse(content, len(content), "https://cdn.test/a.json") == ""


async def test_a_redirect_to_a_sign_in_page_is_not_the_output(
    transfer: Transfer, policy: PathPolicy, storage: Storage, tmp_path: Path
) -> None:
    login = storage.serve("/signin.html", MARKUP[0], content_type="text/html")
    url = storage.serve("/a.png", b"", 302, location=login)
    with pytest.raises(DownloadFailed, match=r"output 0: .*a page or an error document"):
        await Downloader(transfer, policy, pause=no_pause).save("abcd", [url])
    assert list((tmp_path / "out").iterdir()) == []
    assert len(storage.requests) == 6


@pytest.mark.parametrize("gone", [(404, b""), (200, b""), (200, MARKUP[6])])
async def test_an_output_of_an_old_run_that_is_gone_is_asked_for_once(
    transfer: Transfer, policy: PathPolicy, storage: Storage, gone: tuple[int, bytes]
) -> None:
    url = storage.serve("/a.png", gone[1], gone[0])
    downloader = Downloader(transfer, policy, pause=no_pause)
    with pytest.raises(DownloadFailed):
        await downloader.save("abcd", [url], fresh=False)
    assert len(storage.requests) == 1


@pytest.mark.parametrize("first", [(404, b""), (200, b""), (200, MARKUP[6])])
async def test_an_output_that_is_not_there_yet_is_asked_for_again(
    transfer: Transfer, policy: PathPolicy, storage: Storage, first: tuple[int, bytes]
) -> None:
    async def late(request: Request, stream: object) -> None:
        storage.serve("/a.png", PNG)
        await stream.send(answer(*first))  # type: ignore[attr-defined]

    storage.routes["/a.png"] = late
    (saved,) = await Downloader(transfer, policy, pause=no_pause).save("abcd", [storage.url + "/a.png"])
    assert saved.path.read_bytes() == PNG
