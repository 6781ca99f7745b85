"""A run from its request to its result, in the order of its steps."""

from __future__ import annotations

import pytest

from calling import MakeSettings
from wavespeed_mcp_server.accounts import open_account
from wavespeed_mcp_server.runs import Account, NotRun, Outcome, RunOptions, prepare, price_to_agree, run
from wavespeed_mcp_server.sandbox import Sandbox

CAT = {"prompt": "a cat"}
PATIENT = 30.0


async def done(account: Account, options: RunOptions | None = None) -> Outcome:
    """What a run of `CAT` came to."""
    async with account.own_rows() as rows:
        request = await prepare(account, rows, "sandbox/paint", CAT)
        return await run(account, request, options or RunOptions(PATIENT), rows)


async def test_preparing_spends_nothing(account: Account, sandbox: Sandbox) -> None:
    request = await prepare(account, account.new_rows(), "sandbox/paint", CAT)
    assert request.body["prompt"] == "a cat"
    assert not sandbox.submissions


async def test_a_run_is_submitted_once_and_told_with_its_outputs(account: Account, sandbox: Sandbox) -> None:
    outcome = await done(account)
    assert (outcome.status, len(outcome.outputs)) == ("completed", 1)
    assert len(sandbox.submissions) == 1


async def test_without_limits_nobody_has_to_agree(account: Account, sandbox: Sandbox) -> None:
    request = await prepare(account, account.new_rows(), "sandbox/paint", CAT)
    assert await price_to_agree(account, [request], RunOptions(0.0)) is None
    assert not sandbox.counts["price"]


async def test_above_the_threshold_the_sum_of_all_runs_is_what_the_person_agrees_to(
    make_settings: MakeSettings, sandbox: Sandbox
) -> None:
    async with open_account(make_settings(confirm_above=0.03)) as account:
        rows = account.new_rows()
        request = await prepare(account, rows, "sandbox/paint", CAT)
        assert await price_to_agree(account, [request], RunOptions(0.0)) is None
        other = await prepare(account, rows, "sandbox/paint", {"prompt": "a dog"})
        assert await price_to_agree(account, [request, other], RunOptions(0.0)) == pytest.approx(0.036)
    assert not sandbox.submissions


@pytest.mark.parametrize(
    ("can_ask", "why"), [(True, "did not agree"), (False, "cannot ask the person")], ids=["asked", "mute"]
)
async def test_what_was_not_agreed_to_is_not_bought(
    make_settings: MakeSettings, sandbox: Sandbox, can_ask: bool, why: str
) -> None:
    async with open_account(make_settings(confirm_above=0.001)) as account:
        with pytest.raises(NotRun, match=why):
            await done(account, RunOptions(PATIENT, can_ask=can_ask))
        agreed = await done(account, RunOptions(PATIENT, consented=True))
    assert agreed.status == "completed"
    assert len(sandbox.submissions) == 1
