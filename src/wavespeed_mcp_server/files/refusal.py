"""The one error of this room that a person or an agent can do something about."""


class FileRefused(Exception):
    """A file may not be read or written, or is not what it should be; the text says why and what to do."""
