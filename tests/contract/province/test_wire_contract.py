"""The running server's OpenAPI, the snapshot in the tree, and what the client asks for agree."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

import app.province
from app.domain.anchor import Anchor, AuditPage, Enrolment
from app.domain.audit import Link
from app.domain.card_service import CardService
from app.domain.ecard import EcardBusiness
from app.domain.line import LineSecrets, Signing
from app.province.appointment_client import HttpAppointments
from app.province.appointment_port import Booking
from app.province.card_service_client import HttpCardServices
from app.province.ecard_client import HttpEcards
from app.province.ecard_port import LoginRequest
from app.province.entry_client import HttpDepartments
from app.province.http_client import HttpProvince
from app.province.http_line import HttpLine, LineCodes
from app.province.line_enrolment import Asking, enrol, renew
from app.province.making_client import HttpMaking
from app.province.making_port import MadeCard, MakingCall
from app.province.notice_client import HttpNotices
from app.province.photo_client import HttpPhotos
from app.province.port import CardCheckRequest, HsmRequest, ProfileQuery, UploadBatch, UploadItem
from app.province.register_client import HttpRegisters
from app.province.register_port import Rating, RatingLevel, Terminal, TerminalKind
from app.province.service_line import Whom
from app.training.contract import contract_text
from app.training.process import TrainingProvince

SECRETS = LineSecrets(
    device="W3",
    key_id="00" * 16,
    signing=Signing.HMAC_SM3,
    private_key=b"",
    public_key=b"",
    shared_key=b"",
    province_key=b"",
    sealing_key=b"",
    renew_at=datetime.now(UTC),
    expires_at=datetime.now(UTC),
)
SNAPSHOT = Path(app.province.__file__).with_name("contract_v1.json")


@pytest.fixture
def openapi(province: TrainingProvince) -> dict[str, Any]:
    served: dict[str, Any] = httpx.get(f"{province.url}/openapi.json", trust_env=False).raise_for_status().json()
    return served


def test_the_snapshot_is_what_is_served(openapi: dict[str, Any]) -> None:
    again = "yikatong province contract > app/province/contract_v1.json"
    assert json.loads(SNAPSHOT.read_text("utf-8")) == openapi, again
    assert json.loads(contract_text()) == openapi
    assert not [path for path in openapi["paths"] if path.startswith("/training")]


def ask_every_family(client: HttpProvince) -> None:
    """Ask once for everything that the families' own clients ask for."""
    whom, day = Whom(card_id="F" * 32), date(2026, 1, 5)
    services = HttpCardServices(client.line, client.code_maps)
    services.services()
    services.check(CardService.ENABLE, whom, "test")
    services.progress(whom, "test")
    services.check_stand_in(whom, "1", "test")
    making, call = HttpMaking(client.line, client.code_maps, "W3"), MakingCall("s", "r")
    making.lock(call)
    making.unlock(call)
    making.batch(call)
    making.data(call)
    making.result(call, MadeCard("F" * 32, "3B", "62"))
    making.enable(call)
    ecards = HttpEcards(client.line, "W3")
    ecards.verify("ESSC0000", EcardBusiness.QUERY, "test")
    ecards.state("0" * 32, "test")
    ecards.authorisation("SQ1", "test")
    ecards.begin_login(LoginRequest(EcardBusiness.OTHER, "test", ("identity",)))
    ecards.login("0")
    ecards.cancel_login("0")
    photos = HttpPhotos(client.line)
    photos.rules()
    photos.photo(whom, "test")
    photos.send("s", whom, b"", day)
    appointments = HttpAppointments(client.line)
    appointments.of(whom, "test")
    appointments.book(Booking("s", whom, "p", day, "09:00", CardService.REPLACE))
    appointments.cancel("s", "Y", whom)
    appointments.arrive("s", "Y", whom)
    registers = HttpRegisters(client.line, "窗口 3")
    registers.register("s", Terminal("0" * 12, "o", TerminalKind.READER, "m", "350100", "1"))
    registers.strike_off("s", "0" * 12)
    registers.terminals()
    registers.rate(Rating("s", "op", RatingLevel.GOOD))
    notices = HttpNotices(client.line)
    notices.notices(7)
    notices.code_tables()
    notices.code_table("social")
    departments = HttpDepartments(client.line)
    departments.kinds()
    departments.entries(whom, "rights", "test")
    departments.licences(whom, "test")
    departments.document("x-y", "test")
    departments.check_code("C" * 16, "test")


def test_every_request_of_the_client_is_in_the_contract(openapi: dict[str, Any]) -> None:
    asked: list[tuple[str, str, dict[str, Any]]] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append((request.method.lower(), request.url.path, json.loads(request.content or b"{}")))
        return httpx.Response(500)

    client = HttpProvince("http://127.0.0.1:9", "W3", True, httpx.MockTransport(note))
    item = UploadItem("op", 1, "intake", "p", "{}", "00", 1, datetime.now(UTC), None)
    client.clock()
    client.hsm_step(HsmRequest("350100", "00" * 13, "03", "F" * 32, "00" * 8, "00" * 8, "", ""))
    client.check_card(CardCheckRequest("F" * 32, None, True, "W3"))
    client.profile(ProfileQuery("test", card_id="F" * 32))
    client.upload(UploadBatch("W3", "i", [item]))
    client.operation_status("op")
    client.enrol(Enrolment("窗口 3", "i", 1, "00", "00", "00"))
    client.anchor(Anchor("W3", "i", 1, "00", "00", "t", "00"))
    client.last_sequence("窗口 3")
    client.check_audit(AuditPage("W3", "i", 0, [Link(1, b"", b"")]))
    client.changes(7, 50)
    client.sealing_key()
    client.own_operations("窗口 3", 7)
    client.release_key("窗口 3", "00" * 100, "00" * 64)
    ask_every_family(client)
    client.close()
    line = HttpLine("http://127.0.0.1:9", "W3", True, LineCodes("a", "b", "c", "d"), httpx.MockTransport(note))
    renew(line, SECRETS, "phrase")
    line.close()
    enrol(Asking("http://127.0.0.1:9", "W3", "phrase", transport=httpx.MockTransport(note)), "CODE", Signing.SM2)
    assert len(asked) == 51
    for method, path, body in asked:
        known = next(found for found in openapi["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", found), path))
        declared = openapi["paths"][known][method]
        if body:
            name = declared["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
            schema = openapi["components"]["schemas"][name]
            assert set(body) <= set(schema["properties"])
            assert set(schema.get("required", ())) <= set(body)
    assert len(asked) == sum(len(methods) for methods in openapi["paths"].values())
