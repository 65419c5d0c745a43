"""Replies of a bank that cannot be what was asked for: values, never exceptions."""

from __future__ import annotations

import json

import httpx
import pytest

from app.domain.refusal import Refusal
from app.province.bank_client import HttpBank
from app.province.bank_port import LossCall, ReleaseCall

LOSS = LossCall("s-1", "6217000000093030103", "郑清和", "350105199208152045")
GOOD = {"serial": "s-1", "outcome": "applied", "reason": None, "at": "2026-11-22T09:00:00+08:00"}


def bank_saying(content: object, seen: list[httpx.Request] | None = None) -> HttpBank:
    def reply(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return httpx.Response(200, content=body)

    return HttpBank("http://127.0.0.1:9", "窗口-03", True, httpx.MockTransport(reply))


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "JSON"),
        (b"[" * 100_000, "JSON"),
        ([], "JSON"),
        ({**GOOD, "serial": "another"}, "serial"),
        ({**GOOD, "serial": ""}, "serial"),
        ({**GOOD, "outcome": "perhaps"}, "JSON"),
        ({**GOOD, "outcome": None}, "outcome"),
        ({**GOOD, "reason": 7}, "reason"),
        ({**GOOD, "at": "yesterday"}, "at"),
        ({**GOOD, "at": "2026-11-22T09:00:00"}, "at"),
    ],
)
def test_a_reply_that_cannot_be_read_is_nonsense(content: object, field: str) -> None:
    bank = bank_saying(content)
    nonsense = Refusal.of("BANK-NONSENSE", field=field)
    assert bank.register_loss(LOSS) == bank.serial_status("s-1") == nonsense
    bank.close()


def test_what_is_personal_never_stands_in_an_address() -> None:
    seen: list[httpx.Request] = []
    bank = bank_saying(GOOD, seen)
    bank.register_loss(LOSS)
    bank.release_loss(ReleaseCall("s-1", "s-0", LOSS.account))
    bank.serial_status("s-1")
    bank.close()
    assert [request.url.path for request in seen] == ["/bank/v1/losses", "/bank/v1/releases", "/bank/v1/serials/s-1"]
    assert not [request for request in seen if LOSS.account in str(request.url) or LOSS.holder in str(request.url)]
    assert json.loads(seen[0].content)["loss_type"] == "3"


def test_in_training_the_bank_has_to_be_on_this_machine() -> None:
    with pytest.raises(ValueError, match="this machine"):
        HttpBank("http://bank.example", "W3", training=True)
