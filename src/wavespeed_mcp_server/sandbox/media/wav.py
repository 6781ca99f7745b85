"""A tone as WAV, with a comment saying where it comes from."""

import math
import struct

RATE = 16_000


def tone(seconds: float, digest: bytes) -> bytes:
    """16-bit mono at 16 kHz; the first byte of `digest` gives the pitch, 220 to 730 Hz."""
    pitch = 220 + 2 * digest[0]
    one_second = struct.pack(
        f"<{RATE}h", *(int(8_000 * math.sin(2 * math.pi * pitch * n / RATE)) for n in range(RATE))
    )
    frames = max(1, int(seconds * RATE))
    data = (one_second * (frames // RATE + 1))[: frames * 2]
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
    comment = b"WaveSpeed sandbox tone " + digest.hex().encode()
    notes = b"INFO" + _chunk(b"ICMT", comment + b"\x00" * (2 - len(comment) % 2))
    body = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"LIST", notes) + _chunk(b"data", data)
    return _chunk(b"RIFF", body)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data
