"""The table of attacks: what is done on the line, which side refuses it, and with which word it is written down."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from app.domain.operation import canonical_json
from app.domain.refusal import Refusal
from app.province import line_text
from app.province.line_sealing import sealed, sensitive_fields
from tests.bench.report import table
from tests.contract.province.line import tls_attacks
from tests.contract.province.line.attack_proxy import Change, Message, exchange
from tests.contract.province.line.attack_scene import CHECKS, COUNTER, NEIGHBOUR, Scene

Side = Literal["province", "counter"]


@dataclass(frozen=True)
class Kind:
    """One attack. At the province `code` is an alarm's; at the counter a false reply's field, or a refusal's code."""

    name: str
    side: Side
    code: str
    done: Callable[[Scene], object]


def _request(name: str, code: str, change: Change) -> Kind:
    def done(scene: Scene) -> object:
        scene.proxy.on_request = change
        return scene.check()

    return Kind(name, "province", code, done)


def _reply(name: str, field: str, change: Change, hurried: bool = False) -> Kind:
    def done(scene: Scene) -> object:
        scene.hurried(hurried)
        scene.proxy.on_reply = change
        return scene.check()

    return Kind(name, "counter", field, done)


def _forged(name: str, code: str, forge: Callable[[Scene], tuple[int, Mapping[str, object]]]) -> Kind:
    def done(scene: Scene) -> object:
        status, told = forge(scene)
        assert 400 <= status < 500, status
        return Refusal(str(told["code"]))

    return Kind(name, "province", code, done)


def _start(method: str = "POST", target: str = CHECKS) -> Change:
    return lambda message: [replace(message, start=f"{method} {target} HTTP/1.1").raw()]


def _header(name: str, value: str) -> Change:
    return lambda message: [message.with_header(name, value).raw()]


def _also(name: str, value: str) -> Change:
    return lambda message: [message.also(name, value).raw()]


def _without(*names: str) -> Change:
    return lambda message: [message.without(*names).raw()]


def _body(change: Callable[[bytes], bytes]) -> Change:
    return lambda message: [message.with_body(change(message.body)).raw()]


def _status(status: str) -> Change:
    return lambda message: [replace(message, start=f"HTTP/1.1 {status}").raw()]


def _flipped(body: bytes) -> bytes:
    return body[:-3] + bytes([body[-3] ^ 1]) + body[-2:]


def _twice(message: Message) -> list[bytes]:
    return [message.with_header("Connection", "keep-alive").raw(), message.raw()]


def _replayed_later(scene: Scene) -> object:
    scene.check()
    old = scene.proxy.requests[-1].with_header("Connection", "close")
    scene.check()
    reply = exchange(scene.upstream(), [old.raw()])
    assert reply is not None
    return Refusal(json.loads(reply.body)["code"])


def _signed_before(message: Message, scene: Scene) -> Message:
    return message.with_header(line_text.SIGNATURE, scene.proxy.requests[-2].of(line_text.SIGNATURE))


def _old_signature(scene: Scene) -> object:
    scene.check()
    scene.proxy.on_request = lambda message: [_signed_before(message, scene).raw()]
    return scene.check()


def _others_key(scene: Scene) -> object:
    scene.proxy.on_request = _header(line_text.KEY, scene.other.secrets.key_id)
    return scene.check()


def _clock_off(by: timedelta) -> Callable[[Scene], object]:
    def done(scene: Scene) -> object:
        scene.clock.off = by
        return scene.check()

    return done


def _query_changed(scene: Scene) -> object:
    def changed(message: Message) -> list[bytes]:
        return [replace(message, start=message.start.replace("after=0", "after=9")).raw()]

    scene.proxy.on_request = changed
    return scene.client.changes(0, 5)


def _smuggled(message: Message) -> list[bytes]:
    inner = Message("GET /v1/changes?after=0&limit=5 HTTP/1.1", (), b"").also("Host", message.of("Host"))
    inner = inner.also("X-Device", message.of("X-Device")).also("Connection", "close")
    return [message.with_header("Connection", "keep-alive").raw() + inner.raw()]


def _chunked(message: Message) -> list[bytes]:
    body = f"{len(message.body):x}\r\n".encode() + message.body + b"\r\n0\r\n\r\n"
    return [replace(message.also("Transfer-Encoding", "chunked"), body=body).raw()]


