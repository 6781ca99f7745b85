"""The server's secret: names callers without telling their keys, and seals what travels through clients."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from ..private import FILE, close_file, private_directory

FILE_NAME = "server-secret"
SHORTEST = 32
NAME_CHARACTERS = 32


class ServerSecret:
    """What only this server, and its replicas, know. Never shown, and never used as it is."""

    def __init__(self, text: str) -> None:
        self._secret = text.encode()

    def __repr__(self) -> str:
        return "ServerSecret()"

    def key(self, purpose: str) -> bytes:
        """Thirty-two bytes for one purpose, from which neither the secret nor another key can be told."""
        return hmac.digest(self._secret, f"wavespeed-mcp-server {purpose}".encode(), hashlib.sha256)

    def name_of(self, api: str, key: str) -> str:
        """A name for the account of `key` at an API, from which the key cannot be told."""
        text = f"{api}\n{key}".encode()
        return hmac.digest(self.key("account"), text, hashlib.sha256).hex()[:NAME_CHARACTERS]


def server_secret(given: str, directory: Path) -> ServerSecret:
    """The secret that was `given`, else the one that is kept in `directory`, made where there is none.

    Raises:
        OSError: it cannot be kept.
    """
    return ServerSecret(given or _kept(private_directory(directory) / FILE_NAME))


def _kept(path: Path) -> str:
    """The secret in a file. It appears there whole or not at all, whoever makes it at the same moment."""
    if not path.exists():
        made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE), "w") as file:
            file.write(secrets.token_hex(SHORTEST))
        try:
            with suppress(FileExistsError):
                os.link(made, path)
        finally:
            made.unlink()
    close_file(path)
    text = path.read_text(encoding="ascii").strip()
    if len(text) < SHORTEST:
        raise OSError(f"{path} holds no secret of {SHORTEST} characters; delete it and a new one is made")
    return text
