"""What a file really is, told from its first bytes and never from its name alone.

Only what the API takes or gives is known here: images, video, audio, 3D, and archives for trainers. Text,
HTML, SVG and anything unknown is `None`, which is what keeps a key file or a document from being uploaded.
"""

import re
import struct
from dataclasses import dataclass

HEAD_BYTES = 4096
"""How much of a file's beginning `sniff` wants to see."""


@dataclass(frozen=True, slots=True)
class MediaType:
    """A kind of content.

    `kind` is image, video, audio, 3d or archive; `mime` goes into `Content-Type`; `suffix` (with its dot)
    names a file of this kind; `weak` means that the signature is short enough to occur by accident or is
    shared with documents, so that a file is believed only if its name agrees (`suffixes`).
    """

    kind: str
    mime: str
    suffix: str
    suffixes: frozenset[str]
    weak: bool = False

    def named_by(self, name: str) -> bool:
        """Whether the name ends as files of this kind do."""
        return name.lower().endswith(tuple(self.suffixes))


def _media(kind: str, mime: str, *suffixes: str, weak: bool = False) -> MediaType:
    return MediaType(kind, mime, suffixes[0], frozenset(suffixes), weak)


JPEG = _media("image", "image/jpeg", ".jpg", ".jpeg", ".jfif")
PNG = _media("image", "image/png", ".png")
GIF = _media("image", "image/gif", ".gif")
WEBP = _media("image", "image/webp", ".webp")
BMP = _media("image", "image/bmp", ".bmp")
TIFF = _media("image", "image/tiff", ".tiff", ".tif")
AVIF = _media("image", "image/avif", ".avif")
HEIC = _media("image", "image/heic", ".heic", ".heif")

MP4 = _media("video", "video/mp4", ".mp4", ".m4v")
MOV = _media("video", "video/quicktime", ".mov", ".qt")
OLD_MOV = _media("video", "video/quicktime", ".mov", ".qt", weak=True)
THREE_GP = _media("video", "video/3gpp", ".3gp", ".3g2")
WEBM = _media("video", "video/webm", ".webm")
MKV = _media("video", "video/x-matroska", ".mkv")
AVI = _media("video", "video/x-msvideo", ".avi")
WMV = _media("video", "video/x-ms-wmv", ".wmv", ".asf")
FLV = _media("video", "video/x-flv", ".flv")
OGV = _media("video", "video/ogg", ".ogv")

MP3 = _media("audio", "audio/mpeg", ".mp3")
BARE_MP3 = _media("audio", "audio/mpeg", ".mp3", weak=True)
AAC = _media("audio", "audio/aac", ".aac", weak=True)
WAV = _media("audio", "audio/wav", ".wav")
FLAC = _media("audio", "audio/flac", ".flac")
M4A = _media("audio", "audio/mp4", ".m4a", ".m4b")
OGG = _media("audio", "audio/ogg", ".ogg", ".oga")
OPUS = _media("audio", "audio/ogg", ".ogg", ".opus", ".oga")
WMA = _media("audio", "audio/x-ms-wma", ".wma", ".asf")
WEBA = _media("audio", "audio/webm", ".weba", ".webm")
MKA = _media("audio", "audio/x-matroska", ".mka", ".mkv")

GLB = _media("3d", "model/gltf-binary", ".glb")
GLTF = _media("3d", "model/gltf+json", ".gltf", weak=True)
FBX = _media("3d", "application/octet-stream", ".fbx")
PLY = _media("3d", "application/octet-stream", ".ply", weak=True)
STL = _media("3d", "model/stl", ".stl", weak=True)
OBJ = _media("3d", "model/obj", ".obj", weak=True)
USDZ = _media("3d", "model/vnd.usdz+zip", ".usdz")

ZIP = _media("archive", "application/zip", ".zip", weak=True)
SAFETENSORS = _media("archive", "application/octet-stream", ".safetensors", weak=True)

