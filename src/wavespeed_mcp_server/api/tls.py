"""Which certificates are trusted, and what to say where the environment's network settings cannot be used."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import NotConfigured


def verifying(ca_file: str | None) -> ssl.SSLContext:
    """A context that trusts the certificates in `ca_file`, or else those that certifi brings. Blocks."""
    import certifi

    return ssl.create_default_context(cafile=ca_file or certifi.where())


@contextmanager
def usable_network() -> Iterator[None]:
    """What the environment says of certificates and proxies may not be usable: then the call says so.

    Raises:
        NotConfigured: no file of certificates, a proxy of an unknown kind, or SOCKS without `socksio`.
    """
    try:
        yield
    except OSError as error:
        raise NotConfigured(
            f"The certificates in SSL_CERT_FILE cannot be read ({error.strerror or error}). Nothing was "
            "sent; mend the variable or unset it."
        ) from error
    except (ValueError, ImportError) as error:
        raise NotConfigured(
            "The proxy that the environment names (HTTPS_PROXY or ALL_PROXY) is of a kind that cannot be "
            "used here. Nothing was sent; name an http:// proxy, or set NO_PROXY for the API's host."
        ) from error
