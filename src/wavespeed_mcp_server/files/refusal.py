"""The one error of this room that a person or an agent can do something about, and its common texts."""

import errno
from pathlib import Path

_NOT_BROUGHT_DOWN = {
    getattr(errno, name)
    for name in ("EAGAIN", "EWOULDBLOCK", "EDEADLK", "ETIMEDOUT", "ENOTCONN", "EREMOTEIO", "EHOSTDOWN")
    if hasattr(errno, name)
}
_WINDOWS_CLOUD_ERRORS = range(358, 405)
"""ERROR_CLOUD_FILE_*, of which Windows has one for each way a provider can fail."""


class FileRefused(Exception):
    """A file may not be read or written, or is not what it should be; the text says why and what to do."""


def unreadable(path: Path, error: OSError) -> FileRefused:
    """The refusal for a file that is there and cannot be read."""
    if error.errno in _NOT_BROUGHT_DOWN or getattr(error, "winerror", 0) in _WINDOWS_CLOUD_ERRORS:
        return not_brought_down(path)
    if isinstance(error, IsADirectoryError):
        return is_directory(path)
    if isinstance(error, FileNotFoundError):
        return FileRefused(f"There is no file {path}.")
    return FileRefused(f"{path} cannot be read ({error.strerror or error}).")


def not_brought_down(path: Path) -> FileRefused:
    """The refusal for a file of which only a stand-in is on this machine."""
    return FileRefused(
        f"{path} lies in a cloud and is not on this machine yet: have it downloaded (open it once, or choose "
        "to keep it on this device), then call again."
    )


def on_the_chats_machine(text: str, listed: str) -> FileRefused:
    """The refusal for a place of the chat; `listed` is where the person may put files."""
    return FileRefused(
        f"{text} is a place on the chat's own machine, which this server cannot read: give a public "
        f"URL of the file, or have the person save it on this computer ({listed}) and give that path."
    )


def is_directory(path: Path) -> FileRefused:
    """The refusal for a directory where one file is wanted."""
    return FileRefused(
        f"{path} is a directory; name a file in it, or write @{path.as_posix()}/ in an input that "
        "takes a list, or in vary of generate_batch for a run of each file."
    )


def unwritable(directory: Path, error: OSError) -> FileRefused:
    """The refusal for a directory that cannot be written to."""
    return FileRefused(
        f"{directory} cannot be written to ({error.strerror or error}). Set WAVESPEED_OUTPUT_DIR to a "
        "directory that can."
    )
