"""What a finished task is told as, and where the files inside its outputs go."""

from __future__ import annotations

from pathlib import Path

from wavespeed_mcp_server.runs import Account, Outcome, RunOptions, prepare, run

INLINE = {"prompt": "a cat", "enable_base64_output": True}


async def finished(account: Account, options: RunOptions, inputs: dict[str, object]) -> Outcome:
    """What one run came to."""
    async with account.own_rows() as rows:
        request = await prepare(account, rows, "sandbox/paint", inputs)
        return await run(account, request, options, rows)


async def test_a_file_inside_an_answer_is_written_once_however_often_it_is_told(
    account: Account, tmp_path: Path
) -> None:
    first = await finished(account, RunOptions(30), INLINE)
    again = await account.results.of(await account.watching.look_up(first.id), RunOptions(0))
    assert first.outputs == again.outputs == first.saved
    media = [path for path in (tmp_path / "out").iterdir() if path.suffix != ".json"]
    assert [str(path) for path in media] == first.saved


async def test_what_is_saved_needs_no_further_call(account: Account) -> None:
    outcome = await finished(account, RunOptions(30, save=True), {"prompt": "a cat"})
    assert [Path(path).is_file() for path in outcome.saved] == [True]
    assert not outcome.next
