import anyio
import httpx
import pytest

from wavespeed_mcp_server.sandbox import Fault, Sandbox
from wavespeed_mcp_server.sandbox.faults import STATUSES

from .speaking import get, post, refused, result, run

BODY = {"prompt": "x"}


@pytest.mark.parametrize("kind", sorted(STATUSES))
async def test_a_status_comes_in_the_envelope_and_nothing_is_created(
    sandbox: Sandbox, client: httpx.AsyncClient, kind: str
) -> None:
    sandbox.faults.append(Fault(at="submit", kind=kind))
    assert "Sandbox fault" in refused(await client.post("/api/v3/sandbox/paint", json=BODY), int(kind))
    assert not sandbox.predictions
    assert sandbox.submissions[0].refused == f"fault: {kind}"
    assert (await run(client, "sandbox/paint", BODY))["status"] == "completed"


@pytest.mark.parametrize("created", [True, False])
async def test_whether_the_task_is_created_can_be_chosen(
    sandbox: Sandbox, client: httpx.AsyncClient, created: bool
) -> None:
    for kind in ("502", "drop_before", "drop_after"):
        sandbox.faults.append(Fault(at="submit", kind=kind, created=created))
    refused(await client.post("/api/v3/sandbox/paint", json=BODY), 502)
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/api/v3/sandbox/paint", json=BODY)
    assert len(sandbox.predictions) == (3 if created else 0)
    assert [submission.prediction is not None for submission in sandbox.submissions] == [created] * 3