def _long_body(message: Message) -> list[bytes]:
    return [message.with_body(b" " * (2 * 1024 * 1024)).raw()]


def _cut(message: Message) -> list[bytes | float | None]:
    return [message.raw()[:-20], 0.1, None]


def _drip(message: Message) -> list[bytes | float | None]:
    raw = message.raw()
    half = len(raw) - 12
    return [raw[:half], *(piece for n in range(12) for piece in (raw[half + n : half + n + 1], 0.4))]


def _bomb(_body_before: bytes) -> bytes:
    return gzip.compress(b"0" * 8_000_000)


def _unsealed(scene: Scene) -> tuple[int, Mapping[str, object]]:
    body = {"purpose": "test", "citizen_number": "350100198506120013"}
    return scene.forged("POST", "/v1/holders/profile", canonical_json(body).encode(), sealed=_wrapped(scene)[1])


def _moved_seal(scene: Scene) -> tuple[int, Mapping[str, object]]:
    key, wrapped = _wrapped(scene)
    found = sealed({"name": "350100198506120013"}, sensitive_fields(), key)
    body = {"purpose": "test", "citizen_number": found["name"]}
    return scene.forged("POST", "/v1/holders/profile", canonical_json(body).encode(), sealed=wrapped)


def _wrapped(scene: Scene) -> tuple[bytes, str]:
    return scene.guard._sealing_key(scene.own.secrets)  # type: ignore[no-any-return]


def _json(body: bytes) -> Callable[[Scene], tuple[int, Mapping[str, object]]]:
    return lambda scene: scene.forged("POST", CHECKS, body)


def _counter(of: Callable[[Scene], str]) -> Callable[[Scene], tuple[int, Mapping[str, object]]]:
    return lambda scene: scene.forged("GET", "/v1/changes?after=0", b"", counter=of(scene))


def _far_behind(scene: Scene) -> str:
    scene.counter.go_above(scene.counter.next() + 5000)
    scene.check()
    return "7"


def _used(scene: Scene) -> str:
    scene.check()
    return scene.proxy.requests[-1].of(line_text.COUNTER)


def _earlier_reply(scene: Scene) -> object:
    scene.check()
    kept = scene.proxy.replies[-1]
    scene.proxy.on_reply = lambda _message: [kept.with_header("Connection", "close").raw()]
    return scene.check()


def _reply_of_another(scene: Scene) -> object:
    scene.client.changes(0, 5)
    kept = scene.proxy.replies[-1]
    scene.proxy.on_reply = lambda _message: [kept.with_header("Connection", "close").raw()]
    return scene.check()


def _signed_by_another(scene: Scene) -> object:
    def changed(message: Message) -> list[bytes]:
        request = scene.proxy.requests[-1]
        text = line_text.reply_text(request.of(line_text.SIGNATURE), 200, message.body, "")
        signature = line_text.hmac_sm3(scene.other.secrets.shared_key, text)
        return [message.with_header(line_text.SIGNATURE, signature).raw()]

    scene.proxy.on_reply = changed
    return scene.check()


_SIGNATURE = "LINE-SIGNATURE"
_MINUTES = timedelta(minutes=10)
_OTHER_CARD = canonical_json(
    {"card_id": "F" * 32, "card_number": None, "authenticated": True, "device": COUNTER}
).encode()

