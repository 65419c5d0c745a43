"""A device asks the province for its certificate and line keys with a one-time code, later for the next certificate.

The private keys are made here and leave the machine never. TLS has its own pair (ECDSA over P-256); requests are signed
with an SM2 pair, or with the HMAC-SM3 key that the province sends sealed for it (reliability.md 3.4, enrolment).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from urllib.parse import quote

import httpx

from app.domain.line import LineSecrets, Signing
from app.domain.refusal import Refusal
from app.province import call_kinds, line_tls, wire
from app.province.call_kinds import CallKind
from app.province.http_line import HttpLine, NoReply
from app.province.json_fields import Fields
from app.province.line_text import DEVICE
from hardware.crypto import sm2

CODES = "/training/enrolment-codes"
_CERTIFICATES, _RENEWALS = "/v1/line/certificates", "/v1/line/renewals"
_ABSENT = 404


@dataclass(frozen=True)
class Issued:
    """Keys, and the certificate with its chain and encrypted private key as PEM."""

    secrets: LineSecrets
    certificate: str


@dataclass(frozen=True)
class Asking:
    """Who asks where; `trust` is who may answer over TLS, `phrase` encrypts the private key."""

    url: str
    device: str
    phrase: str
    trust: ssl.SSLContext | None = None
    transport: httpx.BaseTransport | None = None


def enrol(asking: Asking, code: str, signing: Signing) -> Issued | Refusal:
    """Have a device enrolled.

    Refusals: LINE-CODE-WRONG, LINE-REQUEST-WRONG, LINE-PROVINCE-UNKNOWN, PROVINCE-AWAY, PROVINCE-REFUSED,
    PROVINCE-NONSENSE.
    """
    request, key = _make_request(asking.device, asking.phrase)
    pair = sm2.make_pair()
    said = "\n".join((asking.device, code, request)).encode()
    body = {
        "device": asking.device,
        "code": code,
        "request": request,
        "public_key": pair.public.hex(),
        "line_signing": signing.value,
        "signature": sm2.sign(pair, said).hex(),
    }
    answer = _post(asking, _CERTIFICATES, body)
    return answer if isinstance(answer, Refusal) else _issued(answer, asking.device, pair, signing, key)


def training_code(asking: Asking) -> str | Refusal | None:
    """Ask a training province for a code; None where it issues none, because it has no such line."""
    answer = _post(asking, CODES, {"device": asking.device})
    if isinstance(answer, Refusal):
        return None if dict(answer.facts).get("status") == str(_ABSENT) else answer
    return wire.parsed(answer, lambda fields: fields.filled_text("code"))


def renew(line: HttpLine, secrets: LineSecrets, phrase: str) -> Issued | Refusal:
    """Ask for the next certificate over the line as it is; the keys stay."""
    request, key = _make_request(secrets.device, phrase)
    reply = line.ask("POST", _RENEWALS, {"request": request}, kind=CallKind.ENROLMENT)
    if isinstance(reply, NoReply):
        return reply.refusal

    def read(fields: Fields) -> Issued:
        renewed = replace(secrets, renew_at=fields.moment("renew_at"), expires_at=fields.moment("expires_at"))
        return Issued(renewed, _pem(fields, "certificate") + key)

    return wire.parsed(reply.body, read)


def _issued(reply: bytes, device: str, pair: sm2.Sm2Pair, signing: Signing, key: str) -> Issued | Refusal:
    def read(fields: Fields) -> Issued:
        secrets = LineSecrets(
            device=device,
            key_id=fields.hexes("key_id", 16),
            signing=signing,
            private_key=pair.private,
            public_key=pair.public,
            shared_key=sm2.decrypt(pair, bytes.fromhex(fields.hexes("shared_key"))) or b"",
            province_key=bytes.fromhex(fields.hexes("province_key", 64)),
            sealing_key=bytes.fromhex(fields.hexes("sealing_key", 64)),
            renew_at=fields.moment("renew_at"),
            expires_at=fields.moment("expires_at"),
        )
        return Issued(secrets, _pem(fields, "certificate") + key)

    found = wire.parsed(reply, read)
    if isinstance(found, Issued) and not found.secrets.shared_key:
        return Refusal.of(wire.NONSENSE, field="shared_key")
    return found


def _pem(fields: Fields, field: str) -> str:
    # A PEM has line ends, which no other text of the wire has.
    lines = str(fields.values.get(field, "")).splitlines()
    return "".join(f"{Fields({field: line}).text(field)}\n" for line in lines)


def _make_request(device: str, phrase: str) -> tuple[str, str]:
    """Make a key for TLS; returns the request for its certificate, and the key itself encrypted, both PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, device)])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(phrase.encode()))
    return request.public_bytes(Encoding.PEM).decode("ascii"), sealed.decode("ascii")


def _post(asking: Asking, path: str, body: dict[str, str]) -> bytes | Refusal:
    """Post before there are any keys; the answer's body."""
    limits = call_kinds.load()[CallKind.ENROLMENT]
    verify = asking.trust or line_tls.trust_for(asking.url, None)
    headers = {DEVICE: quote(asking.device, safe="")}
    try:
        with httpx.Client(
            base_url=asking.url, verify=verify, trust_env=False, timeout=limits.read_s, transport=asking.transport
        ) as client:
            reply = client.post(path, json=body, headers=headers)
    except httpx.TransportError as error:
        return Refusal(line_tls.refusal_code(error) or "PROVINCE-AWAY")
    if reply.is_success:
        return reply.content
    if reply.is_server_error:
        return Refusal("PROVINCE-BUSY")
    code = wire.parse_problem(reply.content) or f"HTTP {reply.status_code}"
    if code.startswith("LINE-"):
        return Refusal(code)
    return Refusal.of("PROVINCE-REFUSED", status=reply.status_code, reason=code)
