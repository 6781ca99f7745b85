"""The verbs about outputs: save them, open one, delete runs with theirs."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import anyio.to_thread

from ..files.viewer import show_file
from ..runs import Account, RunError, completed_since, moment, tell_bytes
from ..runs import delete as delete_for_good
from ..runs import download as save_outputs
from .inputs import BadInput, absolute
from .telling import DONE, NOT_DONE
from .terminal import ProgressLine, show
from .wording import for_people

VIEWER_SECONDS = 3.0


async def download(account: Account, arguments: argparse.Namespace) -> int:
    """Save the outputs of runs."""
    line = ProgressLine()
    directory = absolute(arguments.directory) if arguments.directory else ""
    begun = moment("--since", "7 days ago" if arguments.all and not arguments.since else arguments.since)
    if bool(arguments.ids) == bool(begun):
        raise BadInput("Name the runs, or give --since TIME or --all: one of the two.")
    async with account.own_rows() as rows:
        try:
            ids = await completed_since(account, rows, begun) if begun else arguments.ids
            report = partial(tell_bytes, line, "downloaded")
            found = await save_outputs(account, rows, ids, directory, report, names=arguments.save_as)
        finally:
            line.clear()
        lines = [str(file.path) for _, file in found.saved]
        lines += [f"{one}  not saved: {for_people(why)}" for one, why in found.failed.items()]
        saved = [
            {"id": one, "url": file.url or "", "path": str(file.path), "size_bytes": file.size_bytes}
            for one, file in found.saved
        ]
        failed = [{"id": one, "error": why} for one, why in found.failed.items()]
        show({"saved": saved, "failed": failed}, lines, as_json=arguments.json)
        await rows.answered()
    return NOT_DONE if found.failed else DONE


async def view(account: Account, arguments: argparse.Namespace) -> int:
    """Save a run's outputs and open one in the system's viewer."""
    line = ProgressLine()
    async with account.own_rows() as rows:
        try:
            found = await save_outputs(
                account, rows, [arguments.id], "", partial(tell_bytes, line, "downloaded")
            )
        finally:
            line.clear()
        await rows.answered()
    paths = [file.path for _, file in found.saved]
    for one, why in found.failed.items():
        raise RunError(f"{one}: {why}")
    if arguments.index >= len(paths):
        raise RunError(f"{arguments.id} has {len(paths)} outputs, counted from 0: no {arguments.index}.")
    chosen: Path = paths[arguments.index]
    opened = await anyio.to_thread.run_sync(show_file, chosen, VIEWER_SECONDS)
    show({"path": str(chosen), "opened": opened}, [str(chosen)], as_json=arguments.json)
    if not opened:
        raise RunError(f"There is no viewer here for {chosen}; the file is saved.")
    return DONE


async def delete(account: Account, arguments: argparse.Namespace) -> int:
    """Delete runs for good."""
    done = await delete_for_good(account.client, arguments.ids)
    lines = [f"{one}  deleted" for one in done.deleted]
    lines += [f"{one}  not deleted: {why}" for one, why in done.not_deleted.items()]
    not_deleted = [{"id": one, "reason": why} for one, why in done.not_deleted.items()]
    show({"deleted": done.deleted, "not_deleted": not_deleted}, lines, as_json=arguments.json)
    return NOT_DONE if not_deleted else DONE