KINDS: tuple[Kind, ...] = (
    _request("a byte of the body changed", _SIGNATURE, _body(_flipped)),
    _request("another body", _SIGNATURE, _body(lambda _body: _OTHER_CARD)),
    _request("no body", _SIGNATURE, _body(lambda _body: b"")),
    _request("a body of nonsense", _SIGNATURE, _body(lambda _body: b"\x00\xff{{{")),
    _request("another method", _SIGNATURE, _start(method="PUT")),
    _request("another path", _SIGNATURE, _start(target="/v1/holders/profile")),
    _request("a path that goes up and down again", _SIGNATURE, _start(target="/v1/clock/../card-checks")),
    _request("a query added", _SIGNATURE, _start(target=f"{CHECKS}?x=1")),
    Kind("a query changed", "province", _SIGNATURE, _query_changed),
    _request("another device named", _SIGNATURE, _header(line_text.DEVICE, "W-99")),
    _request("no device named", _SIGNATURE, _without(line_text.DEVICE)),
    _request("a later time", _SIGNATURE, _header(line_text.TIME, datetime(2099, 1, 1, tzinfo=UTC).isoformat())),
    _request("a higher counter", _SIGNATURE, _header(line_text.COUNTER, "999999999")),
    _request("an op_id added", _SIGNATURE, _header(line_text.OP, "0193a1c2-7b00-7000-8000-000000000001")),
    _request("another sealing key", _SIGNATURE, _header(line_text.SEALED, "30" * 60)),
    Kind("another device's key named", "province", _SIGNATURE, _others_key),
    _request("a key that nobody has", "LINE-DEVICE-UNKNOWN", _header(line_text.KEY, "00" * 16)),
    _request("signature stripped", "LINE-UNSIGNED", _without(line_text.SIGNATURE)),
    _request("all of the line stripped", "LINE-UNSIGNED", _without(*line_text.HEADERS[1:])),
    _request("all of the line and the device stripped", "LINE-UNSIGNED", _without(*line_text.HEADERS)),
    _request("a signature of zeros", _SIGNATURE, _header(line_text.SIGNATURE, "00" * 32)),
    _request("a signature that is no hex", _SIGNATURE, _header(line_text.SIGNATURE, "签名".encode().decode("latin-1"))),
    Kind("the signature of the request before", "province", _SIGNATURE, _old_signature),
    _request("replayed at once", "LINE-REPLAYED", _twice),
    Kind("replayed later", "province", "LINE-REPLAYED", _replayed_later),
    Kind("a clock ten minutes behind", "province", "LINE-CLOCK-OFF", _clock_off(-_MINUTES)),
    Kind("a clock ten minutes ahead", "province", "LINE-CLOCK-OFF", _clock_off(_MINUTES)),
    _forged(
        "signed with a time that is none", "LINE-CLOCK-OFF", lambda s: s.forged("GET", "/v1/changes", b"", time="x")
    ),
    _forged("signed with a counter far behind", "LINE-COUNTER", _counter(_far_behind)),
    _forged("signed with a counter that was used", "LINE-REPLAYED", _counter(_used)),
    _forged("signed with a counter that is none", "LINE-HEADERS", _counter(lambda _scene: "-1")),
    _forged("a sensitive field in clear", "LINE-NOT-SEALED", _unsealed),
    _forged("a sealed field under another name", "LINE-NOT-SEALED", _moved_seal),
    _forged(
        "another device in the body",
        "LINE-DEVICE-OTHER",
        _json(canonical_json({"card_id": "F" * 32, "device": NEIGHBOUR}).encode()),
    ),
    _forged(
        "another device in the path",
        "LINE-DEVICE-OTHER",
        lambda scene: scene.forged("GET", "/v1/devices/W-99/sequence", b""),
    ),
    _forged("JSON of nothing but brackets", "LINE-JSON", _json(b"[" * 100_000)),
    _forged("JSON that is none", "LINE-JSON", _json(b'{"card_id": ')),
    _forged("JSON in GBK", "LINE-JSON", _json('{"card_id": "卡"}'.encode("gbk"))),
    _request("another content type", "LINE-CONTENT-TYPE", _header("Content-Type", "text/plain")),
    _request("another charset", "LINE-CONTENT-TYPE", _header("Content-Type", "application/json; charset=gbk")),
    _request("content type twice", "LINE-HEADERS", _also("Content-Type", "application/json")),
    _request("signature twice", "LINE-HEADERS", _also(line_text.SIGNATURE, "00" * 32)),
    _request("device twice", "LINE-HEADERS", _also(line_text.DEVICE, "W-99")),
    _request("another host", "LINE-HEADERS", _header("Host", "evil.example")),
    _request("two lengths", "LINE-NO-HTTP", _also("Content-Length", "7")),
    _request("a length that is none", "LINE-NO-HTTP", _header("Content-Length", "-1")),
    _request("a shorter length", _SIGNATURE, _header("Content-Length", "9")),
    _request("chunks beside a length", "LINE-FRAMING", _chunked),
    _request("an encoding of transfer that nobody knows", "LINE-NO-HTTP", _header("Transfer-Encoding", "xchunked")),
    _request("a request smuggled behind another", "LINE-UNSIGNED", _smuggled),
    _request("an upgrade of the protocol", "LINE-FRAMING", _header("Upgrade", "h2c")),
    _request("a body said to be packed", "LINE-FRAMING", _header("Content-Encoding", "gzip")),
    _request(
        "a gzip bomb",
        "LINE-FRAMING",
        lambda message: [message.with_body(_bomb(b"")).with_header("Content-Encoding", "gzip").raw()],
    ),
    _request("a body of two megabytes", "LINE-TOO-LARGE", _long_body),
    _request("a header of 100 kilobytes", "LINE-HEADERS", _header("X-Long", "x" * 100_000)),
    _request("a zero byte in a header", "LINE-NO-HTTP", _header("X-Zero", "a\0b")),
    _request("no HTTP at all", "LINE-NO-HTTP", lambda _message: [b"\x16\x03\x01 nonsense\r\n\r\n"]),
    _request("a body that trickles", "LINE-SLOW", _drip),
    _request("a body that breaks off", "LINE-TRUNCATED", _cut),
    _reply("reply: a byte of the body changed", "signature", _body(_flipped)),
    _reply("reply: another body", "signature", _body(lambda _body: b'{"usable": true}')),
    _reply("reply: nonsense", "signature", _body(lambda _body: b"<html>")),
    _reply("reply: nothing but brackets", "signature", _body(lambda _body: b"[" * 100_000)),
    _reply("reply: in GBK", "signature", _body(lambda body: body + "卡".encode("gbk"))),
    _reply("reply: empty", "signature", _body(lambda _body: b"")),
    _reply("reply: signature stripped", "signature", _without(line_text.SIGNATURE)),
    _reply("reply: a signature of zeros", "signature", _header(line_text.SIGNATURE, "00" * 32)),
    _reply("reply: two signatures", "signature", _also(line_text.SIGNATURE, "00" * 32)),
    Kind("reply: signed by another device", "counter", "signature", _signed_by_another),
    Kind("reply: the one before", "counter", "signature", _earlier_reply),
    Kind("reply: of another request", "counter", "signature", _reply_of_another),
    _reply("reply: refused instead of answered", "signature", _status("404 Not Found")),
    _reply("reply: created instead of answered", "signature", _status("201 Created")),
    _reply("reply: busy instead of answered", "signature", _status("503 Service Unavailable")),
    _reply("reply: told to wait", "signature", _header("Retry-After", "3600")),
    _reply(
        "reply: redirected",
        "signature",
        lambda message: [
            replace(message, start="HTTP/1.1 302 Found").with_header("Location", "http://evil.example/").raw()
        ],
    ),
    _reply("reply: a cookie", "cookie", _header("Set-Cookie", "a=b")),
    _reply("reply: said to be packed", "encoding", _header("Content-Encoding", "gzip")),
    _reply(
        "reply: a gzip bomb",
        "encoding",
        lambda message: [message.with_body(_bomb(b"")).with_header("Content-Encoding", "gzip").raw()],
    ),
    _reply("reply: five megabytes", "length", _body(lambda _body: b" " * 5_000_000)),
    _reply(
        "reply: trickles",
        "slow",
        lambda message: [piece for byte in message.raw() for piece in (bytes([byte]), 0.01)],
        hurried=True,
    ),
    _reply("reply: breaks off", "framing", lambda message: [message.raw()[:-4], None]),
    _reply("reply: a shorter length", "signature", _header("Content-Length", "9")),
    _reply("reply: a longer length", "framing", _header("Content-Length", "9999")),
    _reply("reply: two lengths", "framing", _also("Content-Length", "7")),
    _reply("reply: no HTTP", "framing", lambda _message: [b"nonsense\r\n\r\n"]),
    _reply(
        "reply: chunks that are none",
        "framing",
        lambda message: [message.without("Content-Length").also("Transfer-Encoding", "chunked").raw()],
    ),
    *(Kind(found.name, found.side, found.code, found.done) for found in tls_attacks.KINDS),
)


def markdown() -> str:
    """Return the table as it stands in `resources/line/attacks.md`."""
    return table(
        ("attack", "refused by", "written down as"),
        [(kind.name, kind.side, _written(kind)) for kind in KINDS],
    )


def _written(kind: Kind) -> str:
    if kind.side == "province" or kind.code.startswith("LINE-"):
        return kind.code
    return f"LINE-REPLY-FALSE ({kind.code})"
