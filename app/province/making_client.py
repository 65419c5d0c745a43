"""Making a card over the province's line."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.refusal import Refusal
from app.province.card_service_port import MakingRequest
from app.province.code_map import CodeMaps
from app.province.http_line import HttpLine
from app.province.making_port import Enabled, FailedCard, MadeCard, MakingCall, MakingData
from app.province.making_wire import read_data, read_enabled, read_making
from app.province.service_line import tell

NAMED = frozenset(
    {
        *("MAKING-UNKNOWN", "MAKING-ENDED", "MAKING-LOCKED", "MAKING-NOT-LOCKED", "MAKING-ACCOUNT-MISSING"),
        *("MAKING-BATCH-MISSING", "MAKING-DATA-MISSING", "MAKING-STAGE-MISSING", "MAKING-CARD-MISSING"),
        *("MAKING-CARD-USED", "MAKING-ACCOUNT-DIFFERS", "MAKING-NOT-MADE"),
    }
)


class HttpMaking:
    """Implements `making_port.Making` for one device."""

    def __init__(self, line: HttpLine, maps: CodeMaps, device: str) -> None:
        self._line = line
        self._maps = maps
        self._device = device

    def lock(self, call: MakingCall) -> MakingRequest | Refusal:
        """Take a request for this device."""
        return self._step("lock", call)

    def unlock(self, call: MakingCall) -> MakingRequest | Refusal:
        """Let go of a request."""
        return self._step("unlock", call)

    def batch(self, call: MakingCall) -> MakingRequest | Refusal:
        """Mark as made at once."""
        return self._step("batch", call)

    def data(self, call: MakingCall) -> MakingData | Refusal:
        """Fetch what is written and printed."""
        return tell(
            self._line, "/v1/makings/data", self._body(call), lambda reply: read_data(reply, call.request_no), NAMED
        )

    def result(self, call: MakingCall, result: MadeCard | FailedCard) -> MakingRequest | Refusal:
        """Report one blank."""
        told = _failed(result) if isinstance(result, FailedCard) else {"made": True, **vars(result)}
        return self._step("results", call, told)

    def enable(self, call: MakingCall) -> Enabled | Refusal:
        """启用 of the card that was made."""
        return tell(
            self._line, "/v1/makings/enable", self._body(call), lambda reply: read_enabled(reply, self._maps), NAMED
        )

    def _step(self, step: str, call: MakingCall, more: Mapping[str, object] | None = None) -> MakingRequest | Refusal:
        return tell(
            self._line,
            f"/v1/makings/{step}",
            {**self._body(call), **(more or {})},
            lambda reply: read_making(reply, self._maps, call.request_no),
            NAMED,
        )

    def _body(self, call: MakingCall) -> Mapping[str, object]:
        return {"serial": call.serial, "request_no": call.request_no, "device": self._device}


def _failed(result: FailedCard) -> Mapping[str, object]:
    return {"made": False, "failed_stage": result.stage, "failure_text": result.reason}
