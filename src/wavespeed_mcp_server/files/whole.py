"""Whether all of a file is there: what its own structure says about where it ends."""

from collections.abc import Callable

from .media import AVI, AVIF, GIF, GLB, HEIC, JPEG, M4A, MOV, MP4, PNG, THREE_GP, WAV, WEBP, MediaType

_UNKNOWN_SIZES = (0, 0xFFFFFFFF)
_SCAN = 0xDA
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


def is_cut_off(content: bytes, media: MediaType) -> bool:
    """Whether `content` ends before its file does. False for kinds that do not say where they end."""
    look = _ENDS.get(media)
    return look is not None and look(content)


def _png(content: bytes) -> bool:
    return b"IEND" not in content


def _gif(content: bytes) -> bool:
    return b"\x3b" not in content[-16:]


def _jpeg(content: bytes) -> bool:
    """Whether no end of image follows the first scan; a thumbnail in the head has an end of its own."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == _SCAN:
            return b"\xff\xd9" not in content[at:]
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return True


def _riff(content: bytes) -> bool:
    size = int.from_bytes(content[4:8], "little")
    return size not in _UNKNOWN_SIZES and len(content) < size + 8 - (size % 2)


def _glb(content: bytes) -> bool:
    return len(content) < int.from_bytes(content[8:12], "little")


def _boxes(content: bytes) -> bool:
    """Whether a top-level box of an ISO media file reaches beyond the end."""
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        if size == 0:
            return False
        if size < 8:
            return True
        at += size
    return at > len(content)


_ENDS: dict[MediaType, Callable[[bytes], bool]] = {
    PNG: _png,
    GIF: _gif,
    JPEG: _jpeg,
    GLB: _glb,
    **dict.fromkeys((WEBP, WAV, AVI), _riff),
    **dict.fromkeys((AVIF, HEIC, MP4, MOV, M4A, THREE_GP), _boxes),
}
