"""What may be read and written, what a file really is, uploads and downloads."""

from .access import LocalMedia, Media
from .downloads import Downloader, DownloadFailed
from .inline import Saved, is_inline, write_inline
from .markers import looks_like_local_path, marked_path, marked_paths, replace_markers
from .media import MediaType, sniff
from .names import safe_stem, suffix_for
from .nested import placed_texts, texts_in
from .parts import take_out_inline
from .path_policy import PathPolicy
from .refusal import FileRefused
from .spelling import file_stem
from .uploads import Tickets, Upload, Uploader, UploadMemory

__all__ = [
    "DownloadFailed",
    "Downloader",
    "FileRefused",
    "LocalMedia",
    "Media",
    "MediaType",
    "PathPolicy",
    "Saved",
    "Tickets",
    "Upload",
    "UploadMemory",
    "Uploader",
    "file_stem",
    "is_inline",
    "looks_like_local_path",
    "marked_path",
    "marked_paths",
    "placed_texts",
    "replace_markers",
    "safe_stem",
    "sniff",
    "suffix_for",
    "take_out_inline",
    "texts_in",
    "write_inline",
]
