"""Running the training province: one process, one loopback socket, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from sqlalchemy.exc import ArgumentError, DatabaseError
from starlette.types import ASGIApp

from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.province.code_map import load as load_code_maps
from app.training.application import LARGEST_BODY, Desks, make_application, make_desks
from app.training.fault_plan import FaultPlan
from app.training.fault_plan import load as load_fault_plan
from app.training.line_door import SecureDoor, listen, open_secure_door, peer_certificate, watched_http
from app.training.line_gate import LineGate
from app.training.seeding import DEFAULT_HOLDERS, DEFAULT_SEED, seed_store
from app.training.shifted_clock import ShiftedClock
from app.training.store import is_local, open_store

LOOPBACK = "127.0.0.1"
_KEEP_ALIVE_S = 10
_LAST_REPLIES_S = 2


@dataclass(frozen=True)
class Serving:
    """How to serve; `port` 0 takes a free one, `with_parent` ends the process when stdin closes."""

    data_dir: Path
    port: int = 0
    host: str = LOOPBACK
    seed: int = DEFAULT_SEED
    holders: int = DEFAULT_HOLDERS
    with_parent: bool = False
    database: str | None = None
    """SQLAlchemy's URL of a PostgreSQL database; without it a SQLite file in `data_dir`."""
    faults: Path | None = None
    """A file of scripted faults; without it nothing goes wrong until somebody says so."""


@dataclass(frozen=True)
class Served:
    """Where it answers; `authority` is the file with what the secure door's certificate is from."""

    url: str
    secure_url: str
    authority: Path


Ready = Callable[[Served], None]


def serve(serving: Serving, ready: Ready) -> Refusal | None:
    """Serve until SIGTERM, SIGINT or the parent's end; `ready` is called when it can be asked."""
    if serving.host != LOOPBACK:
        return Refusal.of("TRAINING-LOOPBACK-ONLY", host=serving.host)
    if serving.database is not None and not is_local(serving.database):
        return Refusal.of("TRAINING-LOOPBACK-ONLY", host=serving.database.rpartition("@")[2])
    maps = load_code_maps()
    plan = FaultPlan(()) if serving.faults is None else load_fault_plan(serving.faults)
    if isinstance(plan, Refusal):
        return plan
    try:
        serving.data_dir.mkdir(parents=True, exist_ok=True)
        engine = open_store(serving.data_dir, serving.database)
        seed_store(engine, maps, serving.seed, serving.holders)
    except ModuleNotFoundError as missing:
        return Refusal.of("TRAINING-DRIVER-NONE", driver=missing.name)
    except (OSError, ArgumentError, DatabaseError):
        return Refusal("TRAINING-DATA-UNUSABLE")
    try:
        line = _listen(serving.port)
        if isinstance(line, Refusal):
            return line
        desks = make_desks(engine, maps, ShiftedClock(SystemClock(), plan.clock_offset_s), plan)
        desks.make_keys()
        with ExitStack() as stack:
            stack.enter_context(line)
            try:
                secure = stack.enter_context(open_secure_door(desks.line, desks.clock, serving.data_dir))
            except (OSError, DatabaseError):
                return Refusal("TRAINING-DATA-UNUSABLE")
            _run(desks, line, secure, serving.with_parent, ready)
    finally:
        engine.dispose()
    return None


def _listen(port: int) -> socket.socket | Refusal:
    # The protocol is named because asyncio sends small replies without delay only then: 40 ms a reply otherwise.
    line = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        # There it would let two servers share a port; here it only takes over one that has just been left.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        line.bind((LOOPBACK, port))
    except (OSError, OverflowError):
        line.close()
        return Refusal.of("TRAINING-PORT-TAKEN", port=port)
    return line


def _run(desks: Desks, line: socket.socket, secure: SecureDoor, with_parent: bool, ready: Ready) -> None:
    # uvicorn raises the signals it caught again when it has shut down; they have done their work by then.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)

    def hang_up(client: tuple[str, int]) -> None:
        for connection in list(server.server_state.connections):
            if getattr(connection, "client", None) == client and connection.transport is not None:
                connection.transport.abort()

    def gate(app: ASGIApp) -> ASGIApp:
        return LineGate(
            app,
            secure.desk,
            secure.check,
            lambda client: peer_certificate(server, client),
            LARGEST_BODY,
            secure.rules.body_s,
        )

    server = uvicorn.Server(
        uvicorn.Config(
            make_application(desks, hang_up, gate),
            http=watched_http(secure.desk),
            access_log=False,
            log_level="warning",
            # Its own handlers would write what ours redacts.
            log_config=None,
            lifespan="off",
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_LAST_REPLIES_S,
        )
    )
    if with_parent:
        threading.Thread(target=_stop_with_parent, args=(server,), name="parent watch", daemon=True).start()
    asyncio.run(_serve(server, line, secure, ready))


async def _serve(server: uvicorn.Server, line: socket.socket, secure: SecureDoor, ready: Ready) -> None:
    serving = asyncio.create_task(server.serve(sockets=[line]))
    while not (server.started or serving.done()):
        await asyncio.sleep(0.005)
    if not server.started:
        await serving
        return
    door = await listen(server, secure)
    ready(Served(f"http://{LOOPBACK}:{line.getsockname()[1]}", secure.url, secure.authority_file))
    await serving
    door.close()


def _stop_with_parent(server: uvicorn.Server) -> None:
    # Unbuffered: a buffered stdin would hold a lock that the interpreter wants at its end.
    with open(0, "rb", buffering=0, closefd=False) as parent:
        while parent.read(64):
            pass
    server.should_exit = True