_IMAGES = (JPEG, PNG, GIF, WEBP, BMP, TIFF, AVIF, HEIC)
_VIDEOS = (MP4, MOV, OLD_MOV, THREE_GP, WEBM, MKV, AVI, WMV, FLV, OGV)
_SOUNDS = (MP3, BARE_MP3, AAC, WAV, FLAC, M4A, OGG, OPUS, WMA, WEBA, MKA)
_OTHERS = (GLB, GLTF, FBX, PLY, STL, OBJ, USDZ, ZIP, SAFETENSORS)
MEDIA_TYPES = (*_IMAGES, *_VIDEOS, *_SOUNDS, *_OTHERS)
MEDIA_SUFFIXES = frozenset(suffix for media in MEDIA_TYPES for suffix in media.suffixes)
"""Every ending a media file is known by, lower case, with its dot."""
BINARY_SUFFIXES = frozenset(
    suffix
    for media in (*_IMAGES, *_VIDEOS, *_SOUNDS, GLB, USDZ, ZIP, SAFETENSORS)
    for suffix in media.suffixes
)
"""Those whose files are never text."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00\x08\x00\x00\x00", TIFF),
    (b"MM\x00+\x00\x08\x00\x00", TIFF),
    (b"fLaC", FLAC),
    (b"FLV\x01", FLV),
    (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), WMV),
    (b"glTF\x01\x00\x00\x00", GLB),
    (b"glTF\x02\x00\x00\x00", GLB),
    (b"Kaydara FBX Binary  \x00", FBX),
)
_RIFF_FORMS = {b"WEBP": WEBP, b"WAVE": WAV, b"AVI ": AVI}
_BITMAP_HEADER_SIZES = frozenset({12, 40, 52, 56, 64, 108, 124})
_STILL_BRANDS = {b"avif": AVIF, b"avis": AVIF} | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), HEIC
)
_OLD_QUICKTIME_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_GLTF_ASSET = re.compile(rb'"asset"\s*:\s*\{[^}]*"version"\s*:\s*"')
_PLY_HEADER = re.compile(rb"ply\r?\nformat (ascii|binary_little_endian|binary_big_endian) 1\.0\r?\n")
_STL_TEXT = re.compile(rb"solid\b[^\n]*\n\s*facet\s+normal\s")
_OBJ_LINE = re.compile(
    rb"\s*(#.*|(v|vn|vt|vp)(\s+[-+.\deE]+){2,8}|[fl]((\s+-?\d+)(/-?\d*){0,2}){2,}"
    rb"|(o|g|s|mtllib|usemtl|usemap)(\s.*)?)?\s*"
)
_MAX_SAFETENSORS_HEADER = 100_000_000


def sniff(head: bytes, size: int | None = None) -> MediaType | None:
    """The kind of content that begins with `head`; None for text, HTML, SVG and whatever is not known.

    `head` should hold the first `HEAD_BYTES`; `size` is the whole length in bytes where it is known (the only
    mark of a binary STL is that its length agrees with its triangle count).
    """
    for signature, media in _SIGNATURES:
        if head.startswith(signature):
            return media
    for look in (_riff, _iso_media, _matroska, _ogg, _bitmap, _audio_frames, _zip, _three_d, _safetensors):
        found = look(head)
        if found is not None:
            return found
    return STL if size is not None and _is_binary_stl(head, size) else None


def _riff(head: bytes) -> MediaType | None:
    return _RIFF_FORMS.get(head[8:12]) if head[:4] in (b"RIFF", b"RF64") else None


def _iso_media(head: bytes) -> MediaType | None:
    """ISO base media files by their brands, and QuickTime files from before there were brands."""
    atom = head[4:8]
    if atom in _OLD_QUICKTIME_ATOMS and len(head) >= 16:
        return OLD_MOV
    if atom != b"ftyp":
        return None
    length = int.from_bytes(head[:4], "big")
    if not 16 <= length <= HEAD_BYTES:
        return None
    major = head[8:12]
    brands = [major, *(head[at : at + 4] for at in range(16, min(length, len(head)), 4))]
    if major.startswith((b"M4A", b"M4B", b"F4A")):
        return M4A
    if major == b"qt  ":
        return MOV
    if major.startswith((b"3gp", b"3g2")):
        return THREE_GP
    return next((_STILL_BRANDS[brand] for brand in brands if brand in _STILL_BRANDS), MP4)


def _matroska(head: bytes) -> MediaType | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return WEBM if b"webm" in head[:64] else MKV if b"matroska" in head[:64] else None


def _ogg(head: bytes) -> MediaType | None:
    if not head.startswith(b"OggS\x00"):
        return None
    return OGV if b"\x80theora" in head else OPUS if b"OpusHead" in head[:64] else OGG


def _bitmap(head: bytes) -> MediaType | None:
    if head[:2] != b"BM" or len(head) < 26 or head[6:10] != b"\0\0\0\0":
        return None
    return BMP if int.from_bytes(head[14:18], "little") in _BITMAP_HEADER_SIZES else None


def _audio_frames(head: bytes) -> MediaType | None:
    """MP3 with a tag or without, and raw AAC: a sync word, then fields that may not take every value."""
    if head.startswith(b"ID3") and len(head) > 10 and head[3] < 5 and head[4] < 0xFF:
        return MP3
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = (head[1] >> 3) & 3, (head[1] >> 1) & 3
    if layer == 0 and head[1] & 0xF0 == 0xF0:
        return AAC if (head[2] >> 2) & 15 < 13 else None
    bitrate, rate = head[2] >> 4, (head[2] >> 2) & 3
    return BARE_MP3 if layer == 1 and version != 1 and bitrate not in (0, 15) and rate != 3 else None


def _zip(head: bytes) -> MediaType | None:
    """An archive, unless its first entry marks it as an office document, an e-book or a program."""
    if not head.startswith(b"PK\x03\x04") or len(head) < 30:
        return None
    name_length = int.from_bytes(head[26:28], "little")
    first = head[30 : 30 + name_length].lower()
    if first.endswith((b".usd", b".usda", b".usdc")):
        return USDZ
    documents = (b"[content_types].xml", b"mimetype", b"meta-inf/", b"androidmanifest.xml", b"_rels/")
    return None if first.startswith(documents) else ZIP


def _three_d(head: bytes) -> MediaType | None:
    if head.lstrip()[:1] == b"{" and _GLTF_ASSET.search(head):
        return GLTF
    if _PLY_HEADER.match(head):
        return PLY
    if _STL_TEXT.match(head):
        return STL
    return OBJ if _is_obj(head) else None


def _is_obj(head: bytes) -> bool:
    lines = head.splitlines()
    if len(head) >= HEAD_BYTES:
        lines = lines[:-1]  # cut off in the middle
    return any(line.lstrip().startswith(b"v ") for line in lines) and all(map(_OBJ_LINE.fullmatch, lines))


def _safetensors(head: bytes) -> MediaType | None:
    if len(head) < 10 or head[8:10] != b'{"':
        return None
    (length,) = struct.unpack("<Q", head[:8])
    return SAFETENSORS if 2 <= length <= _MAX_SAFETENSORS_HEADER else None


def _is_binary_stl(head: bytes, size: int) -> bool:
    return len(head) >= 84 and size == 84 + 50 * int.from_bytes(head[80:84], "little") and size > 84
