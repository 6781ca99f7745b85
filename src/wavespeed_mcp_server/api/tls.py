"""Which certificates are trusted."""

from __future__ import annotations

import ssl

import anyio
import anyio.to_thread

from .errors import NotConfigured


class Certificates:
    """What every connection trusts: the certificates in `ca_file` (PEM), or those that certifi brings."""

    def __init__(self, ca_file: str | None = None) -> None:
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None
        self._reading = anyio.Lock()

    async def context(self) -> ssl.SSLContext:
        """One context for all connections, read beside the event loop when it is first needed.

        Raises:
            NotConfigured: the file cannot be read.
        """
        async with self._reading:
            if self._context is None:
                self._context = await anyio.to_thread.run_sync(self._read)
            return self._context

    def _read(self) -> ssl.SSLContext:
        import certifi

        try:
            context = ssl.create_default_context(cafile=self._ca_file or certifi.where())
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotConfigured(
                f"The certificates in SSL_CERT_FILE cannot be read ({reason}). Nothing was sent; mend the "
                "variable or unset it."
            ) from error
        context.set_alpn_protocols(["http/1.1"])
        return context
