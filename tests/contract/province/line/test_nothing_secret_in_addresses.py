"""No address of the contract, and none that the client asks for, carries a secret or what identifies a person."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

import app.province
from app.province.http_client import HttpProvince
from app.province.line_sealing import sensitive_fields
from app.province.port import CardCheckRequest, ProfileQuery, UploadBatch
from tests.contract.province.conftest import operation

CONTRACT = json.loads(Path(app.province.__file__).with_name("contract_v1.json").read_text("utf-8"))
ALLOWED = {"device", "op_id", "after", "limit"}
"""What may stand in an address besides keys of the province's own lists."""
OF_LISTS = {("/v1/code-tables/{name}", "name")}
"""Names of the province's own lists."""
SECRET = sensitive_fields() | {"code", "card_id", "id_number", "password", "key", "token", "signature", "ticket"}
NUMBER, CARD, PHONE = "350100198506120013", "F" * 32, "19900000000"


def _parameters() -> list[tuple[str, str]]:
    found = []
    for path, methods in CONTRACT["paths"].items():
        found += [(path, name) for name in re.findall(r"\{(\w+)\}", path)]
        for operation_ in methods.values():
            found += [(path, each["name"]) for each in operation_.get("parameters", []) if each["in"] == "query"]
    return found


@pytest.mark.parametrize(("path", "name"), sorted(set(_parameters())))
def test_no_parameter_of_an_address_is_a_secret_or_a_person(path: str, name: str) -> None:
    if (path, name) in OF_LISTS:
        return
    assert name not in SECRET
    assert name in ALLOWED or not {"number", "name", "phone", "account"} & set(name.split("_")), path


def test_the_contract_has_addresses_with_parameters() -> None:
    assert {("/v1/operations/{op_id}", "op_id"), ("/v1/changes", "after")} <= set(_parameters())


def test_the_client_puts_nothing_personal_into_an_address() -> None:
    asked: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(unquote(str(request.url)) + str(dict(request.headers)))
        return httpx.Response(500)

    client = HttpProvince("http://127.0.0.1:9", "W3", True, httpx.MockTransport(note))
    client.check_card(CardCheckRequest(CARD, "A12345678", True, "W3"))
    client.profile(ProfileQuery("test", citizen_number=NUMBER))
    client.profile(ProfileQuery("test", card_id=CARD))
    client.upload(UploadBatch("W3", "i", [operation("intake", citizen_number=NUMBER, contact_phone=PHONE)]))
    client.release_key("W3", "ab" * 100, "cd" * 64)
    client.close()
    assert len(asked) == 5
    for personal in (NUMBER, CARD, PHONE, "A12345678", "abab", "cdcd"):
        assert not [address for address in asked if personal in address]
