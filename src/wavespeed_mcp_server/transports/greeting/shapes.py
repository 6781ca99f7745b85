"""Which requests the SDK would certainly accept: those whose every field is known and of its type.

Read without the SDK, and stricter than it. What is not certain is left to the SDK, which may refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Check = Callable[[Any], bool]
MODERN = "2026-07-28"
META = "io.modelcontextprotocol/"
MAX_ID = 2**53


def text(value: Any) -> bool:
    """A plain string; what JSON has escaped as half a character is not."""
    return type(value) is str and not any("\ud800" <= letter <= "\udfff" for letter in value)


def flag(value: Any) -> bool:
    """true or false."""
    return type(value) is bool


def anything(value: Any) -> bool:
    """An object of any content."""
    return type(value) is dict


def named(value: Any) -> bool:
    """An object of objects."""
    return anything(value) and all(map(anything, value.values()))


def texts(value: Any) -> bool:
    """A list of strings."""
    return type(value) is list and all(map(text, value))


def exactly(expected: str) -> Check:
    """This text."""
    return lambda value: type(value) is str and value == expected


def nothing(_value: Any) -> bool:
    """No value at all."""
    return False


def shape(required: dict[str, Check] | None = None, rest: Check = nothing, **optional: Check) -> Check:
    """An object with these fields; `rest` is what others may be."""
    needed = required or {}
    known = {**needed, **optional}

    def fits(value: Any) -> bool:
        return (
            type(value) is dict
            and needed.keys() <= value.keys()
            and all(known.get(name, rest)(part) for name, part in value.items())
        )

    return fits


def icons(value: Any) -> bool:
    """The icons of a client."""
    return type(value) is list and all(map(ICON, value))


def request_id(value: Any) -> bool:
    """A number or a plain text, which every JSON library writes in the same way."""
    if type(value) is int:
        return abs(value) < MAX_ID
    return type(value) is str and value.isascii() and value.isprintable() and not set(value) & {'"', "\\"}


EMPTY = shape()
ICON = shape({"src": text}, mimeType=text, sizes=texts)
CLIENT_INFO = shape(
    {"name": text, "version": text}, title=text, description=text, websiteUrl=text, icons=icons
)
CAPABILITIES = shape(
    # The set is open by the protocol: a client may have capabilities of its own.
    rest=anything,
    experimental=named,
    extensions=named,
    roots=shape(listChanged=flag),
    sampling=shape(tools=EMPTY, context=EMPTY),
    elicitation=shape(form=EMPTY, url=EMPTY),
    tasks=shape(
        list=EMPTY,
        cancel=EMPTY,
        requests=shape(sampling=shape(createMessage=EMPTY), elicitation=shape(create=EMPTY)),
    ),
)
LEGACY_META = shape(progressToken=request_id)
INITIALIZE = shape(
    {"protocolVersion": text, "capabilities": CAPABILITIES, "clientInfo": CLIENT_INFO}, _meta=LEGACY_META
)
LEGACY = shape(_meta=LEGACY_META)
ENVELOPE = shape(
    {
        META + "protocolVersion": exactly(MODERN),
        META + "clientInfo": CLIENT_INFO,
        META + "clientCapabilities": CAPABILITIES,
    },
    progressToken=request_id,
)
ENVELOPED = shape({"_meta": ENVELOPE})
REQUEST = shape({"jsonrpc": exactly("2.0"), "method": text, "id": request_id}, params=anything)
NOTIFICATION = shape({"jsonrpc": exactly("2.0"), "method": text}, params=anything)


def enveloped(params: Any) -> bool:
    """The request carries its protocol version with it, as since 2026-07-28."""
    meta = params.get("_meta") if type(params) is dict else None
    return type(meta) is dict and META + "protocolVersion" in meta
