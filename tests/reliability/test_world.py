"""One wish, one purchase: callers, processes, clocks and histories driven at random against the real rules.

What must hold in every order of events:
- a request buys nothing while its caller has an equal task that is unfinished or whose end it was not told;
- every task is known to the ledger by its id, or as a lost submit that may be it;
- a batch buys no more of a wish than it asks for beyond what its caller has to follow;
- a budget is never exceeded, not by what is in flight or lost either.

A background handle is a call here that does not wait, and `tasks/get` a look at that id.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from wavespeed_mcp_server.ledger import OwnedRows, SharedStore, account_rows
from wavespeed_mcp_server.runs import RunError, recovery, submission

from .world import COST, Api, Process, Task

PROMPTS = st.sampled_from(["a cat", "a dog"])
SUBMIT_MOODS = st.sampled_from(
    ["ok", "ok", "refused", "lost before", "lost after", "killed before", "killed after"]
)
HISTORY_MOODS = st.sampled_from(
    [
        *("ok", "ok", "ok", "silent", "refused", "lagging"),
        *("short pages", "breaks off", "no inputs", "rewritten", "upside down", "hollow"),
    ]
)
APART_SECONDS = 3.0


class Answer:
    """What a call has told, until its caller has it: which ends, by task."""

    def __init__(self, process: Process, rows: OwnedRows, ends: list[Task]) -> None:
        self.process = process
        self.rows = rows
        self.ends = ends


class World(RuleBasedStateMachine):
    """Hosts that call, give up, cancel late, crash and come back, on machines whose clocks are set."""

    answers = Bundle("answers")
    given = Bundle("given")

    def __init__(self) -> None:
        super().__init__()
        self.budget: float | None = None
        self.api = Api()
        self.local = self.api.now
        self._stack = ExitStack()
        self._directory = Path(tempfile.mkdtemp())
        self._stack.callback(shutil.rmtree, self._directory, ignore_errors=True)
        patch = self._stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(account_rows, "time", lambda: self.local)
        patch.setattr(recovery, "LOOK_PAUSES", ())
        patch.setattr(submission, "SHORTEST_WAIT_SECONDS", 0.05)
        patch.setattr(submission, "UNREACHABLE_PAUSE", 0.0)
        self._portal = self._stack.enter_context(start_blocking_portal())
        self.started = 1000.0
        self.processes: list[Process] = []
        self.said: list[str] = []

    def teardown(self) -> None:
        for process in self.processes:
            if process.alive:
                self.do(process.die)
        self._stack.close()

    def do(self, step: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Any:
        """Run one step of a process to its end."""
        return self._portal.call(step, *arguments)

    @initialize(budget=st.sampled_from([None, None, 3.0, 5.0]), count=st.integers(1, 2))
    def open(self, budget: float | None, count: int) -> None:
        self.budget = budget
        for _ in range(count):
            self.start()

    @precondition(lambda self: sum(one.alive for one in self.processes) < 3)
    @rule()
    def start(self) -> None:
        process = Process(self.store_of_one_more(), self.api, self.budget)
        process.died = self.until_gone
        self.processes.append(process)

    def store_of_one_more(self) -> SharedStore:
        """What a process that starts keeps its rows in."""
        return SharedStore(self._directory)

    def until_gone(self, owner: str) -> None:
        """Return once the others see that a process has died."""

    def process(self, number: int) -> Process:
        """One that lives."""
        living = [one for one in self.processes if one.alive] or [self._started()]
        return living[number % len(living)]

    def _started(self) -> Process:
        self.start()
        return self.processes[-1]

    def call(self, process: Process) -> OwnedRows:
        """A call that comes in after all others, too late to be anybody's twin."""
        self.started += APART_SECONDS
        self.time_passes(APART_SECONDS)
        return process.call(self.started)

    def held_by(self, caller: str, prompt: str) -> list[Task]:
        """The tasks of this wish that `caller` must follow."""
        living = {one.store.owner for one in self.processes if one.alive}
        found = []
        for task in self.api.tasks.values():
            told = task.ended and (caller in task.told or task.caller in task.told)
            own = task.caller == caller or task.caller not in living
            if task.inputs["prompt"] == prompt and own and not told:
                found.append(task)
        return found

    @rule(target=answers, number=st.integers(0, 2), prompt=PROMPTS, mood=SUBMIT_MOODS, again=st.booleans())
    def wish(self, number: int, prompt: str, mood: str, again: bool) -> Answer:
        again = again and number == 0
        process = self.process(number)
        caller = process.store.owner
        self.api.submit = mood
        held = [] if again else self.held_by(caller, prompt)
        before = set(self.api.tasks)
        rows = self.call(process)
        told: list[Task] = []
        try:
            outcome = self.do(process.generate, rows, prompt, again)
        except RunError as error:
            self.said.append(str(error))
            told = [task for task in self.api.tasks.values() if task.ended and f"{task.id} " in str(error)]
            for task in told:
                self.adopt(task, caller)
        else:
            if outcome is not None:
                task = self.api.tasks[outcome.id]
                self.adopt(task, caller)
                told = [task] if outcome.status == task.ended else []
        bought = set(self.api.tasks) - before
        assert not (held and bought), f"bought {bought}, and was to follow {[one.id for one in held]}"
        self.api.submit = "ok"
        return Answer(process, rows, told)

    @rule(
        target=answers,
        number=st.integers(0, 2),
        prompts=st.lists(PROMPTS, min_size=1, max_size=4),
        mood=SUBMIT_MOODS,
    )
    def wish_for_many(self, number: int, prompts: list[str], mood: str) -> Answer:
        process = self.process(number)
        caller = process.store.owner
        self.api.submit = mood
        held = {prompt: self.held_by(caller, prompt) for prompt in prompts}
        before = set(self.api.tasks)
        rows = self.call(process)
        told: list[Task] = []
        try:
            outcomes = self.do(process.batch, rows, prompts)
        except RunError as error:
            # Over the budget as a whole, after it was decided what each of it follows.
            self.said.append(str(error))
            known = self.do(process.account.ledger.by_ids, list(before))
            for one in (self.api.tasks[id_] for id_, row in known.items() if row.caller == caller):
                self.adopt(one, caller)
        else:
            for outcome in outcomes or []:
                self.said.append(outcome.error)
                if outcome.id:
                    task = self.api.tasks[outcome.id]
                    self.adopt(task, caller)
                    told += [task] if outcome.status == task.ended else []
        bought = [self.api.tasks[one].inputs["prompt"] for one in set(self.api.tasks) - before]
        for prompt, tasks in held.items():
            assert bought.count(prompt) <= max(0, prompts.count(prompt) - len(tasks))
        self.api.submit = "ok"
        return Answer(process, rows, told)

    def adopt(self, task: Task, caller: str) -> None:
        """The first to follow a task whose caller is gone, or to ask for it, becomes its caller."""
        if task.caller not in {one.store.owner for one in self.processes if one.alive}:
            task.caller = caller

    @rule(target=answers, number=st.integers(0, 2), data=st.data())
    def ask(self, number: int, data: st.DataObject) -> Answer:
        process = self.process(number)
        every = sorted(self.api.tasks)
        ids = data.draw(st.lists(st.sampled_from(every), max_size=2, unique=True)) if every else []
        rows = self.call(process)
        outcomes = self.do(process.status, rows, ids)
        told = []
        for outcome in outcomes if ids else []:
            task = self.api.tasks[outcome.id]
            known = self.do(process.account.ledger.by_ids, [task.id])
            if known:
                self.adopt(task, process.store.owner)
            if known and outcome.status == task.ended:
                told.append(task)
        return Answer(process, rows, told)

    @rule(target=given, answer=consumes(answers))
    def the_answer_arrives(self, answer: Answer) -> Answer:
        if answer.process.alive:
            self.do(answer.rows.answered)
            for task in answer.ends:
                task.told.add(answer.process.store.owner)
        return answer

    @rule(answer=consumes(answers))
    def the_call_is_cancelled(self, answer: Answer) -> None:
        if answer.process.alive:
            self.do(answer.rows.cut_off)

    @rule(answer=consumes(given))
    def the_answer_is_taken_back(self, answer: Answer) -> None:
        if answer.process.alive:
            self.do(answer.rows.taken_back)
            for task in answer.ends:
                task.told.discard(answer.process.store.owner)

    @precondition(lambda self: any(not task.ended for task in self.api.tasks.values()))
    @rule(data=st.data(), how=st.sampled_from(["completed", "failed"]))
    def a_task_ends(self, data: st.DataObject, how: str) -> None:
        running = sorted(task.id for task in self.api.tasks.values() if not task.ended)
        self.api.tasks[data.draw(st.sampled_from(running))].ended = how

    @rule(seconds=st.sampled_from([1.0, 20.0, 70.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.api.now += seconds
        self.local += seconds

    @rule(seconds=st.sampled_from([-1.8e9, -86400.0 * 30, -30.0, 30.0, 7200.0, 86400.0 * 30]))
    def the_clock_is_set(self, seconds: float) -> None:
        self.local = self.api.now + seconds

    @rule(mood=HISTORY_MOODS)
    def the_history_changes(self, mood: str) -> None:
        self.api.history = mood

    @rule(number=st.integers(0, 2))
    def a_process_is_killed(self, number: int) -> None:
        living = [one for one in self.processes if one.alive]
        if living:
            self.do(living[number % len(living)].die)

    @invariant()
    def every_task_is_known(self) -> None:
        if not self.api.tasks:
            return
        process = self.process(0)
        known = self.do(process.account.ledger.by_ids, list(self.api.tasks))
        missing = set(self.api.tasks) - set(known)
        rows, _ = self.do(process.account.ledger.open_rows, "nobody")
        lost = sum(row.state in {"attempt", "unknown"} and not row.id for row in rows)
        sending = self.do(process.account.ledger.rivals, 0, "vendor/model", None)
        named = {task for task in missing if any(task in text for text in self.said)}
        assert len(missing - named) <= lost + sum(sending)

    @invariant()
    def the_budget_is_kept(self) -> None:
        counted = [
            one
            for one in self.api.tasks.values()
            if one.ended != "failed" and one.created > self.api.now - 24 * 3600
        ]
        assert self.budget is None or len(counted) * COST <= self.budget


World.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestWorld = World.TestCase


@pytest.mark.ci
def test_a_longer_history_of_the_world() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    long = settings(
        max_examples=150,
        stateful_step_count=50,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(World, settings=long)


def test_a_cancelled_follower_leaves_the_first_call_what_it_was() -> None:
    """Not a twin of the next one because nobody remembers when it came in."""
    world = World()
    try:
        world.open(budget=None, count=1)
        world.wish(again=False, mood="ok", number=0, prompt="a cat")
        second = world.wish(again=False, mood="ok", number=0, prompt="a cat")
        world.the_call_is_cancelled(answer=second)
        world.wish(again=False, mood="ok", number=0, prompt="a cat")
        assert len(world.api.tasks) == 1
    finally:
        world.teardown()


def test_what_one_process_looks_for_in_vain_no_other_buys_again() -> None:
    world = World()
    try:
        world.open(budget=None, count=1)
        world.wish(again=False, mood="killed after", number=0, prompt="a dog")
        world.start()
        world.start()
        # Times prove nothing on this clock, so that the task is named and not followed.
        world.the_clock_is_set(seconds=-1.8e9)
        world.wish(again=False, mood="ok", number=0, prompt="a dog")
        world.wish(again=False, mood="ok", number=1, prompt="a dog")
        assert len(world.api.tasks) == 1
        assert sum("task-0001" in text for text in world.said) == 2
    finally:
        world.teardown()
