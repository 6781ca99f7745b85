"""A test card as PNG: a gradient in colours of its own and the word SANDBOX."""

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_WORD = "SANDBOX"
# Seven rows of five pixels a letter.
_FONT = {
    "S": (0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110),
    "A": (0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001),
    "N": (0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001),
    "D": (0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110),
    "B": (0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110),
    "O": (0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110),
    "X": (0b10001, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0b10001),
}
_WORD_WIDTH = len(_WORD) * 6 - 1
_WORD_HEIGHT = 7


def card(width: int, height: int, digest: bytes) -> bytes:
    """8-bit RGB, `width` x `height` pixels; the first six bytes of `digest` give the two colours."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    comment = b"Comment\x00WaveSpeed sandbox test card " + digest.hex().encode()
    return (
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"tEXt", comment)
        + _chunk(b"IDAT", zlib.compress(_rows(width, height, digest), 6))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rows(width: int, height: int, digest: bytes) -> bytes:
    top, bottom = digest[:3], digest[3:6]
    ink = b"\x00\x00\x00" if sum(digest[:6]) > 6 * 127 else b"\xff\xff\xff"
    scale = max(1, width // (_WORD_WIDTH + 10))
    first = (height - _WORD_HEIGHT * scale) // 2
    rows = bytearray()
    for y in range(height):
        colour = bytes(a + (b - a) * y // height for a, b in zip(top, bottom, strict=True))
        row = bytearray(colour * width)
        line = (y - first) // scale
        if 0 <= line < _WORD_HEIGHT:
            _draw(row, line, scale, width, ink)
        rows += b"\x00" + row
    return bytes(rows)


def _draw(row: bytearray, line: int, scale: int, width: int, ink: bytes) -> None:
    left = (width - _WORD_WIDTH * scale) // 2
    for place, letter in enumerate(_WORD):
        bits = _FONT[letter][line]
        for column in range(5):
            x = left + (place * 6 + column) * scale
            if bits >> (4 - column) & 1 and x >= 0 and x + scale <= width:
                row[x * 3 : (x + scale) * 3] = ink * scale
