"""A cube as binary glTF 2.0."""

import json
import struct

_CORNERS = [(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
_FACES = (0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)


def cube(digest: bytes) -> bytes:
    """A one-metre cube; the first three bytes of `digest` give its colour."""
    triangles = [corner for a, b, c, d in _FACES for corner in (a, b, c, a, c, d)]
    indices = struct.pack(f"<{len(triangles)}H", *triangles)
    points = b"".join(struct.pack("<3f", *corner) for corner in _CORNERS)
    document = {
        "asset": {"version": "2.0", "generator": "WaveSpeed sandbox"},
        "extras": {"sandbox": digest.hex()},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "SANDBOX"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 1}, "indices": 0, "material": 0}]}],
        "materials": [
            {"pbrMetallicRoughness": {"baseColorFactor": [*(value / 255 for value in digest[:3]), 1]}}
        ],
        "buffers": [{"byteLength": len(indices) + len(points)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(indices), "target": 34963},
            {"buffer": 0, "byteOffset": len(indices), "byteLength": len(points), "target": 34962},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5123, "count": len(triangles), "type": "SCALAR"},
            {
                "bufferView": 1,
                "componentType": 5126,
                "count": len(_CORNERS),
                "type": "VEC3",
                "min": [-0.5] * 3,
                "max": [0.5] * 3,
            },
        ],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    chunks = _chunk(b"JSON", text, b" ") + _chunk(b"BIN\x00", indices + points, b"\x00")
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def _chunk(kind: bytes, data: bytes, padding: bytes) -> bytes:
    data += padding * (-len(data) % 4)
    return struct.pack("<I", len(data)) + kind + data
