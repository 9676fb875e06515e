from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from interface_sources import Failing, Hanging, Native, gone
from interface_world import World, bearer, code

from datong.interface import Application
from datong.model import SourceProblem


@pytest.mark.parametrize(
    ("failure", "status", "refusal"),
    [
        (gone(), 503, "source-unavailable"),
        (SourceProblem("source-timeout"), 504, "source-timeout"),
        (SourceProblem("source-busy"), 503, "source-busy"),
        (SourceProblem("source-failed"), 502, "source-failed"),
        (RuntimeError("ORA-00942: table SECRET at 10.0.0.5"), 502, "source-failed"),
        (ConnectionError("10.0.0.5"), 502, "source-failed"),
    ],
)
def test_a_failing_source(make_world: Callable[..., World], failure: Exception, status: int, refusal: str) -> None:
    """The source's failure is told as such, with when to try again, and nothing of its text (REQ-QRY-12)."""
    caller = make_world(source=Failing(failure)).grant()
    for response in (caller.records(), caller.get("/records/1"), caller.verify({"idNumber": "1", "name": "x"})):
        assert (response.status_code, code(response)) == (status, refusal)
        assert response.json()["origin"] == "source"
        assert (status == 502) or int(response.headers["retry-after"]) > 0
        assert not re.search(r"ORA-|SECRET|10\.0", response.text)


def test_readiness_follows_the_source(make_world: Callable[..., World]) -> None:
    """Readiness fails while the source is down, with a reason for the operator alone (REQ-OPS-02)."""
    source = Failing(gone())
    world = make_world(source=source)
    operator, consumer = bearer(world.token(role="operator")), bearer(world.grant().token)
    for headers, detail in ((operator, "source-unavailable"), (consumer, None)):
        response = world.request("GET", "/v1/health/ready", headers=headers)
        assert (response.status_code, code(response)) == (503, "not-ready")
        assert response.json()["checks"]["source"].get("detail") == detail
        assert response.json()["checks"]["audit"]["status"] == "pass"
        assert response.headers["retry-after"]
    source.failure = None
    time.sleep(1.1)
    response = world.request("GET", "/v1/health/ready", headers=operator)
    assert (response.status_code, response.json()["status"]) == (200, "pass")
    assert {"source", "audit", "keys", "clock"} <= set(response.json()["checks"])


async def called(
    app: Application, path: str, token: str, *, gone_after: float | None = None, repeating: bool = False
) -> tuple[int, float]:
    """Status and seconds of one GET straight at the application; 0 where nothing was sent."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if repeating:
            return {"type": "http.request", "body": b"", "more_body": False}
        if gone_after is None:
            await asyncio.sleep(60)
        await asyncio.sleep(gone_after or 0)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {token}".encode())],
        "root_path": "",
        "scheme": "http",
    }
    begun = time.perf_counter()
    await app(scope, receive, send)
    return (sent[0]["status"] if sent else 0), time.perf_counter() - begun


def test_a_hung_source_leaves_other_datasets_alone(make_world: Callable[..., World]) -> None:
    """Calls that hang end at their deadline, and another dataset answers meanwhile as fast as ever."""
    source = Hanging()
    world = make_world(source=source, deadline=1)
    stuck, free = world.grant(), world.grant(catalogId="changing")

    async def run() -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
        path = "/v1/datasets/{}/records/{}"
        hanging = [asyncio.create_task(called(world.app, path.format("persons", 1), stuck.token)) for _ in range(6)]
        await asyncio.sleep(0.1)
        others = [await called(world.app, path.format("changing", 2), free.token) for _ in range(20)]
        return await asyncio.gather(*hanging), others

    hung, others = world.run(run())
    source.released.set()
    assert {status for status, _ in others} == {200}
    assert max(seconds for _, seconds in others) < 0.2
    assert {status for status, _ in hung} == {503, 504}
    assert max(seconds for _, seconds in hung) < 2


def test_threads_come_back(make_world: Callable[..., World]) -> None:
    """When a hung call returns at last, its thread serves again."""
    source = Hanging()
    world = make_world(source=source, deadline=0.3)
    caller = world.grant()
    for _ in range(3):
        assert caller.get("/records/1").status_code in (503, 504)
    source.released.set()
    time.sleep(0.1)
    world.run(asyncio.sleep(0.05))
    for _ in range(5):
        assert caller.get("/records/2").status_code == 200
    assert source.hung == 0


def test_a_native_source(make_world: Callable[..., World]) -> None:
    """A source that is asynchronous itself needs no thread, and is bounded all the same."""
    source = Native(0.02)
    world = make_world(source=source)
    caller = world.grant(scope={"items": ["personId"]})

    async def run() -> list[tuple[int, float]]:
        path = "/v1/datasets/persons/records"
        return list(await asyncio.gather(*(called(world.app, path, caller.token) for _ in range(10))))

    assert {status for status, _ in world.run(run())} == {200}
    assert source.most <= source.threads
    assert caller.get("/records/3").json()["personId"] == 3


def test_a_native_source_that_hangs(make_world: Callable[..., World]) -> None:
    """It is cancelled at the deadline."""
    source = Native(30)
    caller = make_world(source=source, deadline=0.2).grant()
    response = caller.records()
    assert (response.status_code, code(response)) == (504, "source-timeout")
    assert source.cancelled == 1


def test_a_caller_that_goes_away(make_world: Callable[..., World]) -> None:
    """When the caller hangs up the source is told to stop, and the call is recorded."""
    source = Native(30)
    world = make_world(source=source, deadline=20)
    caller = world.grant()
    status, seconds = world.run(called(world.app, "/v1/datasets/persons/records", caller.token, gone_after=0.05))
    assert status == 0
    assert seconds < 5
    assert source.cancelled == 1
    (record,) = world.provider("GET", "/v1/audit/records?status=499").json()["items"]
    assert record["code"] == "client-gone"


def test_a_server_that_repeats_itself(make_world: Callable[..., World]) -> None:
    """A server that gives the end of the body again and again does not hold up the event loop."""
    world = make_world(source=Native(0.5))
    caller = world.grant()
    status, seconds = world.run(called(world.app, "/v1/datasets/persons/records", caller.token, repeating=True))
    assert status == 200
    assert seconds < 3


def test_the_source_is_closed(make_world: Callable[..., World]) -> None:
    """With the application the source closes too."""
    source = Native()
    world = make_world(source=source)
    world.run(world.app.reader.close())
    assert source.closed
