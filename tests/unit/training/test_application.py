"""The application without a line: faults are counted, hang-ups hang up, a locked file is busy."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, event
from starlette.types import Message, Scope

from app.domain.clock import SystemClock
from app.province.code_map import load as load_maps
from app.training.application import make_application, make_desks
from app.training.faults import FaultBox, FaultyLine
from app.training.process import _command
from app.training.seeding import seed_store
from app.training.store import open_store
from app.training.wire_models import FaultBody

MAPS = load_maps()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_store(tmp_path)
    seed_store(opened, MAPS, seed=3, holders=5)
    yield opened
    opened.dispose()


def ask(engine: Engine, method: str, path: str, json: object = None) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(make_application(make_desks(engine, MAPS, SystemClock()), lambda _client: None))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, json=json)

    return asyncio.run(asked())


def test_a_locked_file_is_busy(engine: Engine, tmp_path: Path) -> None:
    event.listen(engine, "connect", lambda line, _entry: line.execute("PRAGMA busy_timeout=20"))
    engine.dispose()
    other = open_store(tmp_path)
    with other.begin():
        answer = ask(engine, "GET", "/v1/operations/op-1")
    other.dispose()
    assert (answer.status_code, answer.json()["code"]) == (503, "TRAINING-BUSY")
    assert answer.headers["Retry-After"] == "1"


def test_a_fault_is_counted_down() -> None:
    box = FaultBox()
    box.set(FaultBody(mode="busy", count=2, path="/v1/cl"))
    assert [box.take(path).mode for path in ("/v1/clock", "/v1/operations", "/v1/clock", "/v1/clock")] == [
        "busy",
        "none",
        "busy",
        "none",
    ]


def test_a_dropped_reply_is_applied_first_and_then_hung_up() -> None:
    done: list[str] = []
    box = FaultBox()
    box.set(FaultBody(mode="drop_reply"))
    sent: list[Message] = []

    async def province(scope: Scope, receive: object, send: object) -> None:
        done.append("applied")
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]

    async def receive() -> Message:
        return {"type": "http.disconnect"} if "hung up" in done else {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    line = FaultyLine(province, box, lambda _client: done.append("hung up"))
    scope: Scope = {"type": "http", "path": "/v1/operations", "client": ("127.0.0.1", 1)}
    asyncio.run(line(scope, receive, send))
    assert done == ["applied", "hung up"]
    assert sent == []


def test_what_is_no_request_and_what_is_not_v1_passes() -> None:
    box = FaultBox()
    box.set(FaultBody(mode="http500"))
    seen: list[str] = []

    async def province(scope: Scope, receive: object, send: object) -> None:
        seen.append(scope["type"])

    async def nothing(*_messages: Message) -> Message:
        return {"type": "http.disconnect"}

    line = FaultyLine(province, box, lambda _client: None)
    asyncio.run(line({"type": "lifespan"}, nothing, nothing))  # type: ignore[arg-type]
    asyncio.run(line({"type": "http", "path": "/training/ledger"}, nothing, nothing))  # type: ignore[arg-type]
    assert seen == ["lifespan", "http"]


def test_questions_in_the_process(engine: Engine) -> None:
    assert "now" in ask(engine, "GET", "/v1/clock").json()
    assert ask(engine, "GET", "/v1/operations/none").json()["code"] == "OP-UNKNOWN"
    assert ask(engine, "GET", "/training/ledger").json() == []
    found = ask(engine, "POST", "/v1/holders/profile", {"purpose": "t", "card_id": "x"})
    assert (found.status_code, found.json()["code"]) == (404, "CARD-UNKNOWN")


def test_the_frozen_program_starts_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys.executable", "/opt/一卡通/yikatong")
    assert _command(tmp_path, 0, 5, 10)[:3] == ["/opt/一卡通/yikatong", "province", "serve"]
    assert _command(tmp_path, 0, 5, 10)[-4:] == ["--seed", "5", "--holders", "10"]
