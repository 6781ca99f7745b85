"""What makes two requests equal: model and input as their caller gave them, files by their content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..files import marked_path, marked_paths
from ..files.nested import with_texts
from ..ledger import Asked, fingerprint
from .request import Prepared, sent_body


def asked(
    request: Prepared, digests: Mapping[str, str], uploaded: Mapping[str, str], *, again: bool
) -> Asked:
    """How the ledger knows a request whose files have these `digests`.

    `uploaded` are the URLs that files are known to have: the first release told requests by them.
    """
    named = {path: f"sha256:{digest}" for path, digest in digests.items()}
    given = canonical(_renamed(request.given, named))
    # Several files may stand in one text.
    if inside := digests.keys() - marked_paths(request.given):
        given["@"] = sorted(digests[path] for path in inside)
    first_release: tuple[str, ...] = ()
    if digests.keys() <= uploaded.keys():
        plain = _renamed(request.given, uploaded)
        bodies = (plain, {**plain, "enable_sync_mode": False}, sent_body(request, dict(uploaded)))
        first_release = tuple(dict.fromkeys(fingerprint(request.model, body) for body in bodies))
    return Asked(request.model, fingerprint(request.model, given), first_release, again)


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with the name of each file that it marks; a text with several is left as it is."""
    return with_texts(value, lambda text: names.get(marked_path(text) or "", text))


def canonical(value: Any) -> Any:
    """Whole numbers alike, however they are written; everything else as it is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: canonical(part) for name, part in value.items()}
    if isinstance(value, list):
        return [canonical(part) for part in value]
    return value
