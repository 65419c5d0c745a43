"""The register of terminals and 好差评 over the province's line."""

from __future__ import annotations

from urllib.parse import quote

from app.domain.refusal import Refusal
from app.province.http_line import HttpLine
from app.province.json_fields import Fields
from app.province.register_port import Rating, RatingTaken, RegisteredTerminal, Terminal, TerminalKind
from app.province.service_line import fetch, tell

NAMED = frozenset({"TERMINAL-UNKNOWN", "TERMINAL-OTHER-DEVICE", "RATING-EXISTS", "OP-UNKNOWN"})


class HttpRegisters:
    """Implements `register_port.Registers` for one device."""

    def __init__(self, line: HttpLine, device: str) -> None:
        self._line = line
        self._device = device

    def register(self, serial: str, terminal: Terminal) -> RegisteredTerminal | Refusal:
        """Enter a terminal."""
        body = {
            "serial": serial,
            "terminal_no": terminal.terminal_no,
            "device": self._device,
            "organisation": terminal.organisation,
            "kind": terminal.kind.value,
            "model": terminal.model,
            "region_code": terminal.region,
            "position": terminal.position,
        }
        return tell(self._line, "/v1/terminals", body, read_terminal, NAMED)

    def strike_off(self, serial: str, terminal_no: str) -> RegisteredTerminal | Refusal:
        """Strike a terminal off."""
        body = {"serial": serial, "terminal_no": terminal_no, "device": self._device}
        return tell(self._line, "/v1/terminals/strike-off", body, read_terminal, NAMED)

    def terminals(self) -> tuple[RegisteredTerminal, ...] | Refusal:
        """Ask for this device's terminals."""
        path = f"/v1/devices/{quote(self._device, safe='')}/terminals"
        return fetch(self._line, path, lambda reply: tuple(read_terminal(row) for row in reply.objects("terminals")))

    def rate(self, rating: Rating) -> RatingTaken | Refusal:
        """Deliver an evaluation."""
        body = {**vars(rating), "level": int(rating.level), "items": list(rating.items)}
        return tell(self._line, "/v1/ratings", body, read_rating, NAMED)


def read_terminal(row: Fields) -> RegisteredTerminal:
    """Read one line of the register; a kind that nobody here knows is OTHER."""
    kind = row.text("kind")
    terminal = Terminal(
        terminal_no=row.filled_text("terminal_no"),
        organisation=row.text("organisation"),
        kind=TerminalKind(kind) if kind in tuple(TerminalKind) else TerminalKind.OTHER,
        model=row.text("model"),
        region=row.text("region_code"),
        position=row.text("position"),
    )
    return RegisteredTerminal(terminal, row.flag("registered"), row.moment("at"))


def read_rating(reply: Fields) -> RatingTaken:
    """Read {"rating_no","call_back_by"}."""
    return RatingTaken(reply.filled_text("rating_no"), reply.optional_moment("call_back_by"))