async def test_a_dropped_connection_leaves_the_task_or_not_by_its_kind(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    for kind, tasks in (("drop_before", 0), ("drop_after", 1)):
        sandbox.faults.append(Fault(at="submit", kind=kind))
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/api/v3/sandbox/paint", json=BODY)
        assert len(sandbox.predictions) == tasks


@pytest.mark.parametrize(("kind", "tasks"), [("hang_before", 0), ("hang", 1)])
async def test_a_hanging_request_is_never_answered(
    sandbox: Sandbox, client: httpx.AsyncClient, kind: str, tasks: int
) -> None:
    sandbox.faults.append(Fault(at="submit", kind=kind))
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(post, client, "sandbox/paint", BODY)
            await sandbox.seen("submit")
            while len(sandbox.predictions) < tasks:
                await anyio.lowlevel.checkpoint()
            # Whoever asks later is answered first.
            for _ in range(20):
                await get(client, "balance")
            group.cancel_scope.cancel()
    assert len(sandbox.predictions) == tasks
    assert sandbox.submissions[0].refused == ("" if tasks else "fault: hang_before")


async def test_pages_and_unreadable_bodies_come_under_success(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    for tasks, kind in enumerate(("html", "garbage", "empty", "wrong_length"), start=1):
        sandbox.faults.append(Fault(at="submit", kind=kind))
        answer = await client.post("/api/v3/sandbox/paint", json=BODY)
        assert answer.status_code == 200
        with pytest.raises(ValueError):
            answer.json()
        assert len(sandbox.predictions) == tasks
    sandbox.faults.append(Fault(at="submit", kind="html_502"))
    answer = await client.post("/api/v3/sandbox/paint", json=BODY)
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert len(sandbox.predictions) == 4


async def test_a_truncated_body_is_shorter_than_it_says(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    ended = await run(client, "sandbox/paint", BODY)
    sandbox.faults += [Fault(at="poll", kind="truncated"), Fault(at="download", kind="truncated")]
    with pytest.raises(httpx.RemoteProtocolError):
        await result(client, ended["id"])
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get(ended["outputs"][0], headers={"authorization": ""})


async def test_answers_can_lack_what_a_client_counts_on(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    ended = await run(client, "sandbox/paint", BODY)
    for kind in ("null_outputs", "missing_fields", "unknown_status"):
        sandbox.faults.append(Fault(at="poll", kind=kind))
    assert (await result(client, ended["id"]))["outputs"] is None
    assert await result(client, ended["id"]) == {}
    assert (await result(client, ended["id"]))["status"] == "pondering"
    assert await result(client, ended["id"]) == ended


async def test_an_error_can_hide_under_http_200(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.faults.append(Fault(at="balance", kind="envelope_error", code=1403, message="no"))
    answer = await client.get("/api/v3/balance")
    assert (answer.status_code, answer.json()) == (200, {"code": 1403, "message": "no"})


async def test_redirects_and_retry_after_say_where_and_when(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    sandbox.faults += [
        Fault(at="models", kind="redirect", location="http://127.0.0.2/elsewhere"),
        Fault(at="models", kind="redirect"),
        Fault(at="models", kind="retry_after", retry_after="7"),
    ]
    assert (await client.get("/api/v3/models")).headers["location"] == "http://127.0.0.2/elsewhere"
    assert (await client.get("/api/v3/models")).headers["location"] == f"{sandbox.url}/elsewhere"
    answer = await client.get("/api/v3/models")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


async def test_the_key_following_a_redirect_is_remembered_as_a_leak(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    sandbox.faults.append(Fault(at="models", kind="redirect"))
    await client.get("/api/v3/models", follow_redirects=True)
    assert [leak.path for leak in sandbox.leaks] == ["/elsewhere"]


async def test_a_slow_answer_comes_whole(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.faults.append(Fault(at="balance", kind="slow", seconds=0.01))
    assert await get(client, "balance") == {"balance": 10.0}


async def test_faults_strike_only_what_they_are_for(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.faults += [
        Fault(at="submit", kind="500", model="sandbox/write", times=None),
        Fault(at="submit", kind="503", when=lambda call: b"dog" in call.body),
        Fault(at="price", kind="500", model="sandbox/paint"),
    ]
    one, two = [await post(client, "sandbox/paint", BODY) for _ in range(2)]
    for _ in range(3):
        refused(await client.post("/api/v3/sandbox/write", json=BODY), 500)
    refused(await client.post("/api/v3/sandbox/paint", json={"prompt": "dog"}), 503)
    await post(client, "model/price", {"model_id": "sandbox/write", "inputs": {}})
    refused(await client.post("/api/v3/model/price", json={"model_id": "sandbox/paint"}), 500)
    sandbox.faults = [
        Fault(at="poll", kind="502", prediction=two["id"], after=1, times=2),
        Fault(at="poll", kind="504", model="sandbox/paint", after=5),
    ]
    polls = [await client.get(f"/api/v3/predictions/{two['id']}/result") for _ in range(4)]
    assert [answer.status_code for answer in polls] == [200, 502, 502, 200]
    polls = [await client.get(f"/api/v3/predictions/{one['id']}/result") for _ in range(4)]
    assert [answer.status_code for answer in polls] == [200, 200, 200, 504]


async def test_a_fault_that_cannot_be_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="unknown place 'pol'"):
        Fault(at="pol", kind="502")
    with pytest.raises(ValueError, match="unknown kind '999'"):
        Fault(at="poll", kind="999")


async def test_held_requests_wait_until_they_are_released(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    sandbox.hold("submit", after_work=True)
    sandbox.hold("balance")
    answered: list[str] = []

    async def submit() -> None:
        await post(client, "sandbox/paint", BODY)
        answered.append("submit")

    async def balance() -> None:
        await get(client, "balance")
        answered.append("balance")

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(submit)
            await sandbox.seen("submit", n=1)
            group.start_soon(balance)
            await sandbox.seen("balance")
            while not sandbox.predictions:
                await anyio.lowlevel.checkpoint()
            assert answered == []
            sandbox.release("balance")
            sandbox.release("submit")
    assert set(answered) == {"submit", "balance"}
    assert await get(client, "balance") == {"balance": 9.982}


async def test_seen_waits_for_as_many_as_asked(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(get, client, "balance")
            await sandbox.seen("balance", n=3)
    await sandbox.seen("balance", n=3)
    assert sandbox.counts == {"balance": 3}
    with pytest.raises(TimeoutError), anyio.fail_after(0.01):
        await sandbox.seen("balance", n=4)


async def test_other_processes_can_set_faults_and_look(sandbox: Sandbox, stranger: httpx.AsyncClient) -> None:
    fault = {"at": "poll", "kind": "502", "times": 2}
    assert (await stranger.post("/_sandbox/faults", json=fault)).json()["kind"] == "502"
    assert [fault.kind for fault in sandbox.faults] == ["502"]
    assert len((await stranger.get("/_sandbox/faults")).json()) == 1
    for wrong in ({"at": "poll"}, {"at": "x", "kind": "502"}, {"at": "poll", "kind": "502", "hits": 1}):
        assert (await stranger.post("/_sandbox/faults", json=wrong)).status_code == 400
    await stranger.delete("/_sandbox/faults")
    assert not sandbox.faults


async def test_the_state_shows_submissions_and_the_course_of_tasks(
    sandbox: Sandbox, client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    ended = await run(client, "sandbox/paint", BODY)
    state = (await stranger.get("/_sandbox/state")).json()
    assert state["counts"] == {"submit": 1, "poll": 1, "control": 1}
    assert state["submissions"][0]["body"] == BODY
    course = state["predictions"][ended["id"]]
    assert (course["status"], course["polls"]) == ("completed", 1)
    assert course["created_at"] <= course["completed_at"] <= course["seen_ended_at"]


async def test_other_processes_can_choose_the_run_time(
    sandbox: Sandbox, client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    await stranger.post("/_sandbox/settings", json={"run_seconds": None, "balance": 5})
    assert (await run(client, "sandbox/paint", BODY))["status"] == "processing"
    assert (await stranger.post("/_sandbox/settings", json={"key": "x"})).status_code == 400
    assert sandbox.balance == 5 - 0.018
