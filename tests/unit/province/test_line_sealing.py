"""Sensitive fields: sealed at any depth, opened by whoever has the key, moved or changed by nobody."""

from __future__ import annotations

import base64

import pytest

from app.catalogue.tables import read_table
from app.domain.digest import payload_sm3
from app.province.call_kinds import CallKind
from app.province.call_kinds import load as load_calls
from app.province.line_sealing import PREFIX, NotSealed, sealed, sensitive_fields, unsealed

KEY = bytes(range(16))
FIELDS = frozenset({"name", "payload", "phone"})
PAYLOAD = '{"contact_phone":"19900000000","note":"补办"}'
BODY: dict[str, object] = {
    "purpose": "identify",
    "name": "张三",
    "phone": "",
    "items": [{"payload": PAYLOAD, "payload_sm3": payload_sm3(PAYLOAD), "n": 1}, {"payload": None}],
    "agent": {"name": "李四", "deep": [[{"phone": "19900000000"}]]},
}


def test_what_is_sealed_is_nowhere_to_be_read_and_comes_back_whole() -> None:
    found = sealed(BODY, FIELDS, KEY)
    assert unsealed(found, FIELDS, KEY) == BODY
    text = str(found)
    for personal in ("张三", "李四", "19900000000", "补办"):
        assert personal not in text
    assert found["purpose"] == "identify"
    assert found["phone"] == ""


def test_the_digest_of_an_operation_is_over_what_is_sealed() -> None:
    found = unsealed(sealed(BODY, FIELDS, KEY), FIELDS, KEY)
    (item, _none) = found["items"]  # type: ignore[misc]
    assert payload_sm3(item["payload"]) == item["payload_sm3"]  # type: ignore[index]


def test_the_same_text_is_never_sealed_alike() -> None:
    assert sealed(BODY, FIELDS, KEY)["name"] != sealed(BODY, FIELDS, KEY)["name"]


def _bare(text: object) -> bytes:
    return base64.b64decode(str(text).removeprefix(PREFIX))


@pytest.mark.parametrize(
    "value",
    [
        "张三",
        PREFIX,
        PREFIX + "!!",
        PREFIX + base64.b64encode(b"short").decode(),
        PREFIX + base64.b64encode(bytes(60)).decode(),
        "sm4:签",
    ],
)
def test_what_is_clear_or_broken_is_refused_by_its_field(value: str) -> None:
    with pytest.raises(NotSealed) as refused:
        unsealed({"agent": {"name": value}}, FIELDS, KEY)
    assert refused.value.field == "name"
    assert value not in str(refused.value)


def test_a_seal_is_of_its_field_and_of_every_byte() -> None:
    found = sealed({"name": "张三"}, FIELDS, KEY)
    with pytest.raises(NotSealed):
        unsealed({"phone": found["name"]}, FIELDS, KEY)
    raw = _bare(found["name"])
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(NotSealed):
            unsealed({"name": PREFIX + base64.b64encode(changed).decode()}, FIELDS, KEY)
    with pytest.raises(NotSealed):
        unsealed(found, FIELDS, bytes(16))


def test_the_table_names_what_identifies_a_person() -> None:
    assert {"name", "citizen_number", "phone", "contact_phone", "account", "payload"} <= sensitive_fields()
    names = read_table("catalogue", "line_fields.toml")["sealed"]
    assert names == sorted(names)  # type: ignore[type-var, arg-type]


def test_each_kind_of_call_has_its_time_outs() -> None:
    found = load_calls()
    assert set(found) == set(CallKind)
    assert found[CallKind.CLOCK].read_s < found[CallKind.BATCH].read_s
