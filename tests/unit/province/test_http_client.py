"""The client against lines that break in every way, without a network."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import httpx
import pytest

from app.domain.refusal import Refusal
from app.province import http_line, line_tls
from app.province.http_client import HttpProvince
from app.province.port import Away, CardCheckRequest, HsmAnswer, HsmRequest, ProfileQuery, UploadBatch, UploadItem

Handler = Callable[[httpx.Request], httpx.Response]
NUMBER = "350100198506120013"
NONSENSE = "PROVINCE-NONSENSE"


@pytest.fixture
def province() -> Iterator[Callable[[Handler], HttpProvince]]:
    made: list[HttpProvince] = []

    def make(handler: Handler) -> HttpProvince:
        client = HttpProvince("http://127.0.0.1:9", "窗口-03", True, httpx.MockTransport(handler))
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


Make = Callable[[Handler], HttpProvince]


def replying(status: int, content: bytes = b"", **headers: str) -> Handler:
    return lambda _request: httpx.Response(status, content=content, headers=headers)


def raising(error: type[httpx.TransportError]) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error("no", request=request)

    return handler


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.ReadTimeout,
        httpx.WriteError,
        httpx.PoolTimeout,
        httpx.RemoteProtocolError,
    ],
)
def test_a_line_that_fails_is_away(province: Make, error: type[httpx.TransportError]) -> None:
    client = province(raising(error))
    assert client.clock() == Refusal("PROVINCE-AWAY")
    assert client.upload(UploadBatch("d", "i", [])) == Away(Refusal("PROVINCE-AWAY"))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_busy_statuses(province: Make, status: int) -> None:
    client = province(replying(status, **{"Retry-After": "7"}))
    assert client.clock() == Refusal.of("PROVINCE-BUSY", retry_after="7")
    assert client.upload(UploadBatch("d", "i", [])) == Away(Refusal.of("PROVINCE-BUSY", retry_after="7"), 7.0)


def told_to_wait(province: Make, header: str) -> float | None:
    answer = province(replying(503, **{"Retry-After": header})).upload(UploadBatch("d", "i", []))
    assert isinstance(answer, Away)
    return answer.retry_after


def test_retry_after_is_seconds_or_a_date(province: Make) -> None:
    assert told_to_wait(province, "99999999") == 3600.0
    now = datetime.now(UTC)
    later = told_to_wait(province, format_datetime(now + timedelta(seconds=60), usegmt=True))
    assert later is not None
    assert 30.0 <= later <= 60.0
    assert told_to_wait(province, format_datetime(now - timedelta(days=1), usegmt=True)) == 0.0


@pytest.mark.parametrize("header", ["soon", "-5", "1.5", ""])
def test_an_unreadable_retry_after_is_none(province: Make, header: str) -> None:
    assert province(replying(503, **{"Retry-After": header})).clock() == Refusal("PROVINCE-BUSY")


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [(401, b"", "HTTP 401"), (403, b'{"code":"NOT-ENROLLED"}', "NOT-ENROLLED"), (404, b"<html>", "HTTP 404")],
)
def test_other_statuses_are_refused(province: Make, status: int, content: bytes, reason: str) -> None:
    refusal = Refusal.of("PROVINCE-REFUSED", status=status, reason=reason)
    client = province(replying(status, content))
    assert client.profile(ProfileQuery("t", card_id="c")) == refusal
    assert client.operation_status("op") == refusal


def test_redirects_are_not_followed(province: Make) -> None:
    client = province(replying(302, Location="http://elsewhere.example/"))
    assert client.clock() == Refusal.of(NONSENSE, field="HTTP 302")


def test_a_reply_too_long_is_nonsense(province: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_line, "_LARGEST_REPLY", 100)
    assert province(replying(200, b" " * 101)).clock() == Refusal.of(NONSENSE, field="length")


def test_a_reply_that_trickles_is_away(province: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(0, 1000, 3))
    monkeypatch.setattr(http_line, "time", SimpleNamespace(monotonic=lambda: next(now)))
    client = province(lambda _request: httpx.Response(200, content=iter([b" ", b" ", b" ", b"{}"])))
    assert client.clock() == Refusal("PROVINCE-AWAY")


def test_a_reply_in_a_broken_encoding_is_nonsense(province: Make) -> None:
    def broken(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=iter([b"no gzip at all"]))

    assert province(broken).clock() == Refusal.of(NONSENSE, field="encoding")


@pytest.mark.parametrize("content", [b"", b"null", b"<html>", b'{"answers": "yes"}', b"\xff"])
def test_garbage_is_nonsense_on_every_call(province: Make, content: bytes) -> None:
    client = province(replying(200, content))
    found = [
        client.clock(),
        client.hsm_step(HsmRequest("350100", "00", "03", "c", "00", "00", "", "")),
        client.check_card(CardCheckRequest("c", None, True, "d")),
        client.profile(ProfileQuery("t", card_id="c")),
        client.operation_status("op"),
    ]
    assert {refusal.code for refusal in found if isinstance(refusal, Refusal)} == {NONSENSE}
    uploaded = client.upload(UploadBatch("d", "i", []))
    assert isinstance(uploaded, Away)
    assert uploaded.refusal.code == NONSENSE


def test_nothing_personal_stands_in_an_address_or_a_header(province: Make) -> None:
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"{}")

    client = province(note)
    client.profile(ProfileQuery("t", citizen_number=NUMBER))
    client.check_card(CardCheckRequest("F" * 32, "A123", True, "d"))
    item = UploadItem("op", 1, "intake", "p", json.dumps({"n": NUMBER}), "0", 1, datetime.now(UTC), None)
    client.upload(UploadBatch("d", "i", [item]))
    for request in seen:
        heads = str(request.url) + str(request.headers)
        assert NUMBER not in heads
        assert "F" * 32 not in heads
        assert "A123" not in heads
    assert NUMBER.encode() in seen[0].content


def test_an_op_id_cannot_leave_its_place_in_the_address(province: Make) -> None:
    seen: list[bytes] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(404, content=b'{"code":"OP-UNKNOWN"}')

    assert province(note).operation_status("../clock?x=1") is None
    assert seen == [b"/v1/operations/..%2Fclock%3Fx%3D1"]


def test_an_hsm_answer_is_read(province: Make) -> None:
    group = "0" * 32
    client = province(replying(200, json.dumps({"internal": group, "external": group}).encode()))
    assert client.hsm_step(HsmRequest("350100", "00", "03", "c", "0", "0", "0", "0")) == HsmAnswer(group, group)


@pytest.mark.parametrize("url", ["http://10.0.0.1", "https://province.example", "http://127.0.0.1.evil.example", "x"])
def test_training_stays_on_this_machine(url: str) -> None:
    with pytest.raises(ValueError, match="this machine"):
        HttpProvince(url, "d", training=True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:1"])
def test_loopback_is_accepted_in_training(url: str) -> None:
    client = HttpProvince(url, "d", training=True)
    assert client.code_maps.social.knows("1")
    client.close()


def test_a_real_province_is_verified() -> None:
    client = HttpProvince("https://province.example", "d", training=False)
    client.close()
    context = line_tls.trust_for("https://province.example", None)
    assert context.check_hostname
    assert context.cert_store_stats()["x509_ca"] > 0
