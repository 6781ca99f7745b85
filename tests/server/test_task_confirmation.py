from __future__ import annotations

from typing import Any

import pytest
from mcp.types import ElicitRequestParams, ElicitResult

from calling import Connect, MakeSettings, ask, text_of
from wavespeed_mcp_server.sandbox import Sandbox

from .asking import KnowsTasks

CALL: dict[str, Any] = {"model": "sandbox/paint", "input": {"prompt": "a lighthouse"}}


class Person:
    """Somebody who is asked, and what they saw of the account at that moment."""

    def __init__(self, sandbox: Sandbox, says: ElicitResult) -> None:
        self._sandbox = sandbox
        self._says = says
        self.asked: list[str] = []
        self.submitted_before: list[int] = []

    async def __call__(self, context: Any, params: ElicitRequestParams) -> ElicitResult:
        self.asked.append(params.message)
        self.submitted_before.append(len(self._sandbox.submissions))
        return self._says


async def test_the_person_is_asked_before_there_is_a_task(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    person = Person(sandbox, ElicitResult(action="accept", content={"approve": True}))
    settings = make_settings(confirm_above=0.0)
    async with connect(settings, extensions=[KnowsTasks()], elicitation_callback=person) as client:
        answer = await ask(client, "generate", **CALL)
    (prediction,) = sandbox.predictions
    assert text_of(answer) == f"task {prediction}"
    assert "$0.018" in person.asked[0]
    assert person.submitted_before == [0]


@pytest.mark.parametrize(
    "says", [ElicitResult(action="decline"), ElicitResult(action="accept", content={"approve": False})]
)
async def test_what_the_person_did_not_agree_to_is_no_task(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings, says: ElicitResult
) -> None:
    person = Person(sandbox, says)
    settings = make_settings(confirm_above=0.0)
    async with connect(settings, extensions=[KnowsTasks()], elicitation_callback=person) as client:
        answer = await ask(client, "generate", **CALL)
    assert answer.is_error and "did not agree" in text_of(answer)
    assert not sandbox.submissions
