"""Replies of the families of the wire: what is unknown is kept aside, what contradicts itself is nonsense."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import httpx
import pytest

from app.domain.card_service import CardService
from app.domain.digest import sm3_hex
from app.domain.jpeg_size import jpeg_size
from app.domain.refusal import Refusal
from app.domain.states import ProductionState
from app.province.appointment_client import read_appointment
from app.province.appointment_port import AppointmentState
from app.province.bank_client import HttpBank
from app.province.card_service_client import HttpCardServices
from app.province.card_service_wire import read_check, read_request, read_services
from app.province.code_map import load as load_code_maps
from app.province.entry_wire import read_document, read_entries, read_licence_check
from app.province.http_client import HttpProvince
from app.province.json_fields import Fields, IllTyped
from app.province.making_wire import read_data, read_enabled, read_making
from app.province.notice_client import read_code_table, read_notices
from app.province.opening_client import HttpOpenings
from app.province.opening_port import OpeningCall
from app.province.photo_client import read_photo
from app.province.register_client import read_terminal
from app.province.register_port import TerminalKind
from app.province.service_line import Whom

AT = "2026-01-05T08:00:00+00:00"
REQUEST: dict[str, Any] = {
    "request_no": "R1",
    "op_id": None,
    "service": "replace",
    "making_type": "3",
    "bank_line": "95588",
    "step_code": "41",
    "open": True,
    "failure_code": None,
    "failure_text": None,
    "batch_no": "B1",
    "locked_by": None,
    "steps": [{"step_code": "11", "at": AT}],
}
DATA: dict[str, Any] = {
    **dict.fromkeys(("card_number", "citizen_number", "name", "sex_code", "nation_code", "region_code"), "1"),
    **dict.fromkeys(("bank_line", "bank_account"), "2"),
    **dict.fromkeys(("birth_date", "issued", "expires"), "2026-01-05"),
    "request_no": "R1",
    "photo_sm3": "00" * 32,
}
LICENCE = {"licence_id": "a-b", "kind": "b", "title": "t", "issuer": "i", "issued": "2026-01-05"}
TABLE = {"name": "social", "sm3": "00" * 32, "codes": [{"code": "0", "meaning": "sealed"}]}
NOTICE = {"seq": 8, "kind": "k", "title": "t", "text": "x", "starts": AT, "ends": None}
ENTRIES = {"kind": "k", "department": "d", "available": True, "entries": [], "as_of": AT}
CHECKED = {"valid": True, "reason": None, "licence": LICENCE, "holder": "林*", "at": AT}
MAPS = load_code_maps()


def test_what_nobody_here_knows_is_kept_and_blocks_writes() -> None:
    request = read_request(Fields({**REQUEST, "step_code": "ZZ", "news": [1]}), MAPS)
    assert (request.step, request.step_code, request.writable) == (ProductionState.UNKNOWN, "ZZ", False)
    assert read_request(Fields(REQUEST), MAPS).writable
    assert not read_request(Fields({**REQUEST, "service": "teleport"}), MAPS).writable
    row = {"service": "teleport", "title": "t", "needs_check": False, "opens_request": False}
    (offered,) = read_services(Fields({"services": [row]}))
    assert (offered.service, offered.name) == (None, "teleport")
    booked = {
        "appointment_no": "Y",
        "point": "p",
        "day": "2026-01-05",
        "slot": "09:00",
        "service": "x",
        "state": "lost",
    }
    assert read_appointment(Fields(booked)).state is AppointmentState.UNKNOWN
    terminal = {"terminal_no": "1", "organisation": "", "kind": "robot", "model": "", "region_code": "", "position": ""}
    assert read_terminal(Fields({**terminal, "registered": True, "at": AT})).terminal.kind is TerminalKind.OTHER


def test_no_data_is_not_the_same_as_none() -> None:
    assert read_entries(Fields(ENTRIES), "k").entries == ()
    assert read_entries(Fields({**ENTRIES, "available": False}), "k").entries is None


@pytest.mark.parametrize(
    ("read", "reply", "field"),
    [
        (read_check, {"allowed": True, "reason": "X", "version": 1, "needs_check": False}, "reason"),
        (read_check, {"allowed": False, "reason": None, "version": 1, "needs_check": False}, "reason"),
        (lambda reply: read_making(reply, MAPS, "R1"), {"request": {**REQUEST, "request_no": "R2"}}, "request_no"),
        (lambda reply: read_making(reply, MAPS, "R1"), {"request": {**REQUEST, "step_code": "ZZ"}}, "step_code"),
        (lambda reply: read_making(reply, MAPS, "R1"), {"request": 7}, "request"),
        (lambda reply: read_data(reply, "R1"), {**DATA, "name": ""}, "name"),
        (lambda reply: read_data(reply, "R1"), {**DATA, "issued": None}, "issued"),
        (lambda reply: read_data(reply, "R1"), {**DATA, "request_no": "R2"}, "request_no"),
        (lambda reply: read_enabled(reply, MAPS), {"social_code": "Q", "version": 1, "old_cards": []}, "social_code"),
        (read_photo, {"jpeg": "AAAA", "sm3": "00" * 32, "taken": None}, "sm3"),
        (read_photo, {"jpeg": "?", "sm3": "00" * 32, "taken": None}, "jpeg"),
        (lambda reply: read_entries(reply, "other"), ENTRIES, "kind"),
        (read_licence_check, {**CHECKED, "reason": "X"}, "valid"),
        (read_licence_check, {**CHECKED, "licence": None}, "valid"),
        (read_licence_check, {**CHECKED, "valid": False}, "valid"),
        (lambda reply: read_code_table(reply, "other"), TABLE, "name"),
        (lambda reply: read_code_table(reply, "social"), {**TABLE, "codes": TABLE["codes"] * 2}, "code"),
        (lambda reply: read_notices(reply, 8), {"notices": [NOTICE], "last": 8}, "seq"),
        (lambda reply: read_notices(reply, 7), {"notices": [NOTICE], "last": 9}, "seq"),
    ],
)
def test_a_reply_that_contradicts_itself_or_the_question_is_nonsense(
    read: Callable[[Fields], object], reply: Mapping[str, object], field: str
) -> None:
    with pytest.raises(IllTyped) as wrong:
        read(Fields(reply))
    assert wrong.value.field == field


def test_a_document_is_checked_by_its_digest() -> None:
    content = "证照".encode()
    reply = {"licence_id": "a", "media_type": "text/plain", "content": base64.b64encode(content).decode()}
    assert read_document(Fields({**reply, "sm3": sm3_hex(content)}), "a").content == content
    with pytest.raises(IllTyped):
        read_document(Fields({**reply, "sm3": "00" * 32}), "a")


def test_a_family_names_its_refusals_and_no_others() -> None:
    def answer(code: str) -> object:
        transport = httpx.MockTransport(lambda _: httpx.Response(404, json={"code": code, "message": ""}))
        client = HttpProvince("http://127.0.0.1:9", "W3", True, transport)
        return HttpCardServices(client.line, client.code_maps).check(CardService.ENABLE, Whom(card_id="1"), "test")

    assert answer("HOLDER-UNKNOWN") == Refusal("HOLDER-UNKNOWN")
    assert answer("SOMETHING-ELSE") == Refusal.of("PROVINCE-REFUSED", status=404, reason="SOMETHING-ELSE")


def test_an_opened_account_without_its_number_is_nonsense() -> None:
    reply = {"serial": "s", "outcome": "applied", "reason": None, "at": AT, "account": None}
    bank = HttpBank("http://127.0.0.1:9", "W3", True, httpx.MockTransport(lambda _: httpx.Response(200, json=reply)))
    call = OpeningCall("s", "r", "95588", "林", "01", "1", date(2030, 1, 1), "199", "5", True)
    assert HttpOpenings(bank.line).open_account(call) == Refusal.of("BANK-NONSENSE", field="account")


def test_whom_and_accounts_are_never_shown() -> None:
    whom = Whom(citizen_number="350100199001010011")
    assert "3501" not in repr(whom)
    call = OpeningCall("s", "r", "95588", "林", "01", "350100199001010011", None, "19900000000", "5", True)
    assert "3501" not in repr(call)
    assert "1990" not in repr(call)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (bytes.fromhex("ffd8ffe000104a46494600010101015e015e0000ffc000110801b9016603012200021101031101"), (358, 441)),
        (bytes.fromhex("ffd8ffffffc000110800020001030122"), (1, 2)),
        (bytes.fromhex("ffd8ffc000110800000001"), None),
        (bytes.fromhex("ffd8ffc00011080002"), None),
        (bytes.fromhex("ffd8ffda0002"), None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_a_jpeg_tells_its_size_by_its_frame_header(data: bytes, size: tuple[int, int] | None) -> None:
    """T.81 B.2.2: FFC0, length, precision, height, width."""
    assert jpeg_size(data) == size
