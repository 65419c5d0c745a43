"""The guard without a network: what goes out is signed; what comes back is believed only from the province."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.domain.clock import SystemClock
from app.domain.line import LineSecrets
from app.domain.refusal import Refusal
from app.province import line_text
from app.province.http_client import HttpProvince
from app.province.line_guard import LineGuard
from app.province.port import Away, CardCheckRequest, ProfileQuery, UploadBatch
from tests.unit.province.test_line_text import PROVINCE, SECRETS

NUMBER = "350100198506120013"
LIVE = replace(SECRETS, expires_at=datetime.now(UTC) + timedelta(days=9))
Answer = Callable[[httpx.Request], httpx.Response]


class Keys:
    """Keys that may be missing."""

    def __init__(self, found: LineSecrets | Refusal | None) -> None:
        self.found = found
        self.forgotten = 0

    def secrets(self) -> LineSecrets | Refusal | None:
        return self.found

    def forget(self) -> None:
        self.forgotten += 1


class Numbers:
    """A counter that may fail."""

    def __init__(self) -> None:
        self.last = 0
        self.fails = False

    def next(self) -> int:
        if self.fails:
            raise OSError("disk")
        self.last += 1
        return self.last

    def go_above(self, number: int) -> None:
        self.last = max(self.last, number)


def signed(request: httpx.Request, status: int, body: object, retry_after: str = "") -> httpx.Response:
    """Answer as the province does."""
    content = json.dumps(body).encode()
    text = line_text.reply_text(request.headers[line_text.SIGNATURE], status, content, retry_after)
    headers = {line_text.SIGNATURE: line_text.hmac_sm3(LIVE.shared_key, text)}
    if retry_after:
        headers["Retry-After"] = retry_after
    return httpx.Response(status, content=content, headers=headers)


class Line:
    """A client with its guard, and what went over it."""

    def __init__(self, answer: Answer, found: LineSecrets | Refusal | None = LIVE) -> None:
        self.seen: list[httpx.Request] = []
        self.told: list[Refusal] = []
        self.keys, self.numbers = Keys(found), Numbers()
        self.guard = LineGuard(self.keys, self.numbers, SystemClock(), self.told.append)

        def note(request: httpx.Request) -> httpx.Response:
            self.seen.append(request)
            return answer(request)

        transport = httpx.MockTransport(note)
        self.client = HttpProvince("http://127.0.0.1:9", "W-01", True, transport, guard=self.guard)


NOW = {"now": "2026-11-23T02:00:00+00:00"}


def test_every_request_is_signed_over_what_is_sent() -> None:
    line = Line(lambda request: signed(request, 200, {}))
    line.client.check_card(CardCheckRequest("F" * 32, None, True, "W-01"))
    line.client.changes(7, 50)
    line.client.operation_status("op-1")
    for number, request in enumerate(line.seen, 1):
        heads = request.headers
        head = line_text.RequestHead(
            heads["X-Device"],
            LIVE.key_id,
            str(number),
            heads[line_text.TIME],
            heads.get(line_text.OP, ""),
            heads.get(line_text.SEALED, ""),
        )
        text = line_text.request_text(head, request.method, request.url.raw_path.decode(), request.content)
        assert heads[line_text.SIGNATURE] == line_text.hmac_sm3(LIVE.shared_key, text)
    assert [request.headers.get(line_text.OP) for request in line.seen] == [None, None, "op-1"]


def test_what_is_personal_leaves_sealed_under_a_key_that_serves_many_requests() -> None:
    line = Line(lambda request: signed(request, 200, {}))
    for _ in range(3):
        line.client.profile(ProfileQuery("t", citizen_number=NUMBER))
    assert all(NUMBER.encode() not in request.content for request in line.seen)
    assert len({request.headers[line_text.SEALED] for request in line.seen}) == 1
    assert len({request.content for request in line.seen}) == 3
    from hardware.crypto import sm2

    assert sm2.decrypt(PROVINCE, bytes.fromhex(line.seen[0].headers[line_text.SEALED])) is not None


def test_a_signed_reply_is_taken_whatever_it_says() -> None:
    assert Line(lambda request: signed(request, 200, NOW)).client.clock() == datetime(2026, 11, 23, 2, tzinfo=UTC)
    busy = Line(lambda request: signed(request, 503, {}, "7")).client.clock()
    assert busy == Refusal.of("PROVINCE-BUSY", retry_after="7")
    unknown = Line(lambda request: signed(request, 404, {"code": "OP-UNKNOWN"})).client
    assert unknown.operation_status("op") is None


def test_a_false_reply_is_no_reply_is_told_of_and_the_next_call_goes_through() -> None:
    false = True

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=NOW) if false else signed(request, 200, NOW)

    line = Line(answer)
    expected = Refusal.of("LINE-REPLY-FALSE", field="signature")
    assert line.client.clock() == expected
    assert line.client.upload(UploadBatch("W-01", "i", [])) == Away(expected)
    assert line.told == [expected, expected]
    false = False
    assert isinstance(line.client.clock(), datetime)


def test_an_unsigned_trouble_of_a_gateway_is_busy_without_its_retry_after() -> None:
    line = Line(lambda _request: httpx.Response(502, headers={"Retry-After": "3600"}))
    assert line.client.clock() == Refusal("PROVINCE-BUSY")
    assert line.told == []


def test_a_counter_that_the_province_has_passed_is_left_behind_once() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if int(request.headers[line_text.COUNTER]) <= 70:
            return signed(request, 409, {"code": "LINE-COUNTER", "message": "70"})
        return signed(request, 200, NOW)

    line = Line(answer)
    assert isinstance(line.client.clock(), datetime)
    assert [request.headers[line_text.COUNTER] for request in line.seen] == ["1", "71"]
    stubborn = Line(lambda request: signed(request, 409, {"code": "LINE-COUNTER", "message": "9"}))
    assert stubborn.client.clock() == Refusal("LINE-COUNTER")
    assert len(stubborn.seen) == 2


@pytest.mark.parametrize("message", ["", "x", "-1", "9" * 30, "٣"])
def test_a_counter_that_is_none_is_not_followed(message: str) -> None:
    line = Line(lambda request: signed(request, 409, {"code": "LINE-COUNTER", "message": message}))
    assert line.client.clock() == Refusal("LINE-COUNTER")
    assert len(line.seen) == 1


def test_a_device_that_the_province_does_not_know_is_told_so_without_a_signature() -> None:
    line = Line(lambda _request: httpx.Response(401, json={"code": "LINE-DEVICE-UNKNOWN"}))
    assert line.client.clock() == Refusal("LINE-DEVICE-UNKNOWN")
    assert line.keys.forgotten == 1
    assert line.told == []


@pytest.mark.parametrize("code", ["LINE-CLOCK-OFF", "LINE-SIGNATURE", "LINE-REPLAYED", "LINE-CERTIFICATE-OTHER"])
def test_a_refusal_of_the_line_keeps_its_code(code: str) -> None:
    line = Line(lambda request: signed(request, 403, {"code": code, "message": ""}))
    assert line.client.clock() == Refusal(code)


def test_nothing_is_sent_without_keys_with_an_old_certificate_or_without_a_number() -> None:
    line = Line(lambda request: signed(request, 200, NOW), Refusal("LINE-NOT-ENROLLED"))
    assert line.client.clock() == Refusal("LINE-NOT-ENROLLED")
    line.keys.found = replace(LIVE, expires_at=datetime(2026, 1, 2, tzinfo=UTC))
    assert line.client.clock() == Refusal.of("LINE-CERTIFICATE-EXPIRED", day="2026-01-02")
    line.keys.found = LIVE
    line.numbers.fails = True
    assert line.client.clock() == Refusal("LINE-COUNTER-UNKEPT")
    assert line.seen == []


def test_where_the_province_has_no_such_line_nothing_is_signed_and_anything_taken() -> None:
    line = Line(lambda _request: httpx.Response(200, json=NOW), None)
    assert isinstance(line.client.clock(), datetime)
    assert not [name for name in line.seen[0].headers if name.startswith("x-line")]


def test_a_cookie_is_refused_and_never_sent_back() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        reply = signed(request, 200, NOW)
        if len(line.seen) == 1:
            reply.headers["Set-Cookie"] = "a=b"
        return reply

    line = Line(answer)
    assert line.client.clock() == Refusal.of("LINE-REPLY-FALSE", field="cookie")
    assert isinstance(line.client.clock(), datetime)
    assert "cookie" not in line.seen[1].headers


def test_requests_are_dated_by_the_provinces_clock_once_it_was_told() -> None:
    told = datetime.now(UTC) - timedelta(days=3650)
    line = Line(lambda request: signed(request, 200, {"now": told.isoformat()}))
    line.client.clock()
    line.client.changes(0, 1)
    first, second = (datetime.fromisoformat(request.headers[line_text.TIME]) for request in line.seen)
    assert first - told > timedelta(days=3649)
    assert abs(second - told) < timedelta(seconds=30)
