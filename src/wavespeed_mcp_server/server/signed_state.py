"""What travels through the one client of a process while a person is asked, signed by that process."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from mcp.server.request_state import InvalidRequestState

SIGNATURE_BYTES = 32


class SignedState:
    """A `RequestStateCodec` of the SDK, with a key that ends with the process.

    The client could read a state and cannot make one; it is of its own making in any case. The SDK adds to it
    for which call and how long it is good.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(SIGNATURE_BYTES)

    def seal(self, payload: bytes) -> str:
        """The token for `payload`."""
        return urlsafe_b64encode(self._signature(payload) + payload).decode()

    def unseal(self, token: str) -> bytes:
        """What was sealed.

        Raises:
            InvalidRequestState: this process did not make that token.
        """
        try:
            given = token.encode()
            payload = urlsafe_b64decode(given)[SIGNATURE_BYTES:]
        except ValueError as error:
            raise InvalidRequestState("malformed") from error
        if not hmac.compare_digest(given, self.seal(payload).encode()):
            raise InvalidRequestState("signature")
        return payload

    def _signature(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")
