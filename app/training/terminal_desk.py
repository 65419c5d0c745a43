"""The register of terminals: each number belongs to one device until it is struck off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update

from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.training.once import once
from app.training.service_schema import TERMINALS
from app.training.store import stamp
from app.training.terminal_models import TerminalBody, TerminalOffBody, TerminalReply, TerminalsReply


class TerminalDesk:
    """Refusals: TERMINAL-UNKNOWN, TERMINAL-OTHER-DEVICE."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def register(self, body: TerminalBody) -> TerminalReply | Refusal:
        """Enter a terminal, or say anew where it stands."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            return once(
                connection, "terminal", body.serial, body, TerminalReply, now, lambda: _enter(connection, body, now)
            )

    def strike_off(self, body: TerminalOffBody) -> TerminalReply | Refusal:
        """Strike a terminal off."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            return once(
                connection, "terminal off", body.serial, body, TerminalReply, now, lambda: _end(connection, body, now)
            )

    def of_device(self, device: str) -> TerminalsReply:
        """List a device's terminals."""
        query = select(TERMINALS).where(TERMINALS.c.device == device).order_by(TERMINALS.c.terminal_no)
        with self._engine.begin() as connection:
            found = connection.execute(query).mappings().all()
        return TerminalsReply(terminals=[TerminalReply.model_validate({**row}) for row in found])


def _enter(connection: Connection, body: TerminalBody, now: datetime) -> TerminalReply | Refusal:
    row = _row(connection, body.terminal_no)
    if row is not None and row["registered"] and row["device"] != body.device:
        return Refusal("TERMINAL-OTHER-DEVICE")
    values = {**body.model_dump(exclude={"serial"}), "registered": True, "at": stamp(now)}
    connection.execute(delete(TERMINALS).where(TERMINALS.c.terminal_no == body.terminal_no))
    connection.execute(insert(TERMINALS).values(values))
    return TerminalReply.model_validate(values)


def _end(connection: Connection, body: TerminalOffBody, now: datetime) -> TerminalReply | Refusal:
    row = _row(connection, body.terminal_no)
    if row is None or not row["registered"]:
        return Refusal("TERMINAL-UNKNOWN")
    if row["device"] != body.device:
        return Refusal("TERMINAL-OTHER-DEVICE")
    ended = {"registered": False, "at": stamp(now)}
    connection.execute(update(TERMINALS).where(TERMINALS.c.terminal_no == body.terminal_no).values(ended))
    return TerminalReply.model_validate({**row, **ended})


def _row(connection: Connection, terminal_no: str) -> RowMapping | None:
    return connection.execute(select(TERMINALS).where(TERMINALS.c.terminal_no == terminal_no)).mappings().first()
