"""What is signed, byte by byte, and by whom; vectors for whoever builds the other side."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.line import LineSecrets, Signing
from app.province import line_text
from app.province.line_text import RequestHead
from hardware.crypto import sm2

HEAD = RequestHead("W-01", "0f" * 16, "7", "2026-11-23T02:00:00.000+00:00", "op-1", "30")
BODY = b'{"a":1}'
PAIR, PROVINCE = sm2.make_pair(), sm2.make_pair()
SECRETS = LineSecrets(
    device="W-01",
    key_id="0f" * 16,
    signing=Signing.HMAC_SM3,
    private_key=PAIR.private,
    public_key=PAIR.public,
    shared_key=bytes(range(32)),
    province_key=PROVINCE.public,
    sealing_key=PROVINCE.public,
    renew_at=datetime(2026, 12, 1, tzinfo=UTC),
    expires_at=datetime(2027, 1, 1, tzinfo=UTC),
)


def test_hmac_sm3_is_that_of_the_standard() -> None:
    """HMAC-SM3 of GB/T 15852.2 over the text `abc` under the key 00…1f, by the definition of RFC 2104 over SM3."""
    from app.domain.digest import sm3

    key = SECRETS.shared_key.ljust(64, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in key) + b"abc")
    assert line_text.hmac_sm3(SECRETS.shared_key, b"abc") == sm3(bytes(byte ^ 0x5C for byte in key) + inner).hex()


def test_the_texts_are_as_they_are_written_down() -> None:
    lines = line_text.request_text(HEAD, "POST", "/v1/card-checks?x=1", BODY).decode().split("\n")
    assert lines[:3] == ["yikatong-line-request-1", "POST", "/v1/card-checks?x=1"]
    assert lines[4:] == ["op-1", "W-01", "0f" * 16, "7", "2026-11-23T02:00:00.000+00:00", "30"]
    empty = "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"
    assert line_text.reply_text("ab", 404, b"", "5").decode() == f"yikatong-line-reply-1\nab\n404\n{empty}\n5"


def test_headers_that_say_nothing_are_left_out() -> None:
    assert line_text.OP not in replace(HEAD, op_id="").headers("ab")
    assert HEAD.headers("ab")[line_text.SIGNATURE] == "ab"


@pytest.mark.parametrize("changed", ["device", "key_id", "counter", "time", "op_id", "sealed"])
def test_each_part_of_the_head_is_signed(changed: str) -> None:
    text = line_text.request_text(HEAD, "GET", "/v1/clock", b"")
    assert line_text.request_text(replace(HEAD, **{changed: "other"}), "GET", "/v1/clock", b"") != text


def test_a_reply_is_the_provinces_by_the_shared_key_or_by_its_own() -> None:
    text = line_text.reply_text("ab", 200, BODY, "")
    good = line_text.hmac_sm3(SECRETS.shared_key, text)
    assert line_text.is_province(SECRETS, text, good)
    for wrong in ("", "00", good.upper(), good[:-1], "签"):
        assert not line_text.is_province(SECRETS, text, wrong)
    by_sm2 = replace(SECRETS, signing=Signing.SM2)
    signed = sm2.sign(PROVINCE, text).hex()
    assert line_text.is_province(by_sm2, text, signed)
    assert not line_text.is_province(by_sm2, text, good)
    assert not line_text.is_province(SECRETS, text, signed)
    assert not line_text.is_province(by_sm2, text, "no hex")


def test_a_device_signs_by_what_was_agreed() -> None:
    text = line_text.request_text(HEAD, "POST", "/v1/anchors", BODY)
    assert line_text.sign_request(SECRETS, text) == line_text.hmac_sm3(SECRETS.shared_key, text)
    assert line_text.is_sm2(PAIR.public, text, line_text.sign_request(replace(SECRETS, signing=Signing.SM2), text))
