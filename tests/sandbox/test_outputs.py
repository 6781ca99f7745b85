import base64
import io
import json
import struct
import wave
import zlib

import httpx

from wavespeed_mcp_server.sandbox import Sandbox

from .speaking import Json, run


async def output(client: httpx.AsyncClient, stranger: httpx.AsyncClient, model: str, body: Json) -> bytes:
    """The first file a run gives, fetched without the key."""
    ended = await run(client, model, body)
    assert "/sandbox-" in ended["outputs"][0]
    answer = await stranger.get(ended["outputs"][0])
    assert answer.status_code == 200
    return answer.content


def png_rows(data: bytes) -> tuple[int, int, bytes]:
    """Width, height and the inflated rows; every chunk's checksum must hold."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place, chunks = 8, []
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", data, place + 8 + length) == (zlib.crc32(kind + body),)
        chunks.append((kind, body))
        place += 12 + length
    assert [kind for kind, _ in chunks] == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]
    assert b"sandbox" in chunks[1][1]
    width, height, depth, colour = struct.unpack(">IIBB", chunks[0][1][:10])
    assert (depth, colour) == (8, 2)
    return width, height, zlib.decompress(chunks[2][1])


async def test_pictures_are_png_of_the_asked_size(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    body = {"prompt": "a cat", "size": "320*200"}
    width, height, rows = png_rows(await output(client, stranger, "sandbox/paint", body))
    assert (width, height, len(rows)) == (320, 200, 200 * (1 + 320 * 3))
    # The word is there: some row in the middle has more than one colour.
    middle = rows[100 * 961 + 1 : 101 * 961]
    assert len({middle[x : x + 3] for x in range(0, 960, 3)}) == 2


async def test_there_are_as_many_pictures_as_asked_and_all_differ(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    ended = await run(client, "sandbox/paint", {"prompt": "x", "num_images": 4, "size": "64*64"})
    assert ended["has_nsfw_contents"] == [False] * 4
    assert len({(await stranger.get(url)).content for url in ended["outputs"]}) == 4


async def test_the_prompt_decides_the_picture(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    small = {"size": "64*64"}
    cat = await output(client, stranger, "sandbox/paint", {"prompt": "cat"} | small)
    assert cat == await output(client, stranger, "sandbox/paint", {"prompt": "cat"} | small)
    assert cat != await output(client, stranger, "sandbox/paint", {"prompt": "dog"} | small)


async def test_sound_is_wav_of_the_asked_length(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    data = await output(client, stranger, "sandbox/compose", {"prompt": "x", "duration": 5})
    with wave.open(io.BytesIO(data)) as sound:
        assert sound.getnframes() / sound.getframerate() == 5
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        assert any(sound.readframes(1000))
    assert struct.unpack_from("<I", data, 4) == (len(data) - 8,)


async def test_video_is_mp4_with_frames(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    data = await output(client, stranger, "sandbox/film-2.1/text-to-video", {"prompt": "x"})
    place, boxes = 0, []
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        boxes.append(kind)
        place += length
    assert place == len(data)
    assert boxes[0] == b"ftyp"
    assert {b"moov", b"mdat"} <= set(boxes)
    assert boxes[-1] == b"free"
    assert b"avc1" in data
    # stsz: version and flags, one size for all (0: each its own), number of samples.
    _, frames = struct.unpack_from(">II", data, data.index(b"stsz") + 8)
    assert frames == 16
    assert len(data) < 20_000


async def test_a_shape_is_glb_with_a_mesh(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    data = await output(client, stranger, "sandbox/sculpt", {"image": "https://e.org/a.png"})
    magic, version, length, json_length, json_kind = struct.unpack_from("<4sIII4s", data)
    assert (magic, version, length, json_kind) == (b"glTF", 2, len(data), b"JSON")
    document = json.loads(data[20 : 20 + json_length])
    binary_length, binary_kind = struct.unpack_from("<I4s", data, 20 + json_length)
    assert (binary_kind, 28 + json_length + binary_length) == (b"BIN\x00", len(data))
    assert document["buffers"][0]["byteLength"] <= binary_length
    indices = struct.unpack_from("<36H", data, 28 + json_length)
    assert set(indices) == set(range(8))
    assert document["accessors"][1]["count"] == 8


async def test_training_gives_safetensors(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    data = await output(client, stranger, "sandbox/train", {"data": "https://e.org/a.zip"})
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    start, end = header["sandbox.lora_up.weight"]["data_offsets"]
    assert (start, end) == (0, len(data) - 8 - length)


async def test_base64_is_naked_unless_the_switch_is_set(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    body = {"prompt": "x", "size": "64*64", "num_images": 2, "enable_base64_output": True}
    ended = await run(client, "sandbox/paint", body)
    naked = [base64.b64decode(text, validate=True) for text in ended["outputs"]]
    assert [png_rows(data)[:2] for data in naked] == [(64, 64)] * 2
    sandbox.base64_data_uri = True
    prefixed = (await run(client, "sandbox/paint", body))["outputs"]
    assert prefixed == ["data:image/png;base64," + text for text in ended["outputs"]]


async def test_the_key_sent_to_an_output_is_refused_and_remembered(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    ended = await run(client, "sandbox/paint", {"prompt": "x"})
    assert not sandbox.leaks
    assert (await client.get(ended["outputs"][0])).status_code == 400
    assert [leak.at for leak in sandbox.leaks] == ["download"]


async def test_only_outputs_that_exist_are_served(sandbox: Sandbox, stranger: httpx.AsyncClient) -> None:
    for path in ("/outputs/x/0/sandbox-0.png", "/outputs/", "/storage/x", "/outputs/x/y/../z"):
        assert (await stranger.get(path)).status_code == 404
