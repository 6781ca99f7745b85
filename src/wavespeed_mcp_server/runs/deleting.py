"""Deleting predictions for good, with what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..api.client import WaveSpeed
from ..api.errors import ApiError, NotConfigured, NotFound, Unauthorized
from ..gather import gather_first_error
from .whole_ids import NOBODYS

RUNNING = "still running; nothing can stop it, and it can be deleted when it has ended"


@dataclass(frozen=True)
class Deletion:
    """The ids that are gone now, and why each other one is not deleted."""

    deleted: list[str]
    not_deleted: dict[str, str]


async def delete(client: WaveSpeed, prediction_ids: Sequence[str]) -> Deletion:
    """Delete what has ended of these. The API counts what it deletes, so each is looked at.

    Raises:
        ApiError: nothing can be deleted now.
    """
    ids = list(dict.fromkeys(prediction_ids))
    before = dict(zip(ids, await gather_first_error(lambda one: _why_not(client, one), ids), strict=True))
    wanted = [one for one in ids if not before[one]]
    reasons = {one: why for one, why in before.items() if why}
    if wanted and await client.delete(wanted) < len(wanted):
        left = await gather_first_error(lambda one: _left(client, one), wanted)
        reasons |= {one: why for one, why in zip(wanted, left, strict=True) if why}
    return Deletion([one for one in ids if one not in reasons], reasons)


async def _why_not(client: WaveSpeed, prediction_id: str) -> str:
    """Why it cannot be deleted, or nothing: so far as can be seen it can."""
    try:
        return "" if (await client.result(prediction_id)).ended else RUNNING
    except NotFound:
        return NOBODYS
    except (NotConfigured, Unauthorized):
        raise
    except ApiError:
        return ""


async def _left(client: WaveSpeed, prediction_id: str) -> str:
    try:
        await client.result(prediction_id)
    except NotFound:
        return ""
    except ApiError as error:
        return f"whether it is gone cannot be learned now: {error}"
    return "the API kept it; try again later"
