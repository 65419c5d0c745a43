"""Attacks on TLS itself and on enrolment, for the table of attacks."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import create_engine, select

from app.domain.line import Signing
from app.province import line_enrolment, line_tls
from app.province.http_client import HttpProvince
from app.province.line_enrolment import Asking
from app.province.line_guard import LineGuard
from app.services.late_guard import false_reply_noter
from app.training.line_authority import Authority, make_authority, pem, read_authority
from app.training.line_schema import LINE_AUTHORITY
from app.training.store import FILE_NAME
from tests.contract.province.line.attack_proxy import exchange
from tests.contract.province.line.attack_scene import COUNTER, NEIGHBOUR, PHRASE, Scene

_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class TlsKind:
    """As `attack_kinds.Kind`."""

    name: str
    side: Literal["province", "counter"]
    code: str
    done: Callable[[Scene], object]


def _shown(scene: Scene, authority: Authority, life: timedelta) -> object:
    request, key = line_enrolment._make_request(COUNTER, PHRASE)
    certificate = authority.device(request, COUNTER, datetime.now(UTC), life)
    assert certificate is not None
    file = scene.folder / "shown.pem"
    file.write_text(pem(certificate) + key)
    return scene.checked_over(scene.secure(file))


def _own_authority(scene: Scene) -> Authority:
    file = next(scene.province.authority.parent.glob(FILE_NAME))
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        row = connection.execute(select(LINE_AUTHORITY)).one()
    engine.dispose()
    return read_authority(row.certificate, row.key)


def _others(scene: Scene) -> object:
    file = scene.folder / "other.pem"
    file.write_text(scene.other.certificate)
    return scene.checked_over(scene.secure(file))


def _old_client(scene: Scene) -> object:
    return scene.checked_over(scene.secure(None, ssl.TLSVersion.TLSv1_1))


def _plain(scene: Scene) -> object:
    parts = urlsplit(scene.province.secure_url)
    return exchange((parts.hostname or "", parts.port or 0), [b"GET /v1/clock HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"])


def _enrol(scene: Scene, device: str, code: str) -> object:
    asking = Asking(scene.province.secure_url, device, PHRASE, line_tls.trust(scene.province.authority))
    return line_enrolment.enrol(asking, code, Signing.HMAC_SM3)


def _code(scene: Scene) -> str:
    found = line_enrolment.training_code(Asking(scene.province.url, NEIGHBOUR, PHRASE))
    assert isinstance(found, str)
    return found


def _code_twice(scene: Scene) -> object:
    code = _code(scene)
    _enrol(scene, NEIGHBOUR, code)
    return _enrol(scene, NEIGHBOUR, code)


def _request_of_others(scene: Scene) -> object:
    body = {
        "device": NEIGHBOUR,
        "code": _code(scene),
        "request": line_enrolment._make_request(NEIGHBOUR, PHRASE)[0],
        "public_key": scene.own.secrets.public_key.hex(),
        "line_signing": "sm2",
        "signature": "00" * 70,
    }
    return scene.desk.post("/v1/line/certificates", body).json()["code"]


def _impostor(highest: ssl.TLSVersion | None) -> Callable[[Scene], object]:
    """Answer in the province's place with a certificate of an own authority, or with an older protocol."""

    def done(scene: Scene) -> object:
        made = make_authority(datetime.now(UTC)) if highest is None else _own_authority(scene)
        file = scene.folder / "impostor.pem"
        file.write_text(made.server(datetime.now(UTC)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if highest is not None:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, highest
        context.load_cert_chain(file)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            answering = threading.Thread(target=_handshake, args=(listening, context))
            answering.start()
            trust = line_tls.trust(scene.province.authority)
            guard = LineGuard(
                scene.keys, scene.counter, scene.clock, false_reply_noter(scene.journal, scene.bus), trust
            )
            url = f"https://127.0.0.1:{listening.getsockname()[1]}"
            found = scene.checked_over(HttpProvince(url, COUNTER, training=True, guard=guard))
            answering.join()
        return found

    return done


def _handshake(listening: socket.socket, context: ssl.SSLContext) -> None:
    line, _address = listening.accept()
    with line:
        line.settimeout(5)
        try:
            context.wrap_socket(line, server_side=True).close()
        except (ssl.SSLError, OSError):
            return


KINDS: tuple[TlsKind, ...] = (
    TlsKind("TLS: no certificate", "province", "LINE-CERTIFICATE-MISSING", lambda s: s.checked_over(s.secure(None))),
    TlsKind(
        "TLS: a certificate of an own authority",
        "province",
        "LINE-CERTIFICATE-UNKNOWN",
        lambda s: _shown(s, make_authority(datetime.now(UTC)), _YEAR),
    ),
    TlsKind(
        "TLS: an expired certificate",
        "province",
        "LINE-CERTIFICATE-EXPIRED",
        lambda s: _shown(s, _own_authority(s), -timedelta(days=2)),
    ),
    TlsKind(
        "TLS: a certificate that was never issued",
        "province",
        "LINE-CERTIFICATE-UNKNOWN",
        lambda s: _shown(s, _own_authority(s), _YEAR),
    ),
    TlsKind("TLS: another device's certificate", "province", "LINE-CERTIFICATE-OTHER", _others),
    TlsKind("TLS: 1.1", "province", "LINE-TLS-REFUSED", _old_client),
    TlsKind("TLS: none at all", "province", "LINE-TLS-REFUSED", _plain),
    TlsKind("TLS: an impostor of an own authority", "counter", "LINE-PROVINCE-UNKNOWN", _impostor(None)),
    TlsKind("TLS: an impostor with 1.1", "counter", "LINE-TLS-REFUSED", _impostor(ssl.TLSVersion.TLSv1_1)),
    TlsKind("enrolment: a code twice", "province", "LINE-CODE-WRONG", _code_twice),
    TlsKind(
        "enrolment: a code of another device", "province", "LINE-CODE-WRONG", lambda s: _enrol(s, "W-99", _code(s))
    ),
    TlsKind("enrolment: another's key", "province", "LINE-REQUEST-WRONG", _request_of_others),
)
